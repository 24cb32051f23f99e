"""XGBoost: trees that compare and add up in float32, from the library's own JSON form of the model."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.training.compile.columns import Columns
from mlops.training.compile.families.ensemble import Ensemble
from mlops.training.compile.families.memberships import MEMBERSHIP_THRESHOLD, Memberships
from mlops.training.compile.families.neighbors import shares
from mlops.training.compile.table import Rule
from mlops.training.compile.tensors import Tensor
from mlops.training.compile.trees import Tree
from mlops.training.compile.walk import Answer, Classification, Predictor, Regression, Walk

_IDENTITY = (
    "reg:squarederror",
    "reg:squaredlogerror",
    "reg:absoluteerror",
    "reg:pseudohubererror",
    "reg:quantileerror",
)
_LOG = ("count:poisson", "reg:gamma", "reg:tweedie")
_LOGISTIC = ("binary:logistic", "reg:logistic")
_SOFTMAX = ("multi:softprob", "multi:softmax")
_CATEGORICAL = 1


def _margins(estimator: Any, columns: Columns, walk: Walk) -> Tensor:
    """[N, outputs] float32: what the trees add up to, in the order and precision of the library."""
    learner = json.loads(bytes(estimator.get_booster().save_raw("json")))["learner"]
    model = learner["gradient_booster"]["model"]
    objective = learner["objective"]["name"]
    if objective not in (*_IDENTITY, *_LOG, *_LOGISTIC, *_SOFTMAX):
        raise walk.failure(f"its objective {objective!r} has no exact conversion")
    if model.get("cats", {}).get("enc"):
        raise walk.failure("it encodes categories itself; encode them before it, and name them by feature_types")
    known = Memberships(_with_missing(estimator, walk.numbers(columns), walk), walk)
    first, last = estimator._get_iteration_range(None)
    rounds = model["iteration_indptr"]
    start, end = rounds[first], rounds[last] if last else rounds[-1]
    trees = [_tree(each, known, walk) for each in model["trees"][start:end]]
    base = np.atleast_1d(np.asarray(json.loads(learner["learner_model_param"]["base_score"]), dtype=np.float32))
    outputs = max(1, int(learner["learner_model_param"]["num_class"]))
    starts = np.broadcast_to(_unlinked(base, objective), outputs)
    ensemble = Ensemble(trees, known.columns(), walk, single=True, features=known.features())
    return Tensor(walk.graph, ensemble.single_sums(model["tree_info"][start:end], outputs, starts.tolist()))


def _unlinked(base: NDArray[np.float32], objective: str) -> NDArray[np.float64]:
    """The base score as a margin."""
    wide = base.astype(np.float64)
    if objective in _LOGISTIC:
        odds = (np.float32(1.0) / base - np.float32(1.0)).astype(np.float64)
        return -np.log(odds)
    return np.log(wide) if objective in _LOG else wide


def _with_missing(estimator: Any, columns: Columns, walk: Walk) -> Columns:
    """The columns with no number where they have the one that stands for a missing value."""
    missing = float(estimator.missing)
    if np.isnan(missing):
        return columns
    x = Tensor(walk.graph, walk.graph.matrix(columns))
    same = x.single().double().equals(float(np.float32(missing)))
    result = same.where(np.nan, x)
    return walk.graph.columns(result.name, columns)


def _tree(given: Any, known: Memberships, walk: Walk) -> Tree:
    if int(given["tree_param"]["size_leaf_vector"]) > 1:
        raise walk.failure("its trees answer several outputs at once; use multi_strategy='one_output_per_tree'")
    left, right = (np.array(given[f"{side}_children"], dtype=np.int64) for side in ("left", "right"))
    leaf = left < 0
    conditions = np.array(given["split_conditions"], dtype=np.float32)
    # x < threshold in float32 is x <= the number before it.
    threshold = np.nextafter(conditions, np.float32(-np.inf)).astype(np.float64)
    feature = np.array(given["split_indices"], dtype=np.int64)
    for node, codes in _category_sets(given):
        feature[node] = known.feature(int(feature[node]), codes)
        threshold[node] = MEMBERSHIP_THRESHOLD
        left[node], right[node] = right[node], left[node]  # a category of the set goes right
    missing_left = np.array(given["default_left"], dtype=np.bool_)
    for node, _ in _category_sets(given):
        missing_left[node] = not missing_left[node]
    return Tree(
        feature=np.where(leaf, 0, feature),
        threshold=np.where(leaf, 0.0, threshold),
        left=left,
        right=right,
        missing_left=missing_left,
        leaf=leaf,
        values=conditions.astype(np.float64)[:, None],
        cover=np.array(given["sum_hessian"], dtype=np.float64),
    )


def _category_sets(given: Any) -> list[tuple[int, frozenset[int]]]:
    """The nodes that split by a set of categories, and their sets."""
    segments = zip(given["categories_nodes"], given["categories_segments"], given["categories_sizes"], strict=True)
    return [(node, frozenset(given["categories"][start : start + size])) for node, start, size in segments]


def _logistic(margin: Tensor) -> Tensor:
    """In float32, but for the exponential: the library's is the float64 one rounded."""
    grown = (-margin.double()).exp().single()
    one = margin.constant(1.0, np.float32)
    return one.node("Div", grown.node("Add", one))


def _softmax(margins: Tensor) -> Tensor:
    """As the library does it: exponentials and shares in float32, their sum in float64."""
    grown = (margins - margins.max()).double().exp().single()
    return grown / grown.double().sum().single()


def _classifier(estimator: Any, columns: Columns, walk: Walk) -> Answer:
    margins = _margins(estimator, columns, walk)
    classes = estimator.classes_
    if len(classes) == 2:
        chance = _logistic(margins)
        first = margins.constant(1.0, np.float32).node("Sub", chance)
        both = first.beside(chance).double()
        return Classification(classes, both.named(2), chance.double().named(1), score=margins.double().named(1))
    return shares(_softmax(margins).double(), classes, margins.double().named(len(classes)))


def _regressor(estimator: Any, columns: Columns, walk: Walk) -> Answer:
    margins = _margins(estimator, columns, walk)
    if estimator.objective in _LOGISTIC:
        return Regression(_logistic(margins).double().named(1))
    values = margins.double()
    if estimator.objective in _LOG:
        return Regression(values.exp().named(1), values.named(1))
    return Regression(values.named(1))


def _known(estimator: Any) -> str | None:
    if estimator.booster not in (None, "gbtree"):
        return f"its booster {estimator.booster!r} has no exact conversion; use 'gbtree'"
    if callable(estimator.objective):
        return "its objective is a Python function; name one of the library's"
    known = (*_IDENTITY, *_LOG, *_LOGISTIC, *_SOFTMAX)
    if estimator.objective is not None and estimator.objective not in known:
        return f"its objective {estimator.objective!r} has no exact conversion; use one of {', '.join(known)}"
    if estimator.multi_strategy == "multi_output_tree":
        return "its trees answer several outputs at once; leave multi_strategy out"
    return None


_CLASSIFIERS = ("xgboost.sklearn.XGBClassifier", "xgboost.sklearn.XGBRFClassifier")
_REGRESSORS = ("xgboost.sklearn.XGBRegressor", "xgboost.sklearn.XGBRFRegressor")
PREDICTORS: dict[str, Predictor] = {
    **dict.fromkeys(_CLASSIFIERS, _classifier),
    **dict.fromkeys(_REGRESSORS, _regressor),
}
RULES: dict[str, Rule] = dict.fromkeys((*_CLASSIFIERS, *_REGRESSORS), _known)
