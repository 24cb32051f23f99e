"""States, windows and incidents of models, as monitoring wrote them."""

from concurrent.futures import Executor
from datetime import date, timedelta
from typing import TYPE_CHECKING

from mlops.console.readers.cache import Cache
from mlops.console.readers.registry import SECONDS
from mlops.monitoring.archive import Archive
from mlops.monitoring.facts import WindowFacts
from mlops.monitoring.incident import Incident
from mlops.monitoring.state import MonitoringState, States

if TYPE_CHECKING:
    from obstore.store import ObjectStore

DAYS = 90
_MINUTE = 60.0
_RECENT = timedelta(days=2)
"""Days that may be written again soon: a run that was interrupted repeats its day."""


class Monitoring:
    """Reads the records bucket, many windows at a time by `pool`."""

    def __init__(self, store: "ObjectStore", cache: Cache, pool: Executor) -> None:
        self._archive, self._states = Archive(store), States(store)
        self._cache, self._pool = cache, pool

    def state(self, model: str) -> MonitoringState:
        """What monitoring knows of a model; of one that wasn't looked at, nothing."""
        return self._cache.get(("state", model), SECONDS, lambda: self._states.load(model).state)

    def days(self, model: str, most: int = DAYS) -> list[WindowFacts]:
        """The facts of the last days that were looked at, oldest first; days without facts are left out."""
        state = self.state(model)
        if state.daily is None:
            return []
        last = date.fromisoformat(state.daily)
        wanted = [last - timedelta(days=place) for place in range(most - 1, -1, -1)]
        found = self._pool.map(lambda day: self._day(model, day, last), wanted)
        return [facts for facts in found if facts]

    def incidents(self, model: str) -> list[Incident]:
        """All incidents of a model, oldest first."""
        return self._cache.get(("incidents", model), _MINUTE / 2, lambda: self._archive.read_incidents(model))

    def report(self, model: str, window: str) -> bytes | None:
        """The page of a window; None if it has none."""
        return self._archive.read_report(model, window)

    def _day(self, model: str, day: date, last: date) -> WindowFacts | None:
        seconds = _MINUTE if last - day < _RECENT else 10 * _MINUTE
        window = day.isoformat()
        return self._cache.get(("day", model, window), seconds, lambda: self._archive.read_facts(model, window))
