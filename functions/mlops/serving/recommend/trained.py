"""The histories that a version was trained on: read whole where they are small, else a part a user."""

from collections import OrderedDict
from threading import Lock

from mlops.artifact.history import Pairs
from mlops.artifact.names import HISTORIES, HISTORY_INDEX
from mlops.artifact.recommender.histories import HistoriesInvalid, HistoryIndex, Shard, hash_user
from mlops.errors.registry import ArtifactInvalid
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.registry.store import Store
from mlops.registry.versions import Versions

WHOLE_BYTES = 8_000_000
MAX_SHARDS = 64  # in memory: of about a quarter of a megabyte each


class TrainedHistories:
    """Finds users in the histories of one version; `key` is the privacy key."""

    def __init__(self, store: Store, manifest: RecommenderManifest, key: bytes) -> None:
        """Reads the index. Raises ArtifactInvalid, and what the store raises."""
        self._versions = Versions(store, manifest.model)
        self._manifest = manifest
        self._key = key
        try:
            self._index = HistoryIndex(self._versions.read(manifest, HISTORY_INDEX))
        except HistoriesInvalid as error:
            raise self._invalid(str(error)) from error
        if not self._index.has_key(key):
            raise self._invalid("its histories were written with another privacy key, so that no user is found in them")
        is_small = HISTORIES in manifest.files and manifest.files[HISTORIES].size <= WHOLE_BYTES
        self._whole = self._versions.read(manifest, HISTORIES) if is_small else None
        self.is_whole = self._whole is not None
        """Whether all of them are in memory, so that none has to be read for a user."""
        self._shards = OrderedDict[int, Shard]()
        self._lock = Lock()

    def find(self, user: str) -> Pairs | None:
        """The pairs of a user, or None if the version wasn't trained on any. Raises as the constructor does."""
        hashed = hash_user(self._manifest.interactions.user, user, self._key)
        return self._open(self._index.shard_of(hashed)).find(hashed)

    def _open(self, number: int) -> Shard:
        with self._lock:
            kept = self._shards.get(number)
            if kept is not None:
                self._shards.move_to_end(number)
                return kept
        try:
            shard = self._index.open(number, self._read(*self._index.place(number)))
        except HistoriesInvalid as error:
            raise self._invalid(str(error)) from error
        with self._lock:
            self._shards[number] = shard
            if len(self._shards) > MAX_SHARDS:
                self._shards.popitem(last=False)
        return shard

    def _read(self, start: int, end: int) -> bytes:
        if self._whole is not None:
            return self._whole[start:end]
        return self._versions.read_part(self._manifest, HISTORIES, start, end)

    def _invalid(self, reason: str) -> ArtifactInvalid:
        return ArtifactInvalid(self._manifest.model, self._manifest.version, reason)
