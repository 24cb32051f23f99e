"""The events of a log group in the order in which they arrive, whatever their times are."""

from __future__ import annotations

from dataclasses import dataclass

from localaws.logs.patterns import compile_pattern
from localaws.logs.store import EVER, GroupFile, StoredEvent

_MOST = 1000


@dataclass(frozen=True)
class Arrived:
    """Events, and the position after them: an id that each later event's is above."""

    events: list[StoredEvent]
    position: int


def arrived(file: GroupFile | None, pattern: str, position: int | None) -> Arrived:
    """About a thousand matching events that arrived after a position; without one, none but the position of the next.

    Raises MalformedPattern.
    """
    matches = compile_pattern(pattern)
    newest = file.newest() if file else 0
    if file is None or position is None:
        return Arrived([], newest)
    if newest < position:
        position = 0  # the group was deleted and created again
    found: list[StoredEvent] = []
    for batch in file.arrivals(position):
        found += (event for event in batch.events(*EVER) if matches(event.message))
        position = batch.last_id
        if len(found) >= _MOST:
            break
    return Arrived(found, position)
