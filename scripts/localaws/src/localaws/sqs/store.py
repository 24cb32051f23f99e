"""The messages of a queue: moto's list of them costs more with every message that waits.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

from __future__ import annotations

import base64
import binascii
import heapq
import itertools
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any


class _State(Enum):
    READY = "ready"
    DELAYED = "delayed"
    IN_FLIGHT = "in flight"


class MessageStore:
    """Messages by their state. `now` returns the time in milliseconds; the caller holds the queue's lock.

    Messages of a FIFO queue are taken by groups: those of a group with a message in flight wait for it.
    """

    def __init__(self, queue: str, fifo: bool, now: Callable[[], float]) -> None:
        self._queue, self._fifo, self._now = queue, fifo, now
        self._order = itertools.count()
        self._messages: dict[str, Any] = {}
        self._numbers: dict[str, int] = {}
        self._states: dict[str, _State] = {}
        self._counts: Counter[_State] = Counter()
        # The ready messages of each group (one group if it isn't a FIFO queue), with those that are gone since.
        self._ready: dict[str | None, list[tuple[int, str]]] = {}
        self._in_flight: Counter[str | None] = Counter()
        self._timers: list[tuple[float, int, str]] = []

    def __iter__(self) -> Iterator[Any]:
        """All messages, in the order in which they came."""
        return iter(list(self._messages.values()))

    def __len__(self) -> int:
        """The number of all messages."""
        return len(self._messages)

    def get(self, identifier: str) -> Any | None:
        """The message with this id."""
        return self._messages.get(identifier)

    @property
    def ready(self) -> int:
        """The number of messages that can be received."""
        self.advance()
        return self._counts[_State.READY]

    @property
    def delayed(self) -> int:
        """The number of messages that can't be received yet."""
        self.advance()
        return self._counts[_State.DELAYED]

    @property
    def in_flight(self) -> int:
        """The number of messages that were received and neither deleted nor visible again."""
        self.advance()
        return self._counts[_State.IN_FLIGHT]

    def append(self, message: Any) -> None:
        """Add a message."""
        vars(message).setdefault("dead_letter_source", None)
        self._messages[message.id] = message
        self._numbers[message.id] = next(self._order)
        if message.delayed_until > self._now():
            self._enter(message, _State.DELAYED, message.delayed_until)
        else:
            self._enter(message, _State.READY)

    def advance(self) -> None:
        """Make the messages ready whose delay or visibility timeout has ended."""
        now = self._now()
        while self._timers and self._timers[0][0] <= now:
            _, _, identifier = heapq.heappop(self._timers)
            message = self._messages.get(identifier)
            if message is None or self._states[identifier] is _State.READY:
                continue
            due = message.visible_at if self._states[identifier] is _State.IN_FLIGHT else message.delayed_until
            if due <= now:
                self._enter(message, _State.READY)

    def receive(self, count: int, timeout: float, accepts: Callable[[Any], bool]) -> list[Any]:
        """Take up to `count` messages that are ready, for `timeout` seconds; those not accepted are removed."""
        self.advance()
        groups = [group for group in self._ready if not self._in_flight[group]] if self._fifo else [None]
        heads = [(head, group) for group in groups if (head := self._head(group)) is not None]
        heapq.heapify(heads)
        taken: list[Any] = []
        while heads and len(taken) < count:
            _, group = heapq.heappop(heads)
            message = self._messages[heapq.heappop(self._ready[group])[1]]
            if accepts(message):
                taken.append(message)
            else:
                self.remove(message)
            head = self._head(group)
            if head is not None:
                heapq.heappush(heads, (head, group))
        for message in taken:
            self._receive(message, timeout)
        return taken

    def hide(self, message: Any, timeout: float) -> bool:
        """Change the visibility timeout of a message to `timeout` seconds; returns whether it's in flight."""
        self.advance()
        if self._states[message.id] is not _State.IN_FLIGHT:
            return False
        message.visible_at = self._now() + timeout * 1000
        self._enter(message, *((_State.IN_FLIGHT, message.visible_at) if timeout > 0 else (_State.READY,)))
        return True

    def remove(self, message: Any) -> None:
        """Remove a message, if it's there."""
        if self._messages.pop(message.id, None) is not None:
            self._leave(message)
            del self._states[message.id], self._numbers[message.id]

    def handle_of(self, message: Any) -> str:
        """A new receipt handle for a message."""
        parts = (self._queue, message.id, uuid.uuid4().hex)
        return base64.urlsafe_b64encode("/".join(parts).encode()).decode()

    def identifier(self, handle: str) -> str | None:
        """The id of the message, which may be deleted, that a handle was made for; None if it isn't this queue's."""
        try:
            queue, identifier, _ = base64.urlsafe_b64decode(handle.encode()).decode().split("/")
        except (ValueError, binascii.Error):
            return None
        return identifier if queue == self._queue else None

    def _receive(self, message: Any, timeout: float) -> None:
        now = self._now()
        message.approximate_first_receive_timestamp = message.approximate_first_receive_timestamp or int(now)
        message.approximate_receive_count += 1
        message.receipt_handle = self.handle_of(message)
        message.visible_at = now + timeout * 1000
        self._enter(message, *((_State.IN_FLIGHT, message.visible_at) if timeout > 0 else (_State.READY,)))

    def _head(self, group: str | None) -> int | None:
        """The number of a group's first ready message."""
        heap = self._ready.get(group, [])
        while heap:
            number, identifier = heap[0]
            if self._numbers.get(identifier) == number and self._states[identifier] is _State.READY:
                return number
            heapq.heappop(heap)
        self._ready.pop(group, None)
        return None

    def _enter(self, message: Any, state: _State, due: float = 0.0) -> None:
        self._leave(message)
        group = message.group_id if self._fifo else None
        self._states[message.id] = state
        self._counts[state] += 1
        if state is _State.READY:
            heapq.heappush(self._ready.setdefault(group, []), (self._numbers[message.id], message.id))
            return
        self._in_flight[group] += state is _State.IN_FLIGHT
        heapq.heappush(self._timers, (due, self._numbers[message.id], message.id))

    def _leave(self, message: Any) -> None:
        state = self._states.get(message.id)
        if state is None:
            return
        self._counts[state] -= 1
        if state is _State.IN_FLIGHT:
            group = message.group_id if self._fifo else None
            self._in_flight[group] -= 1
            if not self._in_flight[group]:
                del self._in_flight[group]
