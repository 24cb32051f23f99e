"""Events of batches that overlap, in the order of time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

from localaws.logs.store.batches import StoredEvent
from localaws.logs.store.group_file import GroupFile, Range

_Waiting = tuple[tuple[int, int], StoredEvent, Iterator[StoredEvent]]


def in_order(
    group: GroupFile, wanted: Range, texts: Sequence[bytes] = (), newest_first: bool = False
) -> Iterator[StoredEvent]:
    """The events of a range, by time and id; only those whose messages can contain all `texts`.

    In memory are the batches that overlap at one moment, so a reader of the first events needs not all others.
    """
    sign = -1 if newest_first else 1
    waiting: list[_Waiting] = []
    for batch in group.batches(wanted, texts, newest_first):
        times = batch.packed.times
        nearest = sign * (times[-1] if newest_first else times[0])
        while waiting and waiting[0][0][0] < nearest:
            yield _next(waiting, sign)
        _wait(waiting, batch.events(wanted.start, wanted.end, texts, newest_first), sign)
    while waiting:
        yield _next(waiting, sign)


def _wait(waiting: list[_Waiting], events: Iterator[StoredEvent], sign: int) -> None:
    event = next(events, None)
    if event is not None:
        heapq.heappush(waiting, ((sign * event.timestamp, sign * event.event_id), event, events))


def _next(waiting: list[_Waiting], sign: int) -> StoredEvent:
    _, event, events = heapq.heappop(waiting)
    _wait(waiting, events, sign)
    return event
