"""Explanations of answers, by the explainer of their version, which is read at the first request and kept with it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from onnxruntime import InferenceSession

from mlops.artifact.explanation.explainer import Explainer, Explanation
from mlops.artifact.explanation.files import ABOUT, NUMBERS, ExplainerUnreadable, read_explainer, read_reason
from mlops.errors.registry import ArtifactInvalid
from mlops.errors.serving import BodyTooLarge, ExplanationUnavailable
from mlops.registry.store import Store
from mlops.registry.versions import Versions
from mlops.serving.rows.reader import Row
from mlops.serving.scorer import Scorer, Scores, load_session

MOST_COST = 250_000_000
"""Nodes of trees times points of the quadrature that a request may take: some 5 s on a whole vCPU."""


@dataclass(frozen=True, slots=True)
class _Ready:
    explainer: Explainer
    session: InferenceSession

    def explain(self, scorer: Scorer, rows: Sequence[Row], scores: Scores) -> list[Explanation]:
        names = scorer.contract.target.labels
        answers = [names.index(label) for label in scores.labels] if names else [0] * len(rows)
        return self.explainer.explain(self.session.run(None, scorer.inputs(rows))[0], answers)


class Explanations:
    """Explains the answers of scorers, at most `max_rows` a request, in a thread: other requests go on.

    Of large trees fewer rows are explained, so that a request stays within MOST_COST.
    """

    def __init__(self, store: Store, max_rows: int) -> None:
        self._store = store
        self._max_rows = max_rows
        self._kept = WeakKeyDictionary[Scorer, _Ready]()

    async def explain(self, scorer: Scorer, rows: Sequence[Row], scores: Scores) -> list[Explanation]:
        """One a row. Raises BodyTooLarge, ExplanationUnavailable, ArtifactInvalid, or what the store raises."""
        if len(rows) > self._max_rows:
            raise BodyTooLarge("rows to explain", self._max_rows, len(rows))
        return await asyncio.to_thread(self._explain, scorer, rows, scores)

    def explain_all(self, scorer: Scorer, rows: Sequence[Row], scores: Scores) -> list[Explanation]:
        """One a row, of as many rows as there are and in the thread of the caller. Raises as `explain` does."""
        return self._find(scorer).explain(scorer, rows, scores)

    def prepare(self, scorer: Scorer) -> None:
        """Read a version's explainer. Raises ExplanationUnavailable, ArtifactInvalid, or what the store raises."""
        self._find(scorer)

    def _find(self, scorer: Scorer) -> _Ready:
        ready = self._kept.get(scorer)
        if ready is None:
            ready = self._kept[scorer] = self._read(scorer)
        return ready

    def _explain(self, scorer: Scorer, rows: Sequence[Row], scores: Scores) -> list[Explanation]:
        ready = self._find(scorer)
        most = max(1, MOST_COST // max(1, ready.explainer.cost))
        if len(rows) > most:
            raise BodyTooLarge("rows to explain", most, len(rows), "the model's trees are large")
        return ready.explain(scorer, rows, scores)

    def _read(self, scorer: Scorer) -> _Ready:
        manifest = scorer.manifest
        if ABOUT not in manifest.files:
            why = "it was trained without an explainer; train it again"
            raise ExplanationUnavailable(manifest.model, manifest.version, why)
        versions = Versions(self._store, manifest.model)
        about = versions.read(manifest, ABOUT)
        try:
            reason = read_reason(about)
            if reason is not None:
                raise ExplanationUnavailable(manifest.model, manifest.version, reason)
            explainer = read_explainer(about, versions.read(manifest, NUMBERS))
        except ExplainerUnreadable as error:
            raise ArtifactInvalid(manifest.model, manifest.version, str(error)) from error
        answers = max(1, len(scorer.contract.target.labels))
        if explainer.names != scorer.contract.names or any(len(part.views) != answers for part in explainer.parts):
            raise ArtifactInvalid(manifest.model, manifest.version, f"{ABOUT} explains another contract")
        return _Ready(explainer, load_session(manifest, explainer.graph, NUMBERS))
