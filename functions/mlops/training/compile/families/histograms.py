"""Histogram gradient boosting: compares in float64, knows missing values, and splits categories natively."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn._loss.link import IdentityLink, LogLink
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from mlops.training.compile.columns import Column, Columns
from mlops.training.compile.families.encoding import ordinal
from mlops.training.compile.families.ensemble import Ensemble
from mlops.training.compile.links import linked
from mlops.training.compile.trees import Tree
from mlops.training.compile.walk import Answer, Predictor, Regression, Walk

_WORD = 32  # bits in a word of a bitset


def _scores(estimator: Any, columns: Columns, walk: Walk) -> str:
    """The raw scores [N, trees an iteration]."""
    columns = _encoded(estimator, columns, walk)
    memberships = _Memberships(columns, walk)
    rounds = estimator._predictors
    trees = [_tree(fitted, memberships) for group in rounds for fitted in group]
    outputs = estimator.n_trees_per_iteration_
    start = estimator._baseline_prediction.ravel().tolist()
    known = walk.numbers((*columns, *memberships.columns()))
    features = (*range(len(columns)), *memberships.features())
    ensemble = Ensemble(trees, known, walk, single=False, features=features)
    return ensemble.sums([*range(outputs)] * len(rounds), outputs, start)


def _encoded(estimator: Any, columns: Columns, walk: Walk) -> Columns:
    """The columns as the trees number them: categories come first, as codes."""
    if estimator._preprocessor is None:
        return columns
    encoder = estimator._preprocessor.named_transformers_["encoder"]
    native = estimator.is_categorical_.tolist()
    categories = tuple(column for column, is_native in zip(columns, native, strict=True) if is_native)
    numbers = tuple(column for column, is_native in zip(columns, native, strict=True) if not is_native)
    return (*ordinal(encoder, categories, walk), *numbers)


def _tree(fitted: Any, memberships: "_Memberships") -> Tree:
    nodes = fitted.nodes
    leaf = nodes["is_leaf"].astype(np.bool_)
    feature = np.where(leaf, 0, nodes["feature_idx"]).astype(np.int64)
    threshold = np.where(leaf, 0.0, nodes["num_threshold"])
    for node in np.flatnonzero(nodes["is_categorical"].astype(np.bool_) & ~leaf):
        feature[node] = memberships.feature(int(feature[node]), fitted.raw_left_cat_bitsets[nodes["bitset_idx"][node]])
        threshold[node] = 0.5
    return Tree(
        feature=feature,
        threshold=threshold,
        left=nodes["left"].astype(np.int64),
        right=nodes["right"].astype(np.int64),
        missing_left=nodes["missing_go_to_left"].astype(np.bool_),
        leaf=leaf,
        values=nodes["value"][:, None],
        cover=nodes["count"].astype(np.float64),
    )


class _Memberships:
    """Columns for whether a category is outside a set: 0 inside it, 1 outside, NaN where missing or unknown.

    A split by a set of categories becomes one by the threshold 0.5 on such a column, one for each set that occurs.
    """

    def __init__(self, columns: Columns, walk: Walk) -> None:
        self._columns = columns
        self._walk = walk
        self._sets: dict[tuple[int, bytes], int] = {}

    def feature(self, column: int, bitset: NDArray[np.uint32]) -> int:
        """The number of the column for a set of codes of a column."""
        number = len(self._columns) + len(self._sets)
        return self._sets.setdefault((column, bitset.tobytes()), number)

    def features(self) -> list[int]:
        """The number of the feature behind each of the columns."""
        return [column for column, _ in self._sets]

    def columns(self) -> Columns:
        """The columns that were requested, in the order of their numbers."""
        graph = self._walk.graph
        found = []
        for column, bitset in self._sets:
            words = np.frombuffer(bitset, dtype=np.uint32)
            inside = ((words[:, None] >> np.arange(_WORD, dtype=np.uint32)) & 1).ravel()
            codes = graph.matrix([self._columns[column]])
            # A missing code looks up the table's last entry.
            last = graph.constant(float(len(inside)))
            filled = graph.node("Where", graph.node("IsNaN", codes), last, codes)
            position = graph.node("Cast", filled, to=TensorProto.INT64)
            table = graph.constant([*np.where(inside, 0.0, 1.0), np.nan])
            outside = graph.node("Gather", table, position, axis=0, width=1)
            found.append(Column(outside, 0, self._columns[column].origin))
        return tuple(found)


def _classifier(estimator: HistGradientBoostingClassifier, columns: Columns, walk: Walk) -> Answer:
    return linked(walk.graph, estimator.classes_, _scores(estimator, columns, walk))


def _regressor(estimator: HistGradientBoostingRegressor, columns: Columns, walk: Walk) -> Answer:
    scores = _scores(estimator, columns, walk)
    link = estimator._loss.link
    if isinstance(link, IdentityLink):
        return Regression(scores)
    if isinstance(link, LogLink):
        return Regression(walk.graph.node("Exp", scores))
    raise walk.failure(f"its loss {estimator.loss!r} has no exact conversion")


PREDICTORS: dict[type, Predictor] = {
    HistGradientBoostingClassifier: _classifier,
    HistGradientBoostingRegressor: _regressor,
}
