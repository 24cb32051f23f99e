"""Versions that requests name by number: loaded at the first request, the few last used kept in memory."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from mlops.errors import ArtifactInvalid, ModelNotFound, VersionNotFound
from mlops.registry.store import Store
from mlops.registry.versions import Versions, list_models
from mlops.serving.live.follower import REFUSED_SECONDS, Listener
from mlops.serving.scorer import Scorer

MAX_KEPT = 4


class PinnedVersions:
    """The versions last named, at most MAX_KEPT, least recently used first.

    A version's files never change, so one that was refused isn't tried again within REFUSED_SECONDS.
    """

    def __init__(
        self, store: Store, listener: Listener, *, max_rows: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._listener = listener
        self._max_rows = max_rows
        self._clock = clock
        self._lock = Lock()
        self._kept = OrderedDict[tuple[str, int], Scorer]()
        self._refused = OrderedDict[tuple[str, int], tuple[float, ArtifactInvalid]]()

    def find(self, model: str, version: int) -> Scorer | None:
        """The version if it is in memory: no request waits for another's download."""
        scorer = self._kept.get((model, version))
        if scorer is not None and self._lock.acquire(blocking=False):
            try:
                self._keep(scorer)
            finally:
                self._lock.release()
        return scorer

    def load(self, model: str, version: int) -> Scorer:
        """The version, read now if it isn't in memory. Raises ModelNotFound, VersionNotFound or ArtifactInvalid."""
        with self._lock:
            scorer = self._kept.get((model, version)) or self._read(model, version)
            self._keep(scorer)
            return scorer

    def _keep(self, scorer: Scorer) -> None:
        key = (scorer.manifest.model, scorer.manifest.version)
        self._kept[key] = scorer
        self._kept.move_to_end(key)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)

    def _read(self, model: str, version: int) -> Scorer:
        key = (model, version)
        since, refusal = self._refused.get(key, (0.0, None))
        if refusal is not None and 0 <= self._clock() - since < REFUSED_SECONDS:
            raise refusal.with_traceback(None)
        try:
            return Scorer.load(Versions(self._store, model), version, self._max_rows)
        except VersionNotFound:
            if model not in list_models(self._store):
                raise ModelNotFound(model) from None
            raise
        except ArtifactInvalid as error:
            self._refused[key] = (self._clock(), error)
            self._refused.move_to_end(key)
            if len(self._refused) > MAX_KEPT:
                self._refused.popitem(last=False)
            self._listener.refused(model, version, str(error))
            raise
