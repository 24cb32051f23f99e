"""LightGBM: trees that compare and add up in float64, from the library's own dump of the model."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.training.compile.columns import Columns
from mlops.training.compile.families.ensemble import Ensemble
from mlops.training.compile.families.memberships import MEMBERSHIP_THRESHOLD, Memberships
from mlops.training.compile.links import two_classes
from mlops.training.compile.table import Rule
from mlops.training.compile.tensors import Tensor
from mlops.training.compile.trees import Tree
from mlops.training.compile.walk import Answer, Classification, Predictor, Regression, Walk

_ZERO = float(np.float32(1e-35))  # what isn't further from 0 is 0 for the library
_IDENTITY = ("regression", "regression_l1", "huber", "fair", "quantile", "mape")
_LOG = ("poisson", "gamma", "tweedie")
_CLASSES = ("binary", "multiclass", "multiclassova", "cross_entropy")


def _scores(estimator: Any, columns: Columns, walk: Walk) -> tuple[Tensor, list[str]]:
    """[N, outputs]: what the trees add up to, and the words of the objective."""
    model = estimator.booster_.dump_model()
    objective = model.get("objective", "").split()
    if not objective or objective[0] not in (*_IDENTITY, *_LOG, *_CLASSES):
        raise walk.failure(f"its objective {' '.join(objective) or 'of its own'!r} has no exact conversion")
    columns = _without_specks(walk.numbers(columns), walk)
    zeroed = _zero_as_missing(columns, walk) if "Zero" in _kinds(model) else ()
    known = Memberships((*columns, *zeroed), walk)
    trees = [_Reader(len(columns), known, walk).read(each["tree_structure"]) for each in model["tree_info"]]
    outputs = model["num_tree_per_iteration"]
    features = [feature % len(columns) for feature in known.features()]
    ensemble = Ensemble(trees, known.columns(), walk, single=False, features=features)
    rounds = len(trees) // outputs
    scores = Tensor(walk.graph, ensemble.sums([*range(outputs)] * rounds, outputs))
    return (scores / float(rounds) if model["average_output"] else scores), objective


def _kinds(model: Any) -> set[str]:
    """The ways to be missing that occur among the splits."""
    return {node["missing_type"] for tree in model["tree_info"] for node in _splits(tree["tree_structure"])}


def _splits(node: Any) -> Iterator[Any]:
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if "split_feature" in found:
            yield found
            waiting += [found["left_child"], found["right_child"]]


def _without_specks(columns: Columns, walk: Walk) -> Columns:
    """The columns with 0 where the library reads 0."""
    x = Tensor(walk.graph, walk.graph.matrix(columns))
    return walk.graph.columns((x.abs() <= _ZERO).where(0.0, x).name, columns)


def _zero_as_missing(columns: Columns, walk: Walk) -> Columns:
    """The columns with no number where they have 0."""
    x = Tensor(walk.graph, walk.graph.matrix(columns))
    return walk.graph.columns(x.equals(0.0).where(np.nan, x).name, columns)


class _Reader:
    """Reads one tree, which the library gives as nodes within nodes."""

    def __init__(self, count: int, known: Memberships, walk: Walk) -> None:
        self._count = count
        self._known = known
        self._walk = walk

    def read(self, root: Any) -> Tree:
        """The tree, its nodes numbered as they are met."""
        nodes: list[Any] = [root]
        sides: list[tuple[int, int]] = []
        for node in nodes:
            sides.append((len(nodes), len(nodes) + 1) if "split_feature" in node else (0, 0))
            if "split_feature" in node:
                nodes += [node["left_child"], node["right_child"]]
            elif "leaf_coeff" in node:
                raise self._walk.failure("its leaves are linear models; leave linear_tree out")
        splits = [self._split(node) for node in nodes]
        leaf = np.array(["split_feature" not in node for node in nodes])
        return Tree(
            feature=np.array([feature for feature, _, _ in splits], dtype=np.int64),
            threshold=np.array([threshold for _, threshold, _ in splits], dtype=np.float64),
            left=np.array([left for left, _ in sides], dtype=np.int64),
            right=np.array([right for _, right in sides], dtype=np.int64),
            missing_left=np.array([missing for _, _, missing in splits], dtype=np.bool_),
            leaf=leaf,
            values=np.array([[node.get("leaf_value", 0.0)] for node in nodes], dtype=np.float64),
            cover=_cover(nodes),
        )

    def _split(self, node: Any) -> tuple[int, float, bool]:
        """Feature, threshold and whether a missing value goes left."""
        if "split_feature" not in node:
            return 0, 0.0, False
        feature = int(node["split_feature"])
        if node["decision_type"] == "==":
            codes = frozenset(int(code) for code in str(node["threshold"]).split("||"))
            return self._known.feature(feature, codes), MEMBERSHIP_THRESHOLD, False
        threshold = float(node["threshold"])
        if node["missing_type"] == "Zero":
            return self._count + feature, threshold, bool(node["default_left"])
        if node["missing_type"] == "NaN":
            return feature, threshold, bool(node["default_left"])
        # No value was missing when it was fitted: the library takes one for 0.
        return feature, threshold, threshold >= 0


def _cover(nodes: list[Any]) -> NDArray[np.float64]:
    """How many training rows came to each node; a tree of one leaf counts none."""
    return np.array([node.get("internal_count", node.get("leaf_count", 1)) for node in nodes], dtype=np.float64)


def _sigmoid(scores: Tensor, objective: list[str]) -> Tensor:
    """Of the scores, as steep as the objective says."""
    steepness = [float(word.partition(":")[2]) for word in objective if word.startswith("sigmoid:")]
    return (scores * steepness[0] if steepness else scores).node("Sigmoid")


def _classifier(estimator: Any, columns: Columns, walk: Walk) -> Answer:
    scores, objective = _scores(estimator, columns, walk)
    classes = estimator.classes_
    if len(classes) == 2:
        both = two_classes(walk.graph, _sigmoid(scores, objective).named(1))
        return Classification(classes, both, scores.named(1))
    chances = _sigmoid(scores, objective) if objective[0] == "multiclassova" else scores.softmax()
    return Classification(classes, chances.named(len(classes)), scores.named(len(classes)))


def _regressor(estimator: Any, columns: Columns, walk: Walk) -> Answer:
    scores, objective = _scores(estimator, columns, walk)
    if objective[0] in _LOG:
        return Regression(scores.exp().named(1), scores.named(1))
    if "sqrt" in objective:
        scores = scores.node("Sign") * scores.square()
    elif objective[0] == "cross_entropy":
        scores = scores.node("Sigmoid")
    return Regression(scores.named(1))


def _known(estimator: Any) -> str | None:
    if callable(estimator.objective):
        return "its objective is a Python function; name one of the library's"
    if estimator.get_params().get("linear_tree"):
        return "its leaves are linear models; leave linear_tree out"
    return None


PREDICTORS: dict[str, Predictor] = {
    "lightgbm.sklearn.LGBMClassifier": _classifier,
    "lightgbm.sklearn.LGBMRegressor": _regressor,
}
RULES: dict[str, Rule] = dict.fromkeys(PREDICTORS, _known)
