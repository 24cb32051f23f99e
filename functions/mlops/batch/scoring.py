"""The serving code's own scorer, for rows of which one may have no answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from mlops.artifact.explanation.explainer import Explanation
from mlops.contract import Contract
from mlops.registry.manifest.manifest import Manifest
from mlops.registry.store import Store
from mlops.registry.versions import Versions
from mlops.serving.explanations import Explanations
from mlops.serving.rows.inspection import Row
from mlops.serving.scorer import Scorer, Scores

_MAX_ROWS = 1 << 20  # of the golden rows' check; a batch's rows don't come through the reader of requests


@dataclass(frozen=True)
class BatchScorer:
    """A model version that answers, and explains its answers if it's to."""

    scorer: Scorer
    explanations: Explanations | None

    @classmethod
    def load(cls, registry: Store, manifest: Manifest, *, explain: bool) -> "BatchScorer":
        """Read a version. Raises ArtifactInvalid, or ExplanationUnavailable if its answers can't be explained."""
        scorer = Scorer.load_files(Versions(registry, manifest.model), manifest, _MAX_ROWS)
        loaded = cls(scorer, Explanations(registry, _MAX_ROWS) if explain else None)
        if loaded.explanations is not None:
            loaded.explanations.prepare(scorer)
        return loaded

    @property
    def contract(self) -> Contract:
        """The columns that it takes."""
        return self.scorer.contract

    @property
    def explains(self) -> bool:
        """Whether answers are explained."""
        return self.explanations is not None

    def score(self, rows: Sequence[Row]) -> Scores:
        """The answers. Raises ArithmeticError if one isn't finite."""
        return self.scorer.score(rows)

    def explain(self, rows: Sequence[Row], scores: Scores) -> list[Explanation] | None:
        """An explanation a row, if answers are explained."""
        return self.explanations.explain_all(self.scorer, rows, scores) if self.explanations else None

    def find_unanswered(self, rows: Sequence[Row]) -> list[int]:
        """The places of the rows whose answers aren't finite, found by halving."""
        return [*self._search(rows, 0, len(rows))]

    def _search(self, rows: Sequence[Row], start: int, end: int) -> list[int]:
        try:
            self.scorer.score(rows[start:end])
        except ArithmeticError:
            if end - start == 1:
                return [start]
            middle = (start + end) // 2
            return [*self._search(rows, start, middle), *self._search(rows, middle, end)]
        return []
