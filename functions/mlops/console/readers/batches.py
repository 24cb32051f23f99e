"""Batches: the last ones, and one with its chunks, its manifest or why it failed."""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from mlops.console.readers.cache import Cache
from mlops.console.readers.registry import SECONDS
from mlops.errors.operations import BatchUnfinished
from mlops.operations.batches import RUNNING, SUBJECT, Batch, Batches, redrive_batch
from mlops.operations.history import History, Redrive

MOST = 40
_MINUTE = 60.0


@dataclass(frozen=True)
class Progress:
    """How many chunks are in which state, and how many there are."""

    total: int
    done: int
    running: int
    failed: int

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> "Progress | None":
        """As DescribeMapRun counts them; None before they're started."""
        if not counts:
            return None
        failed = counts["failed"] + counts["timedOut"] + counts["aborted"]
        return cls(counts["total"], counts["succeeded"], counts["running"], failed)


@dataclass(frozen=True)
class BatchDetails:
    """One batch: what was planned, how far its chunks are, what it did or why it failed, and who redrove it."""

    batch: Batch
    planned: Mapping[str, Any] | None
    progress: Progress | None
    manifest: Mapping[str, Any] | None
    failures: list[str]
    redrives: list[Redrive]


class BatchReader:
    """Reads the batches of the stack, several at a time by `pool`."""

    def __init__(self, batches: Batches, history: History, cache: Cache, pool: Executor) -> None:
        self._batches, self._history, self._cache, self._pool = batches, history, cache, pool

    def latest(self) -> list[tuple[Batch, Progress | None]]:
        """The batches that were started last, the newest first; those that run with their progress."""
        names = self._cache.get(("batches",), SECONDS, lambda: self._batches.names(MOST))
        return list(self._pool.map(self._brief, names))

    def find(self, name: str) -> Batch:
        """A batch, which may be some seconds old; one that has ended, a minute. Raises BatchNotFound."""
        known: Batch | None = self._cache.find(("batch", name))
        seconds = SECONDS if known is None or known.status == RUNNING else _MINUTE
        return self._cache.get(("batch", name), seconds, lambda: self._batches.find(name))

    def details(self, name: str) -> BatchDetails:
        """All of a batch. Raises BatchNotFound."""
        batch = self.find(name)
        seconds = SECONDS if batch.status == RUNNING else _MINUTE
        return self._cache.get(("batch details", name, batch.status), seconds, lambda: self._read(batch))

    def redrive(self, name: str, *, by: str, why: str, seen: int) -> str:
        """Score what a failed batch left; returns the name of the batch that does it.

        Raises BatchNotFound, RedriveRefused and RedriveOvertaken.
        """
        try:
            return redrive_batch(self._batches, self._history, name, by=by, why=why, seen=seen)
        finally:
            for key in (("batches",), ("batch", name), ("batch details", name)):
                self._cache.forget(key)

    def _brief(self, name: str) -> tuple[Batch, Progress | None]:
        batch = self.find(name)
        if batch.status != RUNNING:
            return batch, None
        return batch, Progress.of(self._cache.get(("chunks", name), SECONDS, lambda: self._batches.count_chunks(batch)))

    def _read(self, batch: Batch) -> BatchDetails:
        planned = self._batches.plan_of(batch)
        manifest = None
        if not batch.failed and batch.status != RUNNING:
            try:
                manifest = self._batches.manifest(batch, planned)
            except BatchUnfinished:
                manifest = None  # it has expired with its answers
        return BatchDetails(
            batch=batch,
            planned=planned,
            progress=Progress.of(self._batches.count_chunks(batch)),
            manifest=manifest,
            failures=self._batches.failures(planned) if batch.failed else [],
            redrives=self._history.list(f"{SUBJECT}/{batch.name}"),
        )
