"""A version that earned it becomes the champion, once, whoever else moves the alias meanwhile."""

from typing import Any

import pytest
from obstore.store import MemoryStore

from mlops.registry.aliases import CHAMPION, Alias, Aliases
from mlops.registry.manifest.evidence import Comparison
from mlops.registry.manifest.manifest import Gate
from mlops.registry.promotion import Standing, promote_candidate
from tests.unit.mlops.registry.samples import make_manifest


class Contested(Aliases):
    """Aliases that somebody else moves right before each of the first few moves."""

    def __init__(self, store: MemoryStore, rivals: list[int]) -> None:
        super().__init__(store, "leaves")
        self.rivals = rivals

    def move(self, name: str, version: int, *, seen: Alias | None, **more: Any) -> Alias:
        if self.rivals:
            super().move(name, self.rivals.pop(0), by="rival", why="was quicker", seen=seen)
        return super().move(name, version, seen=seen, **more)


def read(aliases: Aliases) -> Alias:
    alias = aliases.read(CHAMPION)
    assert alias
    return alias


def stand(aliases: Aliases, version: int, *, accepted: bool = True, as_good: bool = True) -> Standing:
    """What becomes of a version that was made beside no champion, and is or isn't as good as who serves now."""
    gate = Gate(name="champion", passed=as_good)
    manifest = make_manifest(version, accepted=accepted)
    return promote_candidate(manifest, aliases, by="training", why="passed", meet=lambda _: [gate])


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


def test_a_version_that_is_not_as_good_as_one_that_came_to_serve_meanwhile_is_kept(aliases: Contested) -> None:
    stand(aliases, 1)
    assert stand(aliases, 2, as_good=False) == "kept"
    assert read(aliases).version == 1


def test_a_version_that_was_compared_with_who_serves_is_not_compared_again(aliases: Contested) -> None:
    stand(aliases, 1)
    manifest = make_manifest(2).model_copy(update={"comparison": Comparison(version=1, reason="told before")})
    met: list[int] = []

    def meet(champion: int) -> list[Gate]:
        met.append(champion)
        return []

    assert promote_candidate(manifest, aliases, by="training", why="passed", meet=meet) == "promoted"
    assert met == []


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
