"""A user's history for one request: of the training data, of the last days, and of the request itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from obstore.exceptions import BaseError

from mlops.artifact.history import History, Pairs
from mlops.artifact.recommender.answering import EventTuple, is_telling, limit_history, weigh_events
from mlops.artifact.recommender.histories import hash_user
from mlops.errors.authorization import TableUnavailable
from mlops.errors.registry import ArtifactInvalid
from mlops.registry.store import Store
from mlops.serving.recommend.recent import RecentEvents
from mlops.serving.recommend.requests import RecommendationRequest
from mlops.serving.recommend.trained import TrainedHistories
from mlops.serving.recommender import Recommender

TRAINING, RECENT, REQUEST = "training", "recent", "request"

_NOTHING = Pairs.reduce(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is known of a user.

    `sources` are where it comes from, each with its number of items or events; `faults` those that can't be read, each
    with the reason. `unknown_items` counts events with items that the version doesn't know, `events` are the recent
    ones and the request's, `older` items too old to rank by.
    """

    history: History
    sources: Mapping[str, int]
    faults: Mapping[str, str]
    unknown_items: int
    events: Sequence[EventTuple]
    older: NDArray[np.int64] | None

    @property
    def says_something(self) -> bool:
        """Whether anything in it is preferred, so that it can be ranked by."""
        return is_telling(self.history)


class HistorySources:
    """Gathers histories. `open_recent` makes the table's client; None where there is no such table."""

    def __init__(self, store: Store, open_recent: Callable[[], RecentEvents] | None, key: bytes) -> None:
        self._store = store
        self._open_recent = open_recent
        self._key = key
        self._trained = WeakKeyDictionary[Recommender, TrainedHistories]()

    def waits(self, served: Recommender, request: RecommendationRequest) -> bool:
        """Whether gathering the history waits for what is outside, so that it belongs in a thread."""
        if request.user is None:
            return False
        trained = self._trained.get(served)
        return self._open_recent is not None or trained is None or not trained.is_whole

    def gather(self, served: Recommender, request: RecommendationRequest) -> Gathered:
        """The history of a request's user, and of the request. A source that is away is left out, with the reason."""
        sources: dict[str, int] = {}
        faults: dict[str, str] = {}
        pairs, events = _NOTHING, []
        if request.user is not None:
            pairs = self._read_trained(served, request.user, sources, faults)
            events += self._read_recent(served, request.user, sources, faults)
        if request.events:
            sources[REQUEST] = len(request.events)
            events += request.events
        unknown = 0
        if events:
            weighed, unknown = weigh_events(served.interactions, served.items.places, events)
            pairs = pairs.merge(*weighed) if len(pairs.keys) else Pairs.reduce(*weighed)
        history, older = limit_history(pairs)
        return Gathered(history, sources, faults, unknown, events, older)

    def _read_trained(self, served: Recommender, user: str, sources: dict[str, int], faults: dict[str, str]) -> Pairs:
        try:
            trained = self._trained.get(served)
            if trained is None:
                trained = self._trained[served] = TrainedHistories(self._store, served.manifest, self._key)
            pairs = trained.find(user)
        except (ArtifactInvalid, BaseError, OSError) as error:
            faults[TRAINING] = str(error)
            return _NOTHING
        if pairs is None:
            return _NOTHING
        sources[TRAINING] = len(pairs.keys)
        return pairs

    def _read_recent(
        self, served: Recommender, user: str, sources: dict[str, int], faults: dict[str, str]
    ) -> list[EventTuple]:
        if self._open_recent is None:
            return []
        hashed = hash_user(served.interactions.user, user, self._key)
        try:
            events = self._open_recent().read(served.manifest.model, hashed)
        except TableUnavailable as error:
            faults[RECENT] = str(error)
            return []
        if events:
            sources[RECENT] = len(events)
        return [(each.item, each.name, each.time, each.rating) for each in events]
