"""What a training may use, memory and time, and the guard that ends it by name before the function is killed."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from mlops.errors.data import DatasetTooLarge
from mlops.errors.training import TrainingStopped

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
_LOOK_SECONDS = 0.1
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True, kw_only=True)
class Resources:
    """The memory of the function in bytes, and the moment on `clock` (seconds) when it's killed; None: no limit.

    `more_memory` is how to get more memory, `more_time` the parameter by which there's more time. What doesn't fit
    `may_move` to where there's more of both.
    """

    memory: int | None = None
    deadline: float | None = None
    clock: Callable[[], float] = time.monotonic
    used: Callable[[], int] = lambda: used_memory()
    more_memory: str = "Give TrainFunction more MemorySize in template.yaml (10,240 MB at most)"
    more_time: str = "TrainTimeout (900 s at most)"
    may_move: bool = False

    @property
    def search_seconds(self) -> float | None:
        """The seconds that a search, or the comparisons after it, may take from now on; None: nothing limits them."""
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
        raise DatasetTooLarge(
            "size",
            f"the file has {size:,} bytes, and a training in {memory:,.0f} MB of memory reads {most:,} at most. "
            f"{resources.more_memory}, or upload a part of the rows",
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
            f"the training ran out of memory: {amount} were in use at the step {self._step()!r}. "
            f"{self._resources.more_memory}, or train on fewer rows or columns",
        )

    def _out_of_time(self) -> TrainingStopped:
        took = self._resources.clock() - self._began
        return TrainingStopped(
            "time",
            f"the training ran out of time: it had taken {took:,.0f} s at the step {self._step()!r}. Give it more by "
            f"the stack's parameter {self._resources.more_time}, or train on fewer rows, columns or candidates",
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
