"""The events of a log group in the order in which they arrive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from localaws.logs import EventStore, arrived
from localaws.logs.store import GroupFile

KEY = ("123456789012", "us-east-1", "g")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    store = EventStore(tmp_path)
    yield store
    store.close()


def follow(group: GroupFile, position: int | None, pattern: str = "") -> tuple[list[str], int]:
    found = arrived(group, pattern, position)
    return [event.message for event in found.events], found.position


def test_events_come_once_in_the_order_of_arrival(store: EventStore) -> None:
    group = store.group(*KEY)
    assert arrived(None, "", None).events == []
    begin = arrived(None, "", None).position
    assert follow(group, None) == ([], begin)
    group.put("s", [(9, "a"), (8, "b")], ingested=1)
    first, position = follow(group, begin)
    assert first == ["b", "a"]
    assert follow(group, position) == ([], position)
    group.put("t", [(1, "late")], ingested=2)
    group.put("s", [(10, "c")], ingested=3)
    assert follow(group, position)[0] == ["late", "c"]
    assert follow(group, position, "c")[0] == ["c"]
    assert follow(group, None) == ([], follow(group, position)[1])


def test_what_follows_many_events_comes_with_the_next_positions(store: EventStore) -> None:
    group = store.group(*KEY)
    begin = arrived(group, "", None).position
    for number in range(6):
        group.put("s", [(1, str(number))] * 400, ingested=1)
    seen: list[str] = []
    while found := arrived(group, "", begin).events:
        assert len(found) < 2000
        seen += [event.message for event in found]
        begin = arrived(group, "", begin).position
    assert seen == [str(number) for number in range(6) for _ in range(400)]


def test_a_group_that_was_created_again_is_followed_from_its_begin(store: EventStore) -> None:
    old = store.group(*KEY)
    for number in range(3):
        old.put("s", [(1, str(number))], ingested=1)
    position = arrived(old, "", None).position
    store.delete(*KEY)
    new = store.group(*KEY)
    new.put("s", [(1, "new")], ingested=1)
    assert follow(new, position)[0] == ["new"]
