"""A recommender's version in memory: its graph, its items, and its contract."""

from typing import Self

import numpy as np

from mlops.artifact.history import History
from mlops.artifact.names import GOLDEN, ITEMS, MODEL
from mlops.artifact.recommender.golden import find_miss, read_golden
from mlops.artifact.recommender.items import Items
from mlops.artifact.recommender.ranking import GraphMismatch, Ranking
from mlops.errors.registry import ArtifactInvalid
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.registry.versions import Versions
from mlops.serving.scorer import MAX_BYTES, ONNX_FAULTS

_EMPTY = History(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0, dtype=np.int64))


class Recommender:
    """One version, ready to rank."""

    def __init__(self, manifest: RecommenderManifest, model: bytes, items: bytes) -> None:
        """Raises ArtifactInvalid with the reason."""
        self.manifest = manifest
        self.interactions = manifest.interactions
        try:
            self.ranking = Ranking(model)
        except (GraphMismatch, *ONNX_FAULTS) as error:
            raise self._invalid(f"{MODEL} doesn't load: {error}") from error
        try:
            self.items = Items.from_json(items)
        except ValueError as error:
            raise self._invalid(f"{ITEMS} can't be used: {error}") from error
        known = len(self.items.ids)
        if any(item >= known for item in self.ranking.rank(_EMPTY, known + 1).items.tolist()):
            raise self._invalid(f"{MODEL} ranks more items than the {known} of {ITEMS}")

    @classmethod
    def load_files(cls, versions: Versions, manifest: RecommenderManifest) -> Self:
        """Read a version's files, and try it on its golden histories. Raises ArtifactInvalid with the reason."""
        size = manifest.files[MODEL].size if MODEL in manifest.files else 0
        if size > MAX_BYTES:
            reason = f"{MODEL} has {size:,} bytes, and {MAX_BYTES:,} can be loaded next to the model that serves"
            raise ArtifactInvalid(manifest.model, manifest.version, reason)
        made = cls(manifest, versions.read(manifest, MODEL), versions.read(manifest, ITEMS))
        made.check_golden(versions.read(manifest, GOLDEN))
        return made

    def check_golden(self, content: bytes) -> None:
        """Raise ArtifactInvalid if it doesn't answer its golden histories as its item model did."""
        try:
            miss = find_miss(self.ranking, read_golden(content))
        except ValueError as error:
            raise self._invalid(f"{GOLDEN} can't be used: {error}") from error
        except ONNX_FAULTS as error:
            raise self._invalid(f"{MODEL} fails on its golden histories: {error}") from error
        if miss:
            raise self._invalid(miss)

    def _invalid(self, reason: str) -> ArtifactInvalid:
        return ArtifactInvalid(self.manifest.model, self.manifest.version, reason)
