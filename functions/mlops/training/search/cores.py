"""Work spread over the machine's cores whose results don't depend on how many there are."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from threadpoolctl import ThreadpoolController

from mlops.errors.training import TrainingInterrupted, TrainingStopped


class Cores:
    """A thread a core, and within each one thread of OpenMP and BLAS.

    Sums that several threads add up come out differently with their number, in the last bits, and a tree that splits
    on such a sum can come out differently altogether. So parts of the work share the cores, and no part is split.
    Threads, since Lambda has no shared memory for processes; scikit-learn lets go of the interpreter while it computes.
    """

    def __init__(self, count: int | None = None) -> None:
        self.count = count or os.process_cpu_count() or 1
        self._controller = ThreadpoolController()

    def __enter__(self) -> Self:
        self._limits = self._controller.limit(limits=1)
        self._pool = ThreadPoolExecutor(self.count, initializer=self._limit_this_thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A training that ran out of memory or time can't wait for the fits that are under way.
        is_stopped = kind is not None and issubclass(kind, (TrainingStopped, TrainingInterrupted, MemoryError))
        self._pool.shutdown(wait=not is_stopped, cancel_futures=True)
        self._limits.restore_original_limits()

    def map[I, O](self, work: Callable[[I], O], items: Iterable[I]) -> list[O]:
        """What `work` makes of each item, in their order."""
        return list(self._pool.map(work, items))

    def _limit_this_thread(self) -> None:
        """BLAS has one limit for the process, OpenMP one for each thread that calls it."""
        self._controller.limit(limits=1, user_api="openmp")
