"""Who challenges the champion, and how much of its traffic the challenger gets."""

import pytest
from obstore.store import MemoryStore

from mlops.errors.registry import AliasMoved, AliasNotFound, ChallengeRefused, VersionNotFound
from mlops.registry.aliases import CHALLENGER, Alias, Aliases
from mlops.registry.challenge import challenge, withdraw
from mlops.registry.versions import Versions
from tests.unit.mlops.registry.samples import FILES, make_manifest


@pytest.fixture
def versions() -> Versions:
    found = Versions(MemoryStore(), "leaves")
    for number, accepted in ((1, True), (2, False)):
        assert found.claim(f"key-{number}") == number
        found.write(make_manifest(number, f"key-{number}", accepted=accepted), FILES)
    return found


@pytest.fixture
def aliases(versions: Versions) -> Aliases:
    return Aliases(versions._store, "leaves")


def read(aliases: Aliases) -> Alias:
    alias = aliases.read(CHALLENGER)
    assert alias
    return alias


def test_a_challenger_has_a_version_and_a_share_and_remembers_the_ones_before(
    versions: Versions, aliases: Aliases
) -> None:
    challenge(versions, aliases, 1, share=0.1, by="ann", why="it looks better")
    challenge(versions, aliases, 1, share=0.25, by="ann", why="so far so good")
    alias = read(aliases)
    assert (alias.version, alias.share, alias.withdrawn) == (1, 0.25, False)
    assert [(move.share, move.why) for move in alias.history] == [(0.1, "it looks better"), (0.25, "so far so good")]


def test_a_version_that_failed_a_gate_may_shadow_but_not_answer(versions: Versions, aliases: Aliases) -> None:
    with pytest.raises(ChallengeRefused, match=r"failed its gates \(floor/accuracy\)"):
        challenge(versions, aliases, 2, share=0.1, by="ann", why="let us see")
    assert aliases.names() == []
    assert challenge(versions, aliases, 2, share=0, by="ann", why="let us see").version == 2


def test_a_version_that_does_not_exist_cannot_be_challenger(versions: Versions, aliases: Aliases) -> None:
    with pytest.raises(VersionNotFound):
        challenge(versions, aliases, 9, share=0, by="ann", why="a typing error")


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_lies_between_nothing_and_all(versions: Versions, aliases: Aliases, share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        challenge(versions, aliases, 1, share=share, by="ann", why="a typing error")


def test_a_challenger_that_is_withdrawn_has_no_share_and_may_come_back(versions: Versions, aliases: Aliases) -> None:
    challenge(versions, aliases, 1, share=0.5, by="ann", why="it looks better")
    withdraw(aliases, by="bob", why="it isn't")
    assert (read(aliases).withdrawn, read(aliases).share) == (True, 0.0)
    challenge(versions, aliases, 1, share=0.0, by="ann", why="once more")
    assert not read(aliases).withdrawn


def test_no_challenger_cannot_be_withdrawn(aliases: Aliases) -> None:
    with pytest.raises(AliasNotFound):
        withdraw(aliases, by="bob", why="tidying up")


def test_a_decision_about_a_challenger_that_somebody_moved_since_is_refused(
    versions: Versions, aliases: Aliases
) -> None:
    challenge(versions, aliases, 1, share=0.5, by="ann", why="it looks better", seen_moves=0)
    with pytest.raises(AliasMoved):
        challenge(versions, aliases, 2, share=0, by="bob", why="this one", seen_moves=0)
    with pytest.raises(AliasMoved):
        withdraw(aliases, by="bob", why="it isn't", seen_moves=2)
    assert [move.by for move in read(aliases).history] == ["ann"]
    assert withdraw(aliases, by="bob", why="it isn't", seen_moves=1).withdrawn
