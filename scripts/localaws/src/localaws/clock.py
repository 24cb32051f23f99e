"""The clock of local AWS, which can be moved forward, and the timetable of what's due."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

logger = logging.getLogger(__name__)
_LONGEST_SLEEP = 1.0
_SHORTEST = 0.001
_PATIENCE = 2.0
# A member of log events whose time is that of local AWS's clock, in place of the machine's.
CLOCKED = "localaws_clocked"


class Clock:
    """The machine's time plus an offset, in epoch seconds. It never goes back."""

    def __init__(self, read: Callable[[], float] = time.time) -> None:
        self._read = read
        self._offset = 0.0

    def now(self) -> float:
        """The time, in epoch seconds."""
        return self._read() + self._offset

    @property
    def offset(self) -> float:
        """Seconds by which this clock is ahead of the machine's."""
        return self._offset

    def forward_to(self, moment: float) -> None:
        """Set the clock to `moment` if that's in the future."""
        self._offset += max(0.0, moment - self.now())


class Due(Protocol):
    """Something that runs at certain times: schedules, alarms, the expiry of logs."""

    def next_due(self, after: float) -> float | None:
        """The first time after `after` (epoch seconds) at which something is due, or None."""

    def run(self, moment: float) -> None:
        """Run what's due at `moment`."""


class Timetable:
    """Runs what's due in the order of time, both as the clock runs and when it's moved."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._entries: list[Due] = []
        self._until = clock.now()
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None

    def add(self, entry: Due) -> None:
        """Add an entry."""
        with self._lock:
            self._entries.append(entry)
        self._wake.set()

    def changed(self) -> None:
        """Look again for what's due next: an entry has changed."""
        self._wake.set()

    @contextmanager
    def held(self) -> Iterator[float]:
        """Run nothing until the end of the block; yields the first moment at which something can still fall due.

        It's for a change of an entry that may be due at once.
        """
        with self._lock:
            yield max(self.clock.now(), self._until + _SHORTEST)
        self._wake.set()

    def start(self) -> None:
        """Start the thread that follows the clock."""
        self._thread = threading.Thread(target=self._follow, name="timetable", daemon=True)
        self._thread.start()

    def halt(self, seconds: float | None = _PATIENCE) -> None:
        """Begin nothing more, and wait so long for what runs: it calls services, and fails once they have ended."""
        self._closing = True
        self._wake.set()
        if self._thread:
            self._thread.join(seconds)

    def close(self) -> None:
        """Stop the thread."""
        self.halt(None)

    def move(self, seconds: float) -> None:
        """Move the clock forward and run everything that falls due on the way; returns when all of it has run."""
        with self._lock:
            self._run_until(self.clock.now() + seconds)

    def _follow(self) -> None:
        while not self._closing:
            self._wake.clear()
            with self._lock:
                self._run_until(self.clock.now())
                following = self._next()
            left = _LONGEST_SLEEP if following is None else following[0] - self.clock.now()
            self._wake.wait(min(max(left, 0.0), _LONGEST_SLEEP))

    def _run_until(self, end: float) -> None:
        while (following := self._next()) is not None and following[0] <= end and not self._closing:
            moment, entries = following
            self.clock.forward_to(moment)
            self._until = moment
            for entry in entries:
                try:
                    entry.run(moment)
                except Exception:
                    # An entry that fails must not stop the others.
                    logger.exception("A scheduled task, due at %s, failed.", moment)
        self.clock.forward_to(end)
        self._until = max(self._until, end)

    def _next(self) -> tuple[float, list[Due]] | None:
        """The next time at which something is due, and the entries that are due then."""
        moments = [(entry.next_due(self._until), entry) for entry in self._entries]
        due = [moment for moment, _ in moments if moment is not None]
        return (min(due), [entry for moment, entry in moments if moment == min(due)]) if due else None
