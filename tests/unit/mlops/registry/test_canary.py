"""A canary starts once, ends once, and leaves no doubt about which version is champion."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from obstore.store import MemoryStore

from mlops.contract import Column
from mlops.errors.registry import AliasMoved, CanaryNotRunning, CanaryRefused, ChallengeRefused, VersionNotFound
from mlops.registry.aliases import CHALLENGER, CHAMPION, Alias, Aliases, Canary
from mlops.registry.canary import (
    MONITORING,
    CanaryPlan,
    accept_canary,
    complete_acceptance,
    end_superseded,
    find_canary,
    start_canary,
    stop_canary,
    withdraw_canary,
)
from mlops.registry.challenge import challenge
from mlops.registry.manifest.evidence import Comparison
from mlops.registry.manifest.manifest import Gate
from mlops.registry.promotion import promote_candidate, promote_version, roll_back
from mlops.registry.standard import best_version
from mlops.registry.versions import Versions
from tests.unit.mlops.registry.samples import FILES, make_difference, make_manifest

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLAN = CanaryPlan(share=0.1, lasts=timedelta(days=7))


class Interrupted(Aliases):
    """Aliases where others act right before a move, or whose process dies there."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store, "leaves", lambda: NOON)
        self.before: list[Callable[[str], object]] = []

    def move(self, name: str, version: int, **details: Any) -> Alias:
        if self.before:
            self.before.pop(0)(name)
        return super().move(name, version, **details)


@pytest.fixture
def versions() -> Versions:
    """Versions 1 to 3 are fit, 4 failed a gate, 5 takes another column."""
    found = Versions(MemoryStore(), "leaves")
    for number in range(1, 6):
        assert found.claim(f"key-{number}") == number
        manifest = make_manifest(number, f"key-{number}", accepted=number != 4)
        if number == 5:
            contract = manifest.contract
            more = contract.model_copy(update={"columns": (*contract.columns, Column(name="more", required=False))})
            manifest = manifest.model_copy(update={"contract": more})
        found.write(manifest, FILES)
    return found


@pytest.fixture
def aliases(versions: Versions) -> Interrupted:
    found = Interrupted(versions._store)  # type: ignore[arg-type]
    found.move(CHAMPION, 1, by="ann", why="the first", seen=None)
    return found


def start(versions: Versions, aliases: Aliases, number: int = 2, plan: CanaryPlan = PLAN) -> Alias:
    return start_canary(versions, aliases, number, plan, by="ann", why="tried")


def moves(aliases: Aliases, name: str) -> list[tuple[int, str]]:
    alias = aliases.find(name)
    return [(move.version, move.action) for move in alias.history] if alias else []


def test_a_canary_knows_its_share_its_champion_and_its_end(versions: Versions, aliases: Aliases) -> None:
    alias = start(versions, aliases)
    assert (alias.version, alias.share) == (2, 0.1)
    assert alias.canary == Canary(against=1, moves=1, until=NOON + timedelta(days=7))
    assert find_canary(aliases) == alias
    assert moves(aliases, CHAMPION) == [(1, "promotion")]


def test_the_same_canary_starts_once(versions: Versions, aliases: Aliases) -> None:
    assert start(versions, aliases) == start(versions, aliases)
    assert len(moves(aliases, CHALLENGER)) == 1


@pytest.mark.parametrize("number", [2, 3])
def test_a_second_canary_is_refused_until_the_first_is_over(versions: Versions, aliases: Aliases, number: int) -> None:
    start(versions, aliases)
    with pytest.raises(CanaryRefused, match="version 2 is in a canary until 2026-11-30 12:00 UTC"):
        start(versions, aliases, number, CanaryPlan(share=0.2, lasts=timedelta(days=1)))
    with pytest.raises(ChallengeRefused, match="version 2 is in a canary"):
        challenge(versions, aliases, number, share=0, by="bob", why="shadow")
    stop_canary(aliases, by="ann", why="enough")
    assert start(versions, aliases, number).version == number


def test_of_two_that_start_at_once_one_is_refused(versions: Versions, aliases: Interrupted) -> None:
    aliases.before.append(lambda _: start(versions, Aliases(versions._store, "leaves", lambda: NOON), 3))
    with pytest.raises(CanaryRefused, match="version 3 is in a canary"):
        start(versions, aliases, 2)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (1, "it's the champion"),
        (4, r"it failed its gates \(floor/accuracy\)"),
        (5, "it takes other columns than version 1"),
    ],
)
def test_a_version_that_cannot_be_compared_is_refused(
    versions: Versions, aliases: Aliases, number: int, reason: str
) -> None:
    with pytest.raises(CanaryRefused, match=reason):
        start(versions, aliases, number)
    assert moves(aliases, CHALLENGER) == []


def test_a_canary_needs_a_version_and_a_champion(versions: Versions, aliases: Aliases) -> None:
    with pytest.raises(VersionNotFound):
        start(versions, aliases, 9)
    with pytest.raises(CanaryRefused, match="no champion yet"):
        start(versions, Aliases(MemoryStore(), "leaves"), 2)


@pytest.mark.parametrize(("share", "days"), [(0, 7), (1, 7), (float("nan"), 7), (0.1, 0), (0.1, -1)])
def test_a_plan_has_a_share_and_a_length(share: float, days: float) -> None:
    with pytest.raises(ValueError, match="canary"):
        CanaryPlan(share=share, lasts=timedelta(days=days))


def test_a_person_may_insist_on_a_version_that_failed_a_gate(versions: Versions, aliases: Aliases) -> None:
    assert start_canary(versions, aliases, 4, PLAN, by="ann", why="tried", insist=True).version == 4


