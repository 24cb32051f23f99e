"""Log events on disk, against a list in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localaws.logs.store import EventStore, GroupFile, Range, in_order

KEY = ("123456789012", "us-east-1", "/aws/lambda/f")
EVERYTHING = Range()
EVENTS = st.lists(st.tuples(st.integers(0, 50), st.text(max_size=5)), max_size=20)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    store = EventStore(tmp_path / "logs")
    yield store
    store.close()


def messages(group: GroupFile, wanted: Range = EVERYTHING, *texts: bytes, newest_first: bool = False) -> list[str]:
    return [event.message for event in in_order(group, wanted, texts, newest_first)]


@given(
    puts=st.lists(st.tuples(st.sampled_from("ab"), EVENTS), max_size=6),
    start=st.integers(0, 50),
    length=st.integers(0, 50),
)
@settings(max_examples=40, deadline=None)
def test_events_are_read_in_the_order_of_time_and_arrival(
    tmp_path_factory: pytest.TempPathFactory, puts: list[tuple[str, list[tuple[int, str]]]], start: int, length: int
) -> None:
    group = GroupFile(tmp_path_factory.mktemp("logs") / "group.sqlite", KEY)
    expected: list[tuple[int, str, str]] = []
    for stream, events in puts:
        group.put(stream, events, ingested=7)
        expected += [(moment, stream, text) for moment, text in sorted(events, key=lambda event: event[0])]
    expected = [event for event in sorted(expected, key=lambda event: event[0]) if start <= event[0] <= start + length]
    for wants in (None, "a".__eq__):
        wanted = Range(start, start + length, wants)
        found = list(in_order(group, wanted))
        assert [(event.timestamp, event.stream, event.message) for event in found] == [
            event for event in expected if wants is None or wants(event[1])
        ]
        assert list(in_order(group, wanted, newest_first=True)) == found[::-1]
        assert group.count(wanted) == (len(found), sum(len(event.message.encode()) for event in found))
    group.close()


def test_an_event_keeps_its_id(store: EventStore) -> None:
    group = store.group(*KEY)
    group.put("s", [(1, "old"), (10, "new")], ingested=10)
    (old, new) = in_order(group, Range())
    assert group.expire(5)
    store.close()
    assert list(in_order(store.group(*KEY), Range())) == [new]
    assert old.event_id < new.event_id


def test_events_with_a_text_are_found_even_if_json_escapes_it(store: EventStore) -> None:
    group = store.group(*KEY)
    hidden = json.dumps({"id": "abc"}).replace("a", "\\u0061")
    group.put("s", [(1, "x"), (2, "xabc"), (3, "c"), (4, hidden)], ingested=1)
    group.put("s", [(5, "ab"), (6, "cd")], ingested=1)
    assert messages(group, Range(), b"abc") == ["xabc", hidden]


def test_a_batch_of_any_size_is_split_and_read_whole(store: EventStore) -> None:
    group = store.group(*KEY)
    many = [(number, f"{number:06d}" * (70_000 if number == 3 else 1)) for number in range(40_000)]
    group.put("s", [*many, (50_000, "x" * 5_000_000)], ingested=1)
    assert messages(group) == [message for _, message in many] + ["x" * 5_000_000]
    assert len({event.event_id for event in in_order(group, Range())}) == 40_001


def test_old_events_expire_by_the_clock_on_which_they_came(store: EventStore) -> None:
    group = store.group(*KEY)
    group.put("s", [(10, "a"), (20, "b"), (30, "c")], ingested=1)
    group.put("s", [(10, "ahead")], ingested=1, clock_offset=100)
    assert group.expire(20)
    assert messages(group) == ["ahead", "b", "c"]
    assert not group.expire(20)
    group.forget_offsets()
    assert group.expire(100)
    assert messages(group) == []


@pytest.mark.proves("logs deletion")
def test_deleting_a_stream_leaves_the_others(store: EventStore) -> None:
    group = store.group(*KEY)
    for stream in ("one", "two"):
        group.put(stream, [(1, stream)], ingested=5)
    group.put("empty", [], ingested=6)
    group.delete_stream("one")
    assert messages(group) == ["two"]
    assert [(summary.name, summary.first, summary.ingested, summary.size) for summary in group.streams()] == [
        ("two", 1, 5, 3),
        ("empty", None, None, 0),
    ]


@pytest.mark.proves("logs deletion")
def test_deleting_a_group_frees_its_space(store: EventStore, tmp_path: Path) -> None:
    group = store.group(*KEY)
    group.put("s", [(1, "x" * 3_000_000)], ingested=1)
    assert sum(path.stat().st_size for path in (tmp_path / "logs").iterdir()) > 3_000_000
    store.delete(*KEY)
    assert list((tmp_path / "logs").iterdir()) == []
    group.put("s", [(1, "of a writer that still has the group")], ingested=1)
    assert messages(store.group(*KEY)) == []


@pytest.mark.proves("logs retention")
def test_expired_events_free_their_space(store: EventStore, tmp_path: Path) -> None:
    group = store.group(*KEY)
    for moment in range(20):
        group.put("s", [(moment, "x" * 1_000_000)], ingested=1)
    assert group.expire(19)
    store.close()
    assert sum(path.stat().st_size for path in (tmp_path / "logs").iterdir()) < 2_000_000


def test_more_groups_than_stay_open_keep_their_events(store: EventStore) -> None:
    first = store.group("123456789012", "us-east-1", "0")
    for number in range(40):
        store.group("123456789012", "us-east-1", str(number)).put("s", [(1, str(number))], ingested=1)
    first.put("s", [(2, "later")], ingested=2)
    assert messages(store.group("123456789012", "us-east-1", "0")) == ["0", "later"]
    assert {name for _, _, name in store.known()} == {str(number) for number in range(40)}
    assert store.find("123456789012", "us-east-1", "none") is None
    store.delete_all("123456789012", "us-east-1")
    assert store.known() == []


def test_a_reader_does_not_hold_up_writers(store: EventStore) -> None:
    group = store.group(*KEY)
    for number in range(3):
        group.put("s", [(number, str(number))], ingested=1)
    reading = in_order(group, Range())
    assert next(reading).message == "0"
    group.put("s", [(9, "9")], ingested=1)
    assert [event.message for event in reading] == ["1", "2"]
    assert messages(group) == ["0", "1", "2", "9"]
