"""Promotions and rollbacks by people: one write each, with a history, and never over another decision unseen."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import obstore
import pytest
from obstore.store import MemoryStore

from mlops.errors.registry import AliasMoved, AliasNotFound, NothingBefore, VersionNotFound, VersionRefused
from mlops.registry.aliases import CHAMPION, Alias, Aliases
from mlops.registry.manifest.manifest import VersionManifest
from mlops.registry.promotion import approve_version, champion_version, promote_version, roll_back
from mlops.registry.versions import Versions
from mlops.tracking.mirror import register_version
from tests.unit.mlops.registry.samples import FILES, make_manifest


@pytest.fixture
def versions(store: MemoryStore) -> Versions:
    """Versions 1 to 4, of which the last failed a gate."""
    versions = Versions(store, "leaves")
    for number in (1, 2, 3, 4):
        key = f"key {number}"
        assert versions.claim(key) == number
        versions.write(make_manifest(number, key, accepted=number < 4), FILES)
    return versions


type Promote = Callable[[int], Alias]


@pytest.fixture
def promote(versions: Versions, aliases: Aliases) -> Promote:
    return lambda number: promote_version(versions, aliases, number, by="ann", why="because")


def served(alias: Alias) -> list[tuple[int, str]]:
    return [(move.version, move.action) for move in alias.history]


def test_a_promotion_is_one_move_of_the_champion(promote: Promote) -> None:
    promote(1)
    assert served(promote(2)) == [(1, "promotion"), (2, "promotion")]


def test_promoting_what_serves_changes_nothing(promote: Promote) -> None:
    assert promote(1) == promote(1)


def test_a_version_that_does_not_exist_is_not_promoted(promote: Promote, aliases: Aliases) -> None:
    with pytest.raises(VersionNotFound, match="no version 9"):
        promote(9)
    assert aliases.find(CHAMPION) is None


def test_a_refused_version_is_promoted_only_if_a_person_insists(
    promote: Promote, versions: Versions, aliases: Aliases
) -> None:
    with pytest.raises(VersionRefused, match="failed its gates: floor/accuracy"):
        promote(4)
    assert promote_version(versions, aliases, 4, by="ann", why="I know", insist=True).version == 4


def test_a_rollback_goes_back_to_what_served_before(promote: Promote, versions: Versions, aliases: Aliases) -> None:
    for number in (1, 2, 3):
        promote(number)
    assert roll_back(versions, aliases, by="ann", why="odd").version == 2


def test_a_second_rollback_goes_one_further_and_not_forward_again(
    promote: Promote, versions: Versions, aliases: Aliases
) -> None:
    for number in (1, 2, 3):
        promote(number)
    roll_back(versions, aliases, by="ann", why="odd")
    alias = roll_back(versions, aliases, by="ann", why="still odd")
    assert alias.version == 1
    with pytest.raises(NothingBefore, match="Version 1 of 'leaves' is the first champion"):
        roll_back(versions, aliases, by="ann", why="more")


def test_a_version_promoted_again_after_a_rollback_rolls_back_to_what_it_replaced_last(
    promote: Promote, versions: Versions, aliases: Aliases
) -> None:
    for number in (1, 2, 3, 2):
        promote(number)
    assert roll_back(versions, aliases, by="ann", why="odd").version == 3


def test_a_rollback_can_name_its_version(promote: Promote, versions: Versions, aliases: Aliases) -> None:
    for number in (1, 2, 3):
        promote(number)
    assert roll_back(versions, aliases, by="ann", why="odd", to=1).version == 1
    with pytest.raises(VersionNotFound):
        roll_back(versions, aliases, by="ann", why="odd", to=9)


def test_from_a_version_that_was_never_promoted_a_rollback_goes_to_the_one_before_it_and_on_from_there(
    promote: Promote, versions: Versions, aliases: Aliases
) -> None:
    for number in (1, 2):
        promote(number)
    assert roll_back(versions, aliases, by="ann", why="try it", to=3).version == 3
    assert roll_back(versions, aliases, by="ann", why="odd").version == 2
    assert roll_back(versions, aliases, by="ann", why="odd too").version == 1
    with pytest.raises(NothingBefore):
        roll_back(versions, aliases, by="ann", why="more")


def test_between_two_versions_that_were_never_promoted_no_rollback_goes_forward_again(
    promote: Promote, versions: Versions, aliases: Aliases
) -> None:
    promote(1)
    for number in (2, 3):
        roll_back(versions, aliases, by="ann", why="try it", to=number)
    assert [roll_back(versions, aliases, by="ann", why="odd").version for _ in range(2)] == [2, 1]


def test_without_a_champion_there_is_nothing_to_roll_back(versions: Versions, aliases: Aliases) -> None:
    with pytest.raises(AliasNotFound):
        roll_back(versions, aliases, by="ann", why="odd")


def test_a_rollback_of_a_version_that_is_no_longer_champion_is_refused(
    promote: Promote, versions: Versions, aliases: Aliases
) -> None:
    for number in (1, 2, 3):
        promote(number)
    with pytest.raises(AliasMoved):
        roll_back(versions, aliases, by="ann", why="2 is odd", instead_of=2)
    assert promote(3).version == 3


@pytest.mark.parametrize("call", range(1, 4))
def test_a_promotion_at_any_moment_of_a_rollback_is_never_lost(
    promote: Promote, versions: Versions, aliases: Aliases, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    for number in (1, 2):
        promote(number)
    calls = 0

    def interrupt(name: str) -> None:
        original = getattr(obstore, name)

        def run(*arguments: object, **options: object) -> object:
            nonlocal calls
            calls += 1
            if calls == call:
                promote(3)
            return original(*arguments, **options)

        monkeypatch.setattr(obstore, name, run)

    interrupt("get")
    interrupt("put")
    try:
        roll_back(versions, aliases, by="bob", why="2 is odd", instead_of=2)
    except AliasMoved:
        rolled_back = False
    else:
        rolled_back = True
    monkeypatch.undo()
    alias = aliases.find(CHAMPION)
    assert alias
    assert (3, "promotion") in served(alias)
    assert rolled_back == ((1, "rollback") in served(alias))
    assert [move.previous for move in alias.history] == [None, *(move.version for move in alias.history[:-1])]


def test_promotions_at_the_same_time_are_all_in_the_history(promote: Promote, aliases: Aliases) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(promote, (1, 2, 3)))
    alias = aliases.find(CHAMPION)
    assert alias
    assert {move.version for move in alias.history} == {1, 2, 3}
    assert [move.previous for move in alias.history] == [None, *(move.version for move in alias.history[:-1])]


def test_the_mirror_is_updated_again_if_the_champion_moved_in_the_meantime(
    promote: Promote, versions: Versions, aliases: Aliases
) -> None:
    promote(1)
    registered: list[int | None] = []

    class Slow:
        def record(self, manifest: VersionManifest, files: Mapping[str, bytes]) -> str | None:
            raise AssertionError("there is nothing to record")

        def register(self, manifest: VersionManifest, champion: int | None) -> None:
            registered.append(champion)
            if len(registered) == 1:
                promote(2)

    register_version(Slow(), versions.manifest(1), aliases)
    assert registered == [1, 2]


@pytest.mark.parametrize("decide", [promote_version, approve_version])
def test_a_decision_about_a_champion_that_somebody_moved_since_is_refused(
    decide: Callable[..., Alias], store: MemoryStore, promote: Promote, versions: Versions, aliases: Aliases
) -> None:
    held = make_manifest(5, "key 5", accepted=False)
    gates = tuple(gate.model_copy(update={"approvable": True}) for gate in held.gates)
    versions.claim("key 5")
    versions.write(held.model_copy(update={"gates": gates}), FILES)
    number = 5 if decide is approve_version else 2
    promote(1)
    promote(3)
    with pytest.raises(AliasMoved):
        decide(versions, aliases, number, by="bob", why="in place of 1", seen_moves=1)
    assert champion_version(aliases) == 3
    assert decide(versions, aliases, number, by="bob", why="in place of 3", seen_moves=2).version == number
