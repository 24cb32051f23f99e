"""A version that earned it becomes the champion, once, whoever else moves the alias meanwhile."""

import pytest
from obstore.store import MemoryStore

from mlops.registry.aliases import CHAMPION, Alias, Aliases
from mlops.training.promote import Standing, promote
from tests.unit.mlops.registry.samples import make_manifest


class Contested(Aliases):
    """Aliases that somebody else moves right before each of the first few moves."""

    def __init__(self, store: MemoryStore, rivals: list[int]) -> None:
        super().__init__(store, "leaves")
        self.rivals = rivals

    def move(self, name: str, version: int, *, by: str, why: str, seen: Alias | None) -> Alias:
        if self.rivals:
            super().move(name, self.rivals.pop(0), by="rival", why="was quicker", seen=seen)
        return super().move(name, version, by=by, why=why, seen=seen)


def read(aliases: Aliases) -> Alias:
    alias = aliases.read(CHAMPION)
    assert alias
    return alias


def stand(aliases: Aliases, version: int, *, accepted: bool = True) -> Standing:
    return promote(make_manifest(version, accepted=accepted), aliases, by="training", why="passed")


@pytest.fixture
def aliases() -> Contested:
    return Contested(MemoryStore(), [])


def test_the_first_version_that_passes_is_promoted(aliases: Contested) -> None:
    assert stand(aliases, 1) == "promoted"
    (move,) = read(aliases).history
    assert (move.version, move.by, move.why) == (1, "training", "passed")


def test_a_newer_version_that_passes_is_promoted(aliases: Contested) -> None:
    stand(aliases, 1)
    assert stand(aliases, 2) == "promoted"
    assert read(aliases).version == 2


def test_a_version_that_fails_a_gate_is_refused(aliases: Contested) -> None:
    stand(aliases, 1)
    assert stand(aliases, 2, accepted=False) == "refused"
    assert read(aliases).version == 1


def test_an_older_version_is_kept(aliases: Contested) -> None:
    stand(aliases, 2)
    assert stand(aliases, 1) == "kept"
    assert read(aliases).version == 2


@pytest.mark.parametrize("version", [1, 2])
def test_a_version_that_was_champion_before_changes_nothing(aliases: Contested, version: int) -> None:
    stand(aliases, 1)
    stand(aliases, 2)
    before = read(aliases)
    assert stand(aliases, version) == "unchanged"
    assert read(aliases) == before


@pytest.mark.parametrize(
    ("rivals", "standing", "champion"),
    [([1, 2], "promoted", 3), ([1, 7], "kept", 7), ([3], "unchanged", 3)],
)
def test_who_lost_a_race_decides_anew(rivals: list[int], standing: Standing, champion: int) -> None:
    aliases = Contested(MemoryStore(), list(rivals))
    assert stand(aliases, 3) == standing
    assert read(aliases).version == champion
    assert [move.version for move in read(aliases).history if move.by == "rival"] == rivals
