"""Log groups of an earlier local AWS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.core.base_backend import BackendDict
from moto.logs.models import logs_backends

from localaws.clock import Clock
from localaws.logs import EventStore, Ingestion, install
from localaws.logs.store import Range, in_order
from localaws.metrics.store import MetricStore
from localaws.moto_patches import MotoPatches
from localaws.settings import ACCOUNT
from localaws.state.records import Logs

REGION = "us-east-1"


@pytest.fixture
def events(tmp_path: Path) -> Iterator[EventStore]:
    """The events, with moto's groups reading them; moto forgets its groups at the end, not the events."""
    patches, clock = MotoPatches(), Clock()
    events = EventStore(tmp_path / "logs")
    install(patches, clock, Ingestion(MetricStore(), events, clock, lambda *_: None, lambda *_: None))
    yield events
    patches.restore()
    BackendDict.reset()
    events.close()


def described() -> list[tuple[str, Any, int]]:
    found, _ = logs_backends[ACCOUNT][REGION].describe_log_streams(
        descending=False,
        limit=50,
        log_group_name="group",
        log_group_id="",
        log_stream_name_prefix="",
        next_token=None,
        order_by="LogStreamName",
    )
    return [(stream["logStreamName"], stream.get("lastEventTimestamp"), stream["storedBytes"]) for stream in found]


def test_groups_have_their_streams_and_events_again(events: EventStore) -> None:
    events.group(ACCOUNT, REGION, "group").put("with events", [(5, "abc"), (7, "d")], ingested=9, clock_offset=100)
    logs = Logs(REGION, events)
    logs.restore([{"name": "group", "retention": 3, "streams": ["empty"]}])
    assert logs.read() == [{"name": "group", "retention": 3, "streams": ["empty", "with events"]}]
    assert described() == [("empty", None, 0), ("with events", 7, 4)]
    # The clock of this local AWS is the machine's.
    assert events.group(ACCOUNT, REGION, "group").expire(6)


@pytest.mark.proves("logs on disk")
def test_a_group_that_was_not_saved_before_a_crash_is_restored_by_its_events(events: EventStore) -> None:
    events.group(ACCOUNT, REGION, "group").put("s", [(5, "abc")], ingested=9)
    Logs(REGION, events).restore([])
    assert described() == [("s", 5, 3)]


def test_events_of_a_state_that_was_saved_with_them_are_taken_over(events: EventStore) -> None:
    kept = {"name": "group", "retention": None, "streams": {"s": [[5, 9, "b"], [4, 9, "a"], [6, 10, "c"]], "empty": []}}
    Logs(REGION, events).restore([kept])
    found = in_order(events.group(ACCOUNT, REGION, "group"), Range())
    assert [(event.timestamp, event.ingested, event.message) for event in found] == [
        (4, 9, "a"),
        (5, 9, "b"),
        (6, 10, "c"),
    ]
    assert described() == [("empty", None, 0), ("s", 6, 3)]
