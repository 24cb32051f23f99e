"""A version that passed its gates becomes champion once, whoever else moves the alias at the same time."""

from typing import Any

import pytest
from obstore.store import MemoryStore

from mlops.errors.registry import VersionNotHeld, VersionRefused
from mlops.registry.aliases import CHAMPION, Alias, Aliases
from mlops.registry.manifest.evidence import Comparison
from mlops.registry.manifest.manifest import Gate
from mlops.registry.promotion import Standing, approve_version, promote_candidate, promote_version
from mlops.registry.versions import Versions
from tests.unit.mlops.registry.samples import FILES, make_manifest


class Contested(Aliases):
    """Aliases that somebody else moves right before each of the first few moves."""

    def __init__(self, store: MemoryStore, rivals: list[int]) -> None:
        super().__init__(store, "leaves")
        self.rivals = rivals

    def move(self, name: str, version: int, **details: Any) -> Alias:
        if self.rivals:
            super().move(name, self.rivals.pop(0), by="rival", why="was quicker", seen=details["seen"])
        return super().move(name, version, **details)


def read(aliases: Aliases) -> Alias:
    alias = aliases.read(CHAMPION)
    assert alias
    return alias


def promote(aliases: Aliases, version: int, *, accepted: bool = True, as_good: bool = True) -> Standing:
    """The standing of a version that was compared with no champion, and is or isn't as good as the present one."""
    gate = Gate(name="champion", passed=as_good)
    manifest = make_manifest(version, accepted=accepted)
    return promote_candidate(manifest, aliases, by="training", why="passed", gates_against=lambda _: [gate])


@pytest.fixture
def aliases() -> Contested:
    return Contested(MemoryStore(), [])


def test_the_first_version_that_passes_is_promoted(aliases: Contested) -> None:
    assert promote(aliases, 1) == "promoted"
    (move,) = read(aliases).history
    assert (move.version, move.by, move.why) == (1, "training", "passed")


def test_a_newer_version_that_passes_is_promoted(aliases: Contested) -> None:
    promote(aliases, 1)
    assert promote(aliases, 2) == "promoted"
    assert read(aliases).version == 2


def test_a_version_that_fails_a_gate_is_refused(aliases: Contested) -> None:
    promote(aliases, 1)
    assert promote(aliases, 2, accepted=False) == "refused"
    assert read(aliases).version == 1


def test_a_version_that_waits_for_approval_is_held_until_a_person_approves_it() -> None:
    store = MemoryStore()
    versions, aliases = Versions(store, "leaves"), Aliases(store, "leaves")
    gates = (Gate(name="consistency/size", passed=False, approvable=True),)
    held = make_manifest(1).model_copy(update={"gates": gates})
    versions.write(held, FILES)
    assert promote_candidate(held, aliases, why="passed", gates_against=lambda _: []) == "held"
    assert aliases.find(CHAMPION) is None
    with pytest.raises(VersionRefused):
        promote_version(versions, aliases, 1, by="ann", why="it is right")
    approve_version(versions, aliases, 1, by="ann", why="it is right")
    (move,) = read(aliases).history
    assert (move.version, move.by, move.why) == (1, "ann", "it is right")


@pytest.mark.parametrize(
    ("failed", "words"), [((), "passed its gates"), (("floor/accuracy", "consistency/size"), "no approval changes")]
)
def test_only_a_version_that_waits_for_approval_is_approved(failed: tuple[str, ...], words: str) -> None:
    store = MemoryStore()
    versions, aliases = Versions(store, "leaves"), Aliases(store, "leaves")
    gates = tuple(Gate(name=name, passed=False, approvable=name.startswith("consistency")) for name in failed)
    versions.write(make_manifest(1).model_copy(update={"gates": gates}), FILES)
    with pytest.raises(VersionNotHeld, match=words):
        approve_version(versions, aliases, 1, by="ann", why="it is right")
    assert aliases.find(CHAMPION) is None


def test_a_version_that_is_not_as_good_as_a_champion_promoted_in_the_meantime_is_kept(aliases: Contested) -> None:
    promote(aliases, 1)
    assert promote(aliases, 2, as_good=False) == "kept"
    assert read(aliases).version == 1


def test_a_version_that_was_compared_with_the_champion_is_not_compared_again(aliases: Contested) -> None:
    promote(aliases, 1)
    manifest = make_manifest(2).model_copy(update={"comparison": Comparison(version=1, reason="compared before")})
    compared: list[int] = []

    def gates_against(champion: int) -> list[Gate]:
        compared.append(champion)
        return []

    assert promote_candidate(manifest, aliases, by="training", why="passed", gates_against=gates_against) == "promoted"
    assert compared == []


def test_an_older_version_is_kept(aliases: Contested) -> None:
    promote(aliases, 2)
    assert promote(aliases, 1) == "kept"
    assert read(aliases).version == 2


@pytest.mark.parametrize("version", [1, 2])
def test_a_version_that_was_champion_before_changes_nothing(aliases: Contested, version: int) -> None:
    promote(aliases, 1)
    promote(aliases, 2)
    before = read(aliases)
    assert promote(aliases, version) == "unchanged"
    assert read(aliases) == before


@pytest.mark.parametrize(
    ("rivals", "standing", "champion"),
    [([1, 2], "promoted", 3), ([1, 7], "kept", 7), ([3], "unchanged", 3)],
)
def test_a_promotion_that_lost_a_race_is_decided_again(rivals: list[int], standing: Standing, champion: int) -> None:
    aliases = Contested(MemoryStore(), list(rivals))
    assert promote(aliases, 3) == standing
    assert read(aliases).version == champion
    assert [move.version for move in read(aliases).history if move.by == "rival"] == rivals
