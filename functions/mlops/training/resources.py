"""What a training may use, memory and time, and the guard that ends it by name before the function is killed."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from mlops.errors import TrainingStopped, rejection

MEGABYTE = 2**20
MOST_MEMORY = 0.94
"""The share of the memory from which a training is ended: beyond all of it the function is killed without a word."""
LEFT_SECONDS = 12.0
"""Seconds that are left for the report when a training is ended, or a tenth of the time if that is less."""
SEARCH_SHARE = 0.5
"""The share of the time left that a search may take: fitting, compiling and the gates need the other half."""
OWN_MEMORY = 500 * MEGABYTE
"""What the libraries of a training take before it reads anything."""
MEMORY_PER_BYTE = 10.0
"""Bytes of memory at the peak of a training for each byte of CSV."""
SECONDS_PER_CELL = 2.5e-6
"""Seconds that fitting one cell takes, of a table of numbers and categories on two cores."""
FULL_FITS = 3
"""What is done with all rows: the winner's fit, evaluation and plots, in fits."""
SEARCH_ROWS = 20_000
"""Rows of a larger table that are searched on: more change which candidate wins less than another trial does."""
_LOOK_SECONDS = 0.1
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True, kw_only=True)
class Resources:
    """The memory of the function in bytes, and the moment on `clock` (seconds) when it's killed; None: no limit."""

    memory: int | None = None
    deadline: float | None = None
    clock: Callable[[], float] = time.monotonic
    used: Callable[[], int] = lambda: used_memory()

    @property
    def search_seconds(self) -> float | None:
        """The seconds that a search may take from now on; None where nothing limits it."""
        return None if self.deadline is None else max(0.0, SEARCH_SHARE * (self.deadline - self.clock()))

    @property
    def most_bytes(self) -> int | None:
        """The most bytes, unpacked, of a dataset that this memory does for; None: no limit but the reader's."""
        return None if self.memory is None else max(0, int((self.memory - OWN_MEMORY) / MEMORY_PER_BYTE))

    @contextmanager
    def guard(self, step: Callable[[], str]) -> Iterator[None]:
        """End what is run within, by TrainingStopped, when its memory or time is about to run out; `step` names it.

        It's raised in the main thread, and only there: what runs in another isn't guarded.
        """
        limited = self.memory is not None or self.deadline is not None
        if not limited or threading.current_thread() is not threading.main_thread():
            yield
            return
        guard = _Guard(self, step)
        try:
            with guard:
                yield
        except MemoryError:
            raise guard.out_of_memory() from None


UNLIMITED = Resources()


def check_size(size: int, resources: Resources) -> None:
    """Raise DatasetRejected for a file that doesn't fit the memory, before it's read, with the figure and a way out."""
    most = resources.most_bytes
    if most is not None and size > most:
        memory = (resources.memory or 0) / MEGABYTE
        raise rejection(
            "size",
            f"the file has {size:,} bytes, and a training in {memory:,.0f} MB of memory reads {most:,} at most. "
            "Give TrainFunction more MemorySize in template.yaml (10,240 MB at most), or upload a part of the rows",
        )


def check_time(rows: int, columns: int, *, candidates: int, resources: Resources) -> None:
    """Raise DatasetRejected for a table that can't be trained on in the time left, with the figure and a way out.

    Each candidate is fitted in 5 folds of the rows that are searched on, and the winner on all rows.
    """
    if resources.deadline is None:
        return
    cells = columns * (5 * candidates * min(rows, SEARCH_ROWS) + FULL_FITS * rows)
    seconds, left = SECONDS_PER_CELL * cells, resources.deadline - resources.clock()
    if seconds > left:
        raise rejection(
            "time",
            f"a training on {rows:,} rows of {columns:,} columns takes about {seconds:,.0f} s, and {left:,.0f} s are "
            "left. Take columns out of the spec (ignored=(…)), name fewer candidates, or give it more by the stack's "
            "parameter TrainTimeout (900 s at most)",
        )


class _Guard:
    """A thread that looks at memory and time, and interrupts the main thread."""

    def __init__(self, resources: Resources, step: Callable[[], str]) -> None:
        self._resources = resources
        self._step = step
        self._began = resources.clock()
        self._ended = threading.Event()
        self._stop: TrainingStopped | None = None
        self._thread = threading.Thread(target=self._look, name="training guard", daemon=True)

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGUSR1, self._raise)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        signal.signal(signal.SIGUSR1, self._before)

    def out_of_memory(self) -> TrainingStopped:
        """The end of a training whose memory isn't enough."""
        used, memory = self._resources.used() / MEGABYTE, (self._resources.memory or 0) / MEGABYTE
        amount = f"{used:,.0f} of {memory:,.0f} MB" if memory else f"{used:,.0f} MB"
        return TrainingStopped(
            "memory",
            f"the training ran out of memory: {amount} were in use at the step {self._step()!r}. Give TrainFunction "
            "more MemorySize in template.yaml (10,240 MB at most), or train on fewer rows or columns",
        )

    def _out_of_time(self) -> TrainingStopped:
        took = self._resources.clock() - self._began
        return TrainingStopped(
            "time",
            f"the training ran out of time: it had taken {took:,.0f} s at the step {self._step()!r}. Give it more by "
            "the stack's parameter TrainTimeout (900 s at most), or train on fewer rows, columns or candidates",
        )

    def _look(self) -> None:
        resources = self._resources
        most = None if resources.memory is None else MOST_MEMORY * resources.memory
        last = None
        if resources.deadline is not None:
            last = resources.deadline - min(LEFT_SECONDS, 0.1 * (resources.deadline - self._began))
        while not self._ended.wait(_LOOK_SECONDS):
            if most is not None and resources.used() > most:
                self._stop = self.out_of_memory()
            elif last is not None and resources.clock() > last:
                self._stop = self._out_of_time()
            else:
                continue
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
            return

    def _raise(self, _: int, __: FrameType | None) -> None:
        if self._stop and not self._ended.is_set():
            raise self._stop


def used_memory() -> int:
    """The resident memory of this process in bytes."""
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024
