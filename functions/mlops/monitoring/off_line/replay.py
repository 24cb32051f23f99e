"""A version that answers as serving would have, from a user's training data and events up to a moment."""

from collections.abc import Sequence

import numpy as np

from mlops.artifact.history import Pairs
from mlops.artifact.names import HISTORIES, HISTORY_INDEX, ITEMS, MODEL
from mlops.artifact.recommender.answering import (
    EventTuple,
    is_telling,
    limit_history,
    pick_trending,
    weigh_events,
)
from mlops.artifact.recommender.histories import HistoriesInvalid, HistoryIndex, Shard, hash_user
from mlops.artifact.recommender.items import Items
from mlops.artifact.recommender.ranking import GraphMismatch, Ranking
from mlops.errors.registry import ArtifactInvalid
from mlops.errors.training import Incomparable
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.registry.versions import Versions

_NOTHING = Pairs.reduce(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0, dtype=np.int64))


class ReplayedVersion:
    """One version, read whole. `key` is the privacy key; only users whose ids aren't private need it."""

    def __init__(self, versions: Versions, manifest: RecommenderManifest, key: bytes) -> None:
        """Raises ArtifactInvalid, and Incomparable where another key was used."""
        self.manifest = manifest
        self._key = key
        try:
            self._ranking = Ranking(versions.read(manifest, MODEL))
            self._items = Items.from_json(versions.read(manifest, ITEMS))
            self._index = HistoryIndex(versions.read(manifest, HISTORY_INDEX))
        except (GraphMismatch, HistoriesInvalid, ValueError) as error:
            raise ArtifactInvalid(manifest.model, manifest.version, str(error)) from error
        if manifest.interactions.user_privacy == "keep" and not self._index.has_key(key):
            raise Incomparable(
                f"the histories of version {manifest.version} were written with another privacy key: give the stack's"
            )
        self._histories = versions.read(manifest, HISTORIES)
        self._shards: dict[int, Shard] = {}

    def rank(self, user: str | None, events: Sequence[EventTuple], depth: int) -> list[str]:
        """The ids of the best `depth` items for a user, as records have them, after their recent events."""
        pairs = _NOTHING if user is None else self._find(user) or _NOTHING
        if events:
            weighed, _ = weigh_events(self.manifest.interactions, self._items.places, events)
            pairs = pairs.merge(*weighed)
        history, older = limit_history(pairs)
        if is_telling(history):
            ranked = self._ranking.rank(history, depth, older).items.tolist()
        else:
            ranked = pick_trending(self._items.trending, history, older, depth)
        return [self._items.ids[item] for item in ranked]

    def _find(self, user: str) -> Pairs | None:
        contract = self.manifest.interactions
        hashed = bytes.fromhex(user) if contract.user_privacy == "hash" else hash_user(contract.user, user, self._key)
        number = self._index.shard_of(hashed)
        if number not in self._shards:
            start, end = self._index.place(number)
            try:
                self._shards[number] = self._index.open(number, self._histories[start:end])
            except HistoriesInvalid as error:
                raise ArtifactInvalid(self.manifest.model, self.manifest.version, str(error)) from error
        return self._shards[number].find(hashed)
