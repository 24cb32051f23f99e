"""When batches and monitoring run next, as EventBridge Scheduler has it, and when models are trained again by that."""

from collections.abc import Callable
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from mlops.console.readers.cache import Cache
from mlops.monitoring.state import MonitoringState
from mlops.operations.schedules import Schedule, Schedules

SECONDS = 20.0
"""For which schedules are believed; a run that has begun since isn't the next one any more."""
_MOMENT = timedelta(microseconds=1)


class ScheduleReader:
    """Reads the schedules of batches, many at a time by `pool`, and that of monitoring, whose name is `monitor`.

    `others` is the group in which the latter is. `warn` is called where the Scheduler doesn't answer.
    """

    def __init__(
        self,
        batches: Schedules,
        others: Schedules,
        monitor: str,
        cache: Cache,
        pool: Executor,
        now: Callable[[], datetime],
        warn: Callable[[str], None],
    ) -> None:
        self._batches, self._others, self._monitor = batches, others, monitor
        self._cache, self._pool, self._now, self._warn = cache, pool, now, warn

    def batches(self) -> list[Schedule] | None:
        """The schedules of batches: those that run next first, then the others by name; None if nobody knows them."""
        return self._cache.get(("batch schedules",), SECONDS, lambda: self._reporting(self._read_batches))

    def monitoring(self) -> Schedule | None:
        """The schedule of monitoring; None if nobody knows it."""
        return self._cache.get(("monitoring schedule",), SECONDS, lambda: self._reporting(self._read_monitoring))

    def next_training(self, state: MonitoringState) -> datetime | None:
        """When a model is trained again by itself at the earliest: in the run of monitoring that may decide it."""
        monitoring = self.monitoring()
        if state.next_training is None or monitoring is None:
            return None
        return monitoring.next_run(max(self._now(), state.next_training.due - _MOMENT))

    def _read_monitoring(self) -> Schedule | None:
        return self._others.find(self._monitor)

    def _read_batches(self) -> list[Schedule]:
        now = self._now()
        found = [each for each in self._pool.map(self._batches.find, self._batches.names()) if each]
        last = datetime.max.replace(tzinfo=UTC)
        return sorted(found, key=lambda each: (each.next_run(now) or last, each.name))

    def _reporting[T](self, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except (ClientError, BotoCoreError) as error:
            self._warn(f"EventBridge Scheduler doesn't answer: {error}")
            return None
