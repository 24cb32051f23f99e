"""Wakes coroutines at moments of local AWS's clock."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
from collections.abc import Callable

from localaws.clock import Clock


class Timers:
    """The moments that coroutines wait for; an entry of the timetable. `changed` makes it look again."""

    def __init__(self, clock: Clock, changed: Callable[[], None]) -> None:
        self._clock, self._changed = clock, changed
        self._lock = threading.Lock()
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, asyncio.AbstractEventLoop, asyncio.Future[None]]] = []

    def now(self) -> float:
        """The time, in epoch seconds."""
        return self._clock.now()

    async def reach(self, moment: float) -> None:
        """Wait until a moment."""
        if moment <= self._clock.now():
            return
        loop = asyncio.get_running_loop()
        reached: asyncio.Future[None] = loop.create_future()
        with self._lock:
            heapq.heappush(self._waiting, (moment, next(self._order), loop, reached))
        self._changed()
        await reached

    def next_due(self, after: float) -> float | None:
        """When the next coroutine is due."""
        with self._lock:
            while self._waiting and self._waiting[0][3].done():
                heapq.heappop(self._waiting)
            return max(after, self._waiting[0][0]) if self._waiting else None

    def run(self, moment: float) -> None:
        """Wake the coroutines that are due."""
        while True:
            with self._lock:
                if not self._waiting or self._waiting[0][0] > moment:
                    return
                _, _, loop, reached = heapq.heappop(self._waiting)
            loop.call_soon_threadsafe(_wake, reached)


def _wake(reached: asyncio.Future[None]) -> None:
    if not reached.done():
        reached.set_result(None)
