"""Finds the events of a log group that match a filter pattern."""

from collections.abc import Callable
from typing import Any

from moto.logs.models import LogEvent, LogGroup

from localaws.logs.pages import make_token, read_token

Found = tuple[str, LogEvent]


def filter_events(
    group: LogGroup,
    *,
    keeps_stream: Callable[[str], bool],
    matches: Callable[[str], bool],
    start: int | None,
    end: int | None,
    forward: bool,
) -> list[Found]:
    """(stream, event) from `start` to `end` (milliseconds, both inclusive), oldest first if `forward`."""
    found = [
        (stream.log_stream_name, event)
        for stream in list(group.streams.values())
        if keeps_stream(stream.log_stream_name)
        for event in list(stream.events)
        if (start is None or event.timestamp >= start) and (end is None or event.timestamp <= end)
        if matches(event.message)
    ]
    return sorted(found, key=_place, reverse=not forward)


def page_of_events(
    found: list[Found], size: int, token: str | None, forward: bool
) -> tuple[list[dict[str, Any]], str | None]:
    """The events after the one in `token`, so that new events don't shift pages."""
    if token:
        last = read_token(token, 2)
        found = [item for item in found if (_place(item) > last if forward else _place(item) < last)]
    events = [{"logStreamName": stream, **event.to_filter_dict()} for stream, event in found[:size]]
    return events, make_token(*_place(found[size - 1])) if len(found) > size else None


def _place(item: Found) -> tuple[int, int]:
    return item[1].timestamp, item[1].event_id