def test_a_challenger_in_the_shadow_becomes_a_canary(versions: Versions, aliases: Aliases) -> None:
    challenge(versions, aliases, 2, share=0, by="ann", why="shadow")
    assert start(versions, aliases).share == 0.1


def test_a_stopped_canary_is_withdrawn_and_nothing_else_is_to_stop(versions: Versions, aliases: Aliases) -> None:
    start(versions, aliases)
    stop_canary(aliases, by="bob", why="no")
    assert moves(aliases, CHALLENGER) == [(2, "promotion"), (2, "withdrawal")]
    assert find_canary(aliases) is None
    with pytest.raises(CanaryNotRunning):
        stop_canary(aliases, by="bob", why="no")


def test_an_accepted_canary_is_champion_with_who_and_why(versions: Versions, aliases: Aliases) -> None:
    accepted = accept_canary(aliases, start(versions, aliases), by=MONITORING, why="not worse")
    assert accepted
    assert (accepted.version, accepted.history[-1].by, accepted.history[-1].why) == (2, MONITORING, "not worse")
    assert moves(aliases, CHALLENGER) == [(2, "promotion"), (2, "acceptance")]
    assert complete_acceptance(aliases) is None, "nothing is left to do"


def test_an_acceptance_that_was_interrupted_is_completed_once(versions: Versions, aliases: Interrupted) -> None:
    def die(_: str) -> None:
        raise KeyboardInterrupt

    seen = start(versions, aliases)
    aliases.before = [lambda _: None, die]
    with pytest.raises(KeyboardInterrupt):
        accept_canary(aliases, seen, by=MONITORING, why="not worse")
    assert moves(aliases, CHAMPION) == [(1, "promotion")]
    completed = complete_acceptance(aliases)
    assert completed
    assert completed.history[-1].why == "not worse"
    roll_back(versions, aliases, by="ann", why="no")
    assert complete_acceptance(aliases) is None, "what a person decided since stands"
    assert moves(aliases, CHAMPION) == [(1, "promotion"), (2, "promotion"), (1, "rollback")]


def test_of_stopping_and_accepting_at_once_only_the_first_happens(versions: Versions, aliases: Interrupted) -> None:
    seen = start(versions, aliases)
    aliases.before.append(lambda _: stop_canary(Aliases(versions._store, "leaves"), by="ann", why="no"))
    with pytest.raises(AliasMoved):
        accept_canary(aliases, seen, by=MONITORING, why="not worse")
    assert moves(aliases, CHAMPION) == [(1, "promotion")]
    with pytest.raises(AliasMoved):
        withdraw_canary(aliases, seen, by=MONITORING, why="worse")


@pytest.mark.parametrize("number", [2, 3])
def test_whoever_moves_the_champion_ends_the_canary(versions: Versions, aliases: Aliases, number: int) -> None:
    start(versions, aliases)
    promote_version(versions, aliases, number, by="bob", why="at once")
    assert find_canary(aliases) is None
    ended = aliases.find(CHALLENGER)
    assert ended
    assert ended.history[-1].by == "bob"
    expected = f"moved from version 1 to version {number}: promotion by bob, at once"
    assert expected in ended.history[-1].why


def test_a_rollback_ends_the_canary_also_if_the_champion_comes_back(versions: Versions, aliases: Aliases) -> None:
    promote_version(versions, aliases, 2, by="ann", why="better")
    start(versions, aliases, 3)
    # As by a process that dies right after it.
    aliases.move(CHAMPION, 1, by="bob", why="no", seen=aliases.find(CHAMPION), action="rollback")
    aliases.move(CHAMPION, 2, by="bob", why="yes", seen=aliases.find(CHAMPION))
    assert find_canary(aliases)
    ended = end_superseded(aliases)
    assert ended
    assert "from version 2 to version 1: rollback by bob, no" in ended.history[-1].why
    assert end_superseded(aliases) is None


def test_a_canary_whose_champion_was_moved_is_no_obstacle(versions: Versions, aliases: Aliases) -> None:
    start(versions, aliases, 2)
    aliases.move(CHAMPION, 4, by="bob", why="no", seen=aliases.find(CHAMPION))
    assert start(versions, aliases, 3).version == 3
    assert moves(aliases, CHALLENGER) == [(2, "promotion"), (2, "withdrawal"), (3, "promotion")]


def train(versions: Versions, aliases: Aliases, number: int) -> str:
    return promote_candidate(
        make_manifest(number),
        aliases,
        why="passed",
        gates_against=lambda _: [Gate(name="champion", passed=True)],
        start_canary=lambda: start(versions, aliases, number),
    )


def test_training_tries_a_version_out_once_and_promotes_the_first_at_once(versions: Versions) -> None:
    aliases = Aliases(versions._store, "leaves", lambda: NOON)
    assert train(versions, aliases, 1) == "promoted"
    assert [train(versions, aliases, 2), train(versions, aliases, 2)] == ["canary", "canary"]
    assert train(versions, aliases, 3) == "waiting"
    stop_canary(aliases, by="ann", why="no")
    assert train(versions, aliases, 2) == "unchanged"
    assert train(versions, aliases, 3) == "canary"
    assert moves(aliases, CHAMPION) == [(1, "promotion")]


@pytest.mark.parametrize(("by", "best"), [(MONITORING, 1), ("ann", 6)])
def test_what_a_canary_promoted_does_not_lower_the_standard(
    versions: Versions, aliases: Aliases, by: str, best: int
) -> None:
    assert versions.claim("key-6") == 6
    compared = Comparison(version=1, rows=200, overall=make_difference("not worse"))
    versions.write(make_manifest(6, "key-6").model_copy(update={"comparison": compared}), FILES)
    accept_canary(aliases, start(versions, aliases, 6), by=by, why="not worse by more than the margin")
    assert best_version(versions, aliases) == best
