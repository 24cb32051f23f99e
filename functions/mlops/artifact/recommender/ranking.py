"""The compiled graph of a recommender: a history in, the best items and their scores out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops.artifact.history import History
from mlops.artifact.session import open_session

# name → ONNX type and shape; None is a size that differs from run to run
INPUTS: dict[str, tuple[str, list[int | None]]] = {
    "items": ("tensor(int64)", [None]),
    "weights": ("tensor(double)", [None]),
    "masked": ("tensor(int64)", [None]),
    "k": ("tensor(int64)", [1]),
    "explain": ("tensor(bool)", [1]),
}
OUTPUTS: dict[str, tuple[str, list[int | None]]] = {
    "ranked": ("tensor(int64)", [None]),
    "scores": ("tensor(double)", [None]),
    "contributions": ("tensor(double)", [None, None]),
}
EXPLAINS = "explains"
"""The key of the graph's metadata whose value is "yes" where a score is the sum of what the history's items add."""
_ADDS_UP = 1e-6

_ANSWER = ["ranked", "scores"]
_EXPLAINED = [*_ANSWER, "contributions"]
_PLAIN = np.array([False])
_EXPLAIN = np.array([True])


@dataclass(frozen=True, slots=True)
class Ranked:
    """The best items, best first: indices int64 [K] and scores float64 [K]; of equal scores the lower index is first.

    `contributions` float64 [H, K], where asked for, are what each item of the history adds to each score.
    """

    items: NDArray[np.int64]
    scores: NDArray[np.float64]
    contributions: NDArray[np.float64] | None = None

    @property
    def adds_up(self) -> bool:
        """Whether the contributions add up to the scores, to a millionth of their own size.

        Those of a factor model come from the exact solution of its equations, its scores from so many steps towards it.
        """
        if self.contributions is None:
            return True
        off = np.abs(self.contributions.sum(axis=0) - self.scores)
        size = np.abs(self.contributions).sum(axis=0)
        return bool(off.max(initial=0.0) <= _ADDS_UP * size.max(initial=0.0))


class GraphMismatch(ValueError):
    """A graph that isn't a recommender's."""


class Ranking:
    """Ranks items by a compiled graph; what the history has, what is disliked and what isn't available is left out."""

    def __init__(self, model: bytes) -> None:
        """Raises GraphMismatch, and what ONNX Runtime raises for a model that it can't load."""
        self._session = open_session(model)
        given = {node.name: (node.type, _sizes(node.shape)) for node in self._session.get_inputs()}
        if given != INPUTS:
            raise GraphMismatch(f"the model takes {given}, where a recommender takes {INPUTS}")
        # ONNX Runtime infers sizes of outputs; only their number has to be as declared.
        answers = {node.name: (node.type, [None] * len(node.shape)) for node in self._session.get_outputs()}
        if answers != OUTPUTS:
            raise GraphMismatch(f"the model answers {answers}, where a recommender answers {OUTPUTS}")
        self.explains = self._session.get_modelmeta().custom_metadata_map.get(EXPLAINS) == "yes"

    def rank(self, history: History, k: int, excluded: NDArray[np.int64] | None = None) -> Ranked:
        """The best k items for a history, or fewer if no more are left; `excluded` int64 [E] are left out too."""
        items, scores = self._session.run(_ANSWER, feed(history, k, excluded))
        return Ranked(items, scores)

    def explain(self, history: History, k: int, excluded: NDArray[np.int64] | None = None) -> Ranked:
        """The same with the contributions, where `explains`; they add up to the scores."""
        return Ranked(*self._session.run(_EXPLAINED, feed(history, k, excluded, _EXPLAIN)))


def feed(
    history: History, k: int, excluded: NDArray[np.int64] | None = None, explain: NDArray[np.bool_] = _PLAIN
) -> dict[str, NDArray[np.generic]]:
    """The graph's inputs; without more it explains nothing."""
    masked = history.disliked if excluded is None else np.concatenate((history.disliked, excluded))
    return {
        "items": history.items,
        "weights": history.weights,
        "masked": masked,
        "k": np.array([k], dtype=np.int64),
        "explain": explain,
    }


def _sizes(shape: list[int | str | None]) -> list[int | None]:
    return [size if isinstance(size, int) else None for size in shape]
