"""Versions that requests name by number: loaded at the first request, the few last used kept in memory."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

from mlops.errors.registry import ArtifactInvalid, VersionNotFound, VersionNotPublic
from mlops.registry.store import Store
from mlops.registry.versions import Versions
from mlops.serving.live.follower import REFUSED_SECONDS, Listener
from mlops.serving.live.loading import load_files
from mlops.serving.live.names import ModelNames

if TYPE_CHECKING:
    from mlops.serving.live.loading import Served

MAX_KEPT = 4


class PinnedVersions:
    """The versions last named, at most MAX_KEPT, least recently used first.

    A version's files never change, so one that was refused isn't tried again within REFUSED_SECONDS. One that failed
    its gates is refused too, unless `serve_refused`, and nothing of it but its manifest is read.
    """

    def __init__(
        self,
        store: Store,
        listener: Listener,
        *,
        max_rows: int,
        names: ModelNames | None = None,
        serve_refused: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._names = names or ModelNames(store, 0)
        self._serve_refused = serve_refused
        self._listener = listener
        self._max_rows = max_rows
        self._clock = clock
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, int], Served] = OrderedDict()
        self._refused = OrderedDict[tuple[str, int], tuple[float, ArtifactInvalid | VersionNotPublic]]()

    def find(self, model: str, version: int) -> "Served | None":
        """The version if it is in memory: no request waits for another's download."""
        scorer = self._kept.get((model, version))
        if scorer is not None and self._lock.acquire(blocking=False):
            try:
                self._keep(scorer)
            finally:
                self._lock.release()
        return scorer

    def load(self, model: str, version: int) -> "Served":
        """The version, read now if it isn't in memory.

        Raises ModelNotFound, VersionNotFound, VersionNotPublic or ArtifactInvalid.
        """
        with self._lock:
            scorer = self._kept.get((model, version)) or self._read(model, version)
            self._keep(scorer)
            return scorer

    def _keep(self, scorer: "Served") -> None:
        key = (scorer.manifest.model, scorer.manifest.version)
        self._kept[key] = scorer
        self._kept.move_to_end(key)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)

    def _read(self, model: str, version: int) -> "Served":
        key = (model, version)
        since, refusal = self._refused.get(key, (0.0, None))
        if refusal is not None and 0 <= self._clock() - since < REFUSED_SECONDS:
            raise refusal.with_traceback(None)
        try:
            return self._load(Versions(self._store, model), version)
        except VersionNotFound:
            self._names.require(model)
            raise
        except VersionNotPublic as error:
            self._remember(key, error)
            raise
        except ArtifactInvalid as error:
            self._remember(key, error)
            self._listener.refused(model, version, str(error))
            raise

    def _load(self, versions: Versions, version: int) -> "Served":
        manifest = versions.manifest(version)
        if not manifest.accepted and not self._serve_refused:
            failed = [gate.name for gate in manifest.gates if not gate.passed]
            raise VersionNotPublic(manifest.model, version, failed)
        return load_files(versions, manifest, self._max_rows)

    def _remember(self, key: tuple[str, int], error: ArtifactInvalid | VersionNotPublic) -> None:
        self._refused[key] = (self._clock(), error)
        self._refused.move_to_end(key)
        if len(self._refused) > MAX_KEPT:
            self._refused.popitem(last=False)
