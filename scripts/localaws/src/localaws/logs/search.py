"""Finds the events of a log group that match a filter pattern."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from localaws.logs.pages import make_token, read_token
from localaws.logs.patterns import compile_pattern, required_texts
from localaws.logs.store import EVER, GroupFile, Range, StoredEvent, in_order


def find_events(
    file: GroupFile,
    pattern: str,
    *,
    keeps_stream: Callable[[str], bool] | None = None,
    start: int | None = None,
    end: int | None = None,
    forward: bool = True,
) -> Iterator[StoredEvent]:
    """The events from `start` to `end` (milliseconds, both inclusive) that match, oldest first if `forward`.

    Raises MalformedPattern.
    """
    matches = compile_pattern(pattern)
    wanted = Range(EVER[0] if start is None else start, EVER[1] if end is None else end, keeps_stream)
    found = in_order(file, wanted, required_texts(pattern), newest_first=not forward)
    return (event for event in found if matches(event.message)) if pattern.strip() else found


def page_of_events(
    file: GroupFile,
    pattern: str,
    *,
    keeps_stream: Callable[[str], bool] | None,
    start: int | None,
    end: int | None,
    forward: bool,
    size: int,
    token: str | None,
) -> tuple[list[dict[str, Any]], str | None]:
    """The matching events after the one in `token`, so that new events don't shift pages, and the next page's token."""
    last = read_token(token, 2) if token else None
    if last and forward:
        start = max(last[0], EVER[0] if start is None else start)
    elif last:
        end = min(last[0], EVER[1] if end is None else end)
    found = find_events(file, pattern, keeps_stream=keeps_stream, start=start, end=end, forward=forward)
    if last:
        found = (event for event in found if (event.place > last if forward else event.place < last))
    events = list(islice(found, size + 1))
    following = make_token(*events[size - 1].place) if len(events) > size else None
    return [filtered(event) for event in events[:size]], following


def filtered(event: StoredEvent) -> dict[str, Any]:
    """An event as FilterLogEvents returns it."""
    return {
        "logStreamName": event.stream,
        "eventId": str(event.event_id),
        "timestamp": event.timestamp,
        "ingestionTime": event.ingested,
        "message": event.message,
    }
