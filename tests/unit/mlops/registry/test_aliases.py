"""An alias moves by one conditional write, and remembers."""

from concurrent.futures import ThreadPoolExecutor

import obstore
import pytest
from obstore.store import MemoryStore

from mlops.errors.registry import AliasInvalid, AliasMoved, AliasNotFound
from mlops.registry.aliases import CHALLENGER, CHAMPION, Alias, Aliases
from tests.unit.mlops.registry.samples import NOON


def read(aliases: Aliases, name: str = CHAMPION) -> Alias:
    alias = aliases.read(name)
    assert alias
    return alias


def test_an_alias_that_was_never_set_is_not_found(aliases: Aliases) -> None:
    with pytest.raises(AliasNotFound):
        aliases.read(CHAMPION)
    assert aliases.names() == []


def test_an_alias_remembers_who_moved_it_when_why_and_from_where(aliases: Aliases) -> None:
    first = aliases.move(CHAMPION, 1, by="training", why="the first", seen=None)
    aliases.move(CHAMPION, 2, by="ann", why="better", seen=first)
    alias = read(aliases)
    assert alias.version == 2
    assert [(move.version, move.previous, move.by, move.why, move.at) for move in alias.history] == [
        (1, None, "training", "the first", NOON),
        (2, 1, "ann", "better", NOON),
    ]


def test_an_alias_that_did_not_change_is_not_read_again(aliases: Aliases) -> None:
    moved = aliases.move(CHAMPION, 1, by="a", why="b", seen=None)
    assert aliases.read(CHAMPION, unless=moved.tag) is None
    aliases.move(CHAMPION, 2, by="a", why="b", seen=moved)
    again = aliases.read(CHAMPION, unless=moved.tag)
    assert again
    assert again.version == 2


def test_who_saw_an_older_state_cannot_move_it(aliases: Aliases) -> None:
    first = aliases.move(CHAMPION, 1, by="a", why="b", seen=None)
    aliases.move(CHAMPION, 2, by="a", why="b", seen=first)
    for stale in (first, None):
        with pytest.raises(AliasMoved):
            aliases.move(CHAMPION, 3, by="a", why="b", seen=stale)
    assert read(aliases).version == 2


def test_of_many_who_move_it_at_once_one_does(aliases: Aliases) -> None:
    seen = aliases.move(CHAMPION, 1, by="a", why="b", seen=None)

    def move(version: int) -> int | None:
        try:
            return aliases.move(CHAMPION, version, by="a", why="b", seen=seen).version
        except AliasMoved:
            return None

    with ThreadPoolExecutor(16) as pool:
        winners = [version for version in pool.map(move, range(2, 34)) if version]
    assert winners == [read(aliases).version]
    assert len(read(aliases).history) == 2


def test_aliases_are_listed_and_independent(aliases: Aliases) -> None:
    aliases.move(CHAMPION, 1, by="a", why="b", seen=None)
    aliases.move(CHALLENGER, 2, by="a", why="b", seen=None)
    assert aliases.names() == [CHALLENGER, CHAMPION]
    assert (read(aliases).version, read(aliases, CHALLENGER).version) == (1, 2)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"version": 1, "history": []}'])
def test_a_damaged_alias_is_an_error_of_its_own(aliases: Aliases, store: MemoryStore, content: bytes) -> None:
    obstore.put(store, "leaves/aliases/champion.json", content)
    with pytest.raises(AliasInvalid):
        aliases.read(CHAMPION)
