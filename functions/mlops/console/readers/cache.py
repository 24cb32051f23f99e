"""Values that are read again after some time: pages of many people, each of many objects, read each object once."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

type Key = tuple[Any, ...]

_READING = float("-inf")
"""The time of a value that is being read."""


class Cache:
    """At most so many values; those that were used least recently go first. Any thread may use it."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, tuple[float, Any]] = OrderedDict()

    def get[T](self, key: Key, seconds: float, read: Callable[[], T]) -> T:
        """The value that `read` returned within so many seconds; two threads may both read it. Raises what it raises.

        A value that was read before `forget` of its key isn't kept.
        """
        now = self._clock()
        with self._lock:
            found = self._kept.get(key)
            if found and now < found[0] + seconds:
                self._kept.move_to_end(key)
                value: T = found[1]
                return value
            # Whoever forgets the key while it's read takes this mark away.
            mark = (_READING, object())
            self._kept[key] = mark
        value = read()
        with self._lock:
            if self._kept.get(key) is mark:
                self._kept[key] = (now, value)
                self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value

    def find(self, key: Key) -> Any:
        """The value of a key that is believed for ever, None if it isn't there."""
        with self._lock:
            found = self._kept.get(key)
            return None if found is None or found[0] == _READING else found[1]

    def forget(self, start: Key) -> None:
        """Drop the values whose keys begin like this."""
        with self._lock:
            for key in [key for key in self._kept if key[: len(start)] == start]:
                del self._kept[key]
