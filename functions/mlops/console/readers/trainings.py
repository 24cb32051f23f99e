"""Trainings: those that run, those that wait, and what came of the others."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import obstore

from mlops.artifact.names import TRAINING_PROGRESS, TRAINING_REPORT
from mlops.console.readers.cache import Cache
from mlops.operations.trainings import (
    DATASETS,
    TrainingProgress,
    TrainingReport,
    dataset_key,
    describe_retry,
    find_model,
)

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

MOST = 60
"""Trainings that are read, the latest first."""
SECONDS = 2.0
"""For which the list is believed: steps come every few seconds."""
_FOR_EVER = float("inf")
_WAITS = timedelta(days=14)
"""How long a message waits in the queue; a dataset without a training that is older waits for none."""
_QUIET = timedelta(minutes=15)

type State = Literal["running", "retrying", "moved", "waiting", "failed", "ended", "unreadable"]
UNFINISHED: tuple[State, ...] = ("running", "retrying", "moved", "waiting")


@dataclass(frozen=True)
class Training:
    """A dataset's latest training. `at` is when something was last heard of it; `quiet` says that this is long ago.

    `next_try` is what comes after a try that failed; "failed" is one whose tries are used up.
    """

    key: str
    model: str
    state: State
    at: datetime
    progress: TrainingProgress | None = None
    report: TrainingReport | None = None
    quiet: bool = False
    next_try: str | None = None

    @property
    def file(self) -> str:
        """The dataset's name."""
        return self.key.rpartition("/")[2]


class Trainings:
    """Reads the data bucket, many objects at a time by `pool`. A training is tried `attempts` times, `delay` seconds
    after the start of the try before."""

    def __init__(
        self,
        store: "ObjectStore",
        cache: Cache,
        pool: Executor,
        now: Callable[[], datetime],
        attempts: int,
        delay: int,
    ) -> None:
        self._store, self._cache, self._pool, self._now = store, cache, pool, now
        self._attempts, self._delay = attempts, delay

    def latest(self, model: str | None = None) -> list[Training]:
        """The latest trainings, of one model or all; the unfinished ones first, then the newest."""
        found = self._cache.get(("trainings", model), SECONDS, lambda: self._read(model))
        return sorted(found, key=lambda each: (each.state in UNFINISHED, each.at), reverse=True)

    def find(self, model: str, file: str) -> Training | None:
        """The training of a dataset; None if there's no such dataset."""
        key = f"{DATASETS}{model}/{file}"
        return next((each for each in self._read(model, key) if each.key == key), None)

    def _read(self, model: str | None, start: str | None = None) -> list[Training]:
        prefix = f"{DATASETS}{model}/" if model else DATASETS
        found: dict[str, dict[str, ObjectMeta]] = {}
        for page in obstore.list(self._store, prefix):
            for each in page:
                key = dataset_key(each["path"]) or each["path"]
                if find_model(key) and (start is None or key == start):
                    found.setdefault(key, {})[each["path"].removeprefix(key)] = each
        # A dataset that was deleted has no training any more, and an old one without any waits for none.
        late = [(key, parts) for key, parts in found.items() if "" in parts and (len(parts) > 1 or self._waits(parts))]
        late.sort(key=lambda entry: max(part["last_modified"] for part in entry[1].values()), reverse=True)
        return list(self._pool.map(lambda entry: self._training(*entry), late[:MOST]))

    def _waits(self, parts: Mapping[str, "ObjectMeta"]) -> bool:
        return parts[""]["last_modified"] > self._now() - _WAITS

    def _training(self, key: str, parts: Mapping[str, "ObjectMeta"]) -> Training:
        model = find_model(key) or ""
        last = max(part["last_modified"] for part in parts.values())
        try:
            progress = self._document(parts.get(TRAINING_PROGRESS), TrainingProgress.read)
            report = self._document(parts.get(TRAINING_REPORT), TrainingReport.read)
        except (ValueError, KeyError, TypeError):
            return Training(key, model, "unreadable", last)
        # What is there of an earlier upload under the same key says nothing of this one.
        newest = max((part["last_modified"] for name, part in parts.items() if name), default=None)
        if newest is None or newest < parts[""]["last_modified"]:
            return Training(key, model, "waiting", last)
        if report and (progress is None or progress.state == "ended" or report.at >= progress.at):
            return Training(key, model, "ended", report.at, progress, report)
        state = next((each for each in UNFINISHED if progress and each == progress.state), None)
        if progress is None or state is None:
            return Training(key, model, "ended", last, progress)
        gave_up = state == "retrying" and progress.attempt >= self._attempts
        then = describe_retry(progress.attempt, self._attempts, progress.reason, self._delay)
        return Training(
            key=key,
            model=model,
            state="failed" if gave_up else state,
            at=progress.at,
            progress=progress,
            quiet=state == "running" and self._now() - progress.at > _QUIET,
            next_try=then if state == "retrying" else None,
        )

    def _document[T](self, meta: "ObjectMeta | None", read: Callable[[bytes], T]) -> T | None:
        if meta is None:
            return None
        key = ("training", meta["path"], meta["e_tag"])
        return self._cache.get(key, _FOR_EVER, lambda: read(bytes(obstore.get(self._store, meta["path"]).bytes())))
