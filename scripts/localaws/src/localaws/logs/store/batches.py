"""Log events of one stream that arrived together, packed for storage."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

# The id of an event is its batch's number and its place in it.
_PLACE_BITS = 14
_MAX_EVENTS = 1 << _PLACE_BITS
_MAX_BYTES = 4 * 1024 * 1024
# JSON may write any ASCII character as \u00XX; a message with such an escape may contain a text without showing it.
_ESCAPE = b"\\u00"


class StoredEvent(NamedTuple):
    """One log event. Times are milliseconds since 1970; events are ordered by time, then by id."""

    timestamp: int
    event_id: int
    message: str
    stream: str
    ingested: int

    @property
    def place(self) -> tuple[int, int]:
        """Its place in the order of time."""
        return self.timestamp, self.event_id


def may_contain(messages: bytes, texts: Sequence[bytes]) -> bool:
    """Whether messages can contain all of these texts, themselves or with escapes of JSON."""
    return all(text in messages for text in texts) or _ESCAPE in messages


def last_id(number: int) -> int:
    """The greatest id that an event of the batch with this number can have."""
    return ((number + 1) << _PLACE_BITS) - 1


def number_of(event_id: int) -> int:
    """The number of the batch with which an event arrived."""
    return event_id >> _PLACE_BITS


@dataclass(frozen=True, slots=True)
class Packed:
    """Events in the order of time: their times, and their messages in UTF-8 with the end of each."""

    times: array[int]
    ends: array[int]
    messages: bytes


def pack(events: Iterable[tuple[int, str]]) -> Iterator[Packed]:
    """The events (milliseconds, message) as batches of a limited size."""
    times, ends, parts, size = array("q"), array("I"), list[bytes](), 0
    for timestamp, message in sorted(events, key=lambda event: event[0]):
        part = message.encode("utf-8", "surrogatepass")
        if parts and (len(parts) == _MAX_EVENTS or size + len(part) > _MAX_BYTES):
            yield Packed(times, ends, b"".join(parts))
            times, ends, parts, size = array("q"), array("I"), [], 0
        size += len(part)
        times.append(timestamp)
        ends.append(size)
        parts.append(part)
    if parts:
        yield Packed(times, ends, b"".join(parts))


@dataclass(frozen=True, slots=True)
class Batch:
    """Stored events of one stream; `expired` of those that arrived as batch `number` are gone."""

    number: int
    expired: int
    stream: str
    ingested: int
    packed: Packed

    @property
    def last_id(self) -> int:
        """An id that none of its events is above, and each later batch's is."""
        return last_id(self.number)

    def events(
        self, start: int, end: int, texts: Sequence[bytes] = (), newest_first: bool = False
    ) -> Iterator[StoredEvent]:
        """The events from `start` to `end` (both inclusive) whose messages can contain all `texts`."""
        times, ends, messages = self.packed.times, self.packed.ends, self.packed.messages
        low, high = bisect_left(times, start), bisect_right(times, end)
        places: Sequence[int] = range(low, high)
        if texts:
            places = sorted(place for place in self._places(max(texts, key=len)) if low <= place < high)
        begin_id = (self.number << _PLACE_BITS) + self.expired
        for place in reversed(places) if newest_first else places:
            message = messages[ends[place - 1] if place else 0 : ends[place]].decode("utf-8", "surrogatepass")
            yield StoredEvent(times[place], begin_id + place, message, self.stream, self.ingested)

    def count(self, start: int, end: int) -> tuple[int, int]:
        """The number of events from `start` to `end` (both inclusive), and of their bytes."""
        times, ends = self.packed.times, self.packed.ends
        low, high = bisect_left(times, start), bisect_right(times, end)
        before = ends[low - 1] if low else 0
        return high - low, (ends[high - 1] if high else 0) - before

    def since(self, oldest: int) -> Batch:
        """The batch without the events before `oldest`, of which at least one is left."""
        low = bisect_left(self.packed.times, oldest)
        cut = self.packed.ends[low - 1] if low else 0
        ends = array("I", (end - cut for end in self.packed.ends[low:]))
        packed = Packed(self.packed.times[low:], ends, self.packed.messages[cut:])
        return Batch(self.number, self.expired + low, self.stream, self.ingested, packed)

    def _places(self, text: bytes) -> set[int]:
        """The places of the messages that contain a text, or an escape that can hide it."""
        found: set[int] = set()
        for wanted in (text, _ESCAPE):
            position = self.packed.messages.find(wanted)
            while position >= 0:
                place = bisect_right(self.packed.ends, position)
                if position + len(wanted) <= self.packed.ends[place]:
                    found.add(place)
                position = self.packed.messages.find(wanted, self.packed.ends[place])
        return found
