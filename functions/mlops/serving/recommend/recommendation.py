"""A recommendation: items for a user, and what they are based on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from mlops.serving.recommend.requests import RecommendationRequest
from mlops.serving.recommend.sources import Gathered
from mlops.serving.scorer import round_significant

type Basis = Literal["history", "trending"]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The answer to a request: `items` by their ids, the first one first, each with title, score and propensity.

    `basis` is "history" where the items were ranked for a history, and "trending" where nothing is known of anything
    that the user prefers: then they have no scores. `because` has an explanation of each item, where asked for.
    """

    id: str
    request: RecommendationRequest
    gathered: Gathered
    basis: Basis
    items: Sequence[str]
    titles: Sequence[str | None] | None
    scores: Sequence[float | None]
    propensities: Sequence[float]
    explored: bool
    because: Sequence[dict[str, Any]] = ()

    def rounded(self, digits: int) -> "Recommendation":
        """The same, with scores of so many significant digits; 0 leaves all of them."""
        if not digits:
            return self
        scores = [score if score is None else round_significant(score, digits) for score in self.scores]
        return replace(self, scores=scores)

    def to_dict(self) -> dict[str, Any]:
        """What a client gets."""
        gathered = self.gathered
        items: list[dict[str, Any]] = [
            {"item": item, "score": score} for item, score in zip(self.items, self.scores, strict=True)
        ]
        for item, title in zip(items, self.titles or (), strict=False):
            if title is not None:
                item["title"] = title
        for item, explanation in zip(items, self.because, strict=False):
            item |= explanation
        return {
            "recommendation_id": self.id,
            "basis": self.basis,
            "history": {
                "items": len(gathered.history.items),
                "sources": gathered.sources,
                "unavailable": [*gathered.faults],
                "unknown_items": gathered.unknown_items,
            },
            "items": items,
        }
