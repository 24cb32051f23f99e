"""What was read from the registry, kept for as long as it may be old."""

import time
from collections.abc import Callable
from threading import Lock

from obstore.exceptions import BaseError


class Cached[T]:
    """A value that is read again once it is `seconds` old, by one caller while the others wait for it.

    A registry that can't be read isn't asked again for as long either: its error is raised again.
    """

    def __init__(self, read: Callable[[], T], seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._seconds = seconds
        self._clock = clock
        self._lock = Lock()
        self._found: tuple[float, T | None, Exception | None] | None = None

    def get(self) -> T:
        """The value. Raises what reading it raises."""
        found = self._fresh()
        if found is None:
            with self._lock:
                found = self._fresh() or self._read_now()
        value, error = found
        if error is not None:
            raise error.with_traceback(None)
        return value  # type: ignore[return-value]  # None only if T says so

    def _fresh(self) -> tuple[T | None, Exception | None] | None:
        # A clock that went back, as it may in a process restored from a snapshot, makes the value old.
        if self._found is None or not 0 <= self._clock() - self._found[0] < self._seconds:
            return None
        return self._found[1:]

    def _read_now(self) -> tuple[T | None, Exception | None]:
        value: T | None = None
        error: Exception | None = None
        try:
            value = self._read()
        except (BaseError, OSError) as failure:
            error = failure
        self._found = (self._clock(), value, error)
        return value, error
