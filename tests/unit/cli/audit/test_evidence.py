"""The evidence of a moment before, during and after promotions, rollbacks and challengers."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from obstore.store import MemoryStore

from cli.audit.evidence import Evidence, gather
from cli.errors import CommandError
from cli.models.registered_model import RegisteredModel
from mlops.errors.registry import VersionNotFound
from mlops.registry.aliases import Aliases
from mlops.registry.challenge import challenge, withdraw
from mlops.registry.promotion import promote_version, roll_back
from mlops.registry.versions import Versions
from tests.unit.mlops.records.bucket import CONTRACT, MODEL, NOON, make_record, put_lines, put_records
from tests.unit.mlops.serving.artifacts import put_version

TICK = timedelta(microseconds=1)
END = NOON + timedelta(hours=6)

type Ask = Callable[[datetime], Evidence]


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


@pytest.fixture
def records() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def model() -> RegisteredModel:
    """Version 1 from noon, version 2 its challenger with a tenth from 1 to 2, champion from 3, rolled back at 4."""
    registry = MemoryStore()
    for number in (1, 2):
        put_version(registry, number, model=MODEL, contract=CONTRACT)
    versions = Versions(registry, MODEL)

    def moved(hours: float) -> Aliases:
        return Aliases(registry, MODEL, lambda: at(hours))

    promote_version(versions, moved(0), 1, by="ada", why="the first")
    challenge(versions, moved(1), 2, share=0.1, by="ada", why="a canary")
    withdraw(moved(2), by="ada", why="it has been seen enough")
    promote_version(versions, moved(3), 2, by="bob", why="better")
    roll_back(versions, moved(4), by="cy", why="complaints")
    return RegisteredModel(MODEL, versions, Aliases(registry, MODEL))


@pytest.fixture
def ask(model: RegisteredModel, records: MemoryStore) -> Ask:
    return lambda moment: gather(model, records, moment, timedelta(minutes=5), END)


@pytest.mark.parametrize(
    ("moment", "champion", "challenger"),
    [
        (at(0), 1, None),
        (at(1) - TICK, 1, None),
        (at(1), 1, 2),
        (at(1.5), 1, 2),
        (at(2) - TICK, 1, 2),
        (at(2), 1, None),
        (at(3) - TICK, 1, None),
        (at(3), 2, None),
        (at(4) - TICK, 2, None),
        (at(4), 1, None),
        (END, 1, None),
    ],
)
def test_the_versions_of_a_moment_follow_the_history(
    ask: Ask, moment: datetime, champion: int, challenger: int | None
) -> None:
    found = ask(moment)
    assert found.champion.move.version == champion
    assert (found.challenger.move.version if found.challenger else None) == challenger
    assert found.manifests.keys() == {champion} | ({challenger} if challenger else set())
    assert all(manifest and manifest.version == number for number, manifest in found.manifests.items())


def test_it_says_who_moved_the_champion_and_what_ended_it(ask: Ask) -> None:
    champion = ask(at(3.5)).champion
    assert (champion.move.by, champion.move.why, champion.move.action) == ("bob", "better", "promotion")
    assert champion.successor
    assert (champion.successor.by, champion.successor.action) == ("cy", "rollback")
    assert (champion.start, champion.end) == (at(3), at(4))


def test_a_moment_before_the_first_champion_is_refused_with_the_first_ones_time(ask: Ask) -> None:
    with pytest.raises(
        CommandError, match=r"answered at .*11:59:59.*version 1, was promoted at 2026-11-29 12:00:00 UTC"
    ):
        ask(NOON - TICK)


def test_a_moment_in_the_future_is_refused(ask: Ask) -> None:
    with pytest.raises(CommandError, match="18:00:00 UTC is in the future: it's 2026-11-29 18:00:00 UTC"):
        ask(END + TICK)


def test_a_model_that_never_had_a_champion_is_refused(records: MemoryStore) -> None:
    registry = MemoryStore()
    put_version(registry, 1, model=MODEL, contract=CONTRACT)
    model = RegisteredModel(MODEL, Versions(registry, MODEL), Aliases(registry, MODEL))
    with pytest.raises(CommandError, match="never had a champion"):
        gather(model, records, NOON, timedelta(minutes=5), END)


def test_answers_are_counted_once_by_version_and_role_within_the_window(ask: Ask, records: MemoryStore) -> None:
    canary = at(1.5)
    made = [make_record(canary + timedelta(seconds=number), number, model_version=1) for number in range(9)]
    made.append(make_record(canary + timedelta(seconds=9), 9, model_version=2, role="challenger"))
    made += [
        make_record(canary + timedelta(seconds=20 + number), 20 + number, model_version=1, challenger_version=2)
        for number in range(3)
    ]
    outside = [
        make_record(canary - timedelta(minutes=5, milliseconds=2), 50, model_version=1),
        make_record(canary + timedelta(minutes=5), 51, model_version=1),
    ]
    put_records(records, [*made, *outside, made[0]])
    found = ask(canary)
    assert [(each.version, each.role, each.answers) for each in found.answers] == [
        (1, "champion", 12),
        (2, "challenger", 1),
        (2, "shadow", 3),
    ]
    assert found.answers[0].first == canary + timedelta(milliseconds=1)
    assert found.answers[0].last == canary + timedelta(seconds=22, milliseconds=1)


def test_a_version_that_still_answered_after_a_move_is_described_too(ask: Ask, records: MemoryStore) -> None:
    put_records(records, [make_record(at(3) + timedelta(seconds=1), 1, model_version=1)])
    found = ask(at(3))
    assert found.champion.move.version == 2
    assert [*found.manifests] == [2, 1]


def test_a_version_that_the_registry_lacks_is_named_without_a_manifest(ask: Ask, records: MemoryStore) -> None:
    put_records(records, [make_record(at(3.5), 1, model_version=7, role="requested")])
    assert ask(at(3.5)).manifests[7] is None


def test_lines_that_are_no_records_are_counted(ask: Ask, records: MemoryStore) -> None:
    put_lines(records, "damaged", [b"no record"])
    found = ask(at(0.5))
    assert (found.answers, found.report.unreadable) == ((), 1)


def test_a_champion_whose_manifest_is_gone_is_an_error(records: MemoryStore) -> None:
    registry = MemoryStore()
    aliases = Aliases(registry, MODEL, lambda: NOON)
    aliases.move("champion", 3, by="ada", why="it was there", seen=None)
    model = RegisteredModel(MODEL, Versions(registry, MODEL), aliases)
    with pytest.raises(VersionNotFound):
        gather(model, records, NOON, timedelta(minutes=5), END)
