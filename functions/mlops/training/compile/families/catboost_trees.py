"""CatBoost: trees that compare in float32 and add up in float64, from the library's own JSON form of the model."""

import ast
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.training.compile.columns import Column, Columns
from mlops.training.compile.families.ensemble import Ensemble
from mlops.training.compile.families.neighbors import shares
from mlops.training.compile.links import two_classes
from mlops.training.compile.table import Rule
from mlops.training.compile.tensors import Tensor
from mlops.training.compile.trees import Tree
from mlops.training.compile.walk import Answer, Predictor, Regression, Walk

_BINARY = ("Logloss", "CrossEntropy")
_MANY = ("MultiClass", "MultiClassOneVsAll")
_LOG = ("Poisson", "Tweedie")
_IDENTITY = ("RMSE", "MAE", "Quantile", "MAPE", "Huber", "Lq", "Expectile", "MSLE")
_STATISTICS = "it encodes categories by statistics of the target, which have no exact conversion"
_REMEDY = (
    "raise one_hot_max_size above the number of categories, or encode them before it, "
    "with OneHotEncoder or TargetEncoder for instance"
)


def _scores(estimator: Any, columns: Columns, walk: Walk) -> Tensor:
    """[N, outputs]: what the trees add up to."""
    model = _read(estimator)
    info = model["features_info"]
    if info.get("ctrs"):
        raise walk.failure(
            f"it encodes categories by statistics of the target, which have no exact conversion; {_REMEDY}"
        )
    if info.get("text_features") or info.get("embedding_features"):
        raise walk.failure("it takes texts or embeddings; leave text_features and embedding_features out")
    splits = _Splits(info, columns, walk)
    trees = [_oblivious(each, splits) for each in model.get("oblivious_trees", ())]
    trees += [_nested(each, splits) for each in model.get("trees", ())]
    scale, bias = model["scale_and_bias"]
    outputs = trees[0].values.shape[1]
    ensemble = Ensemble(trees, splits.columns(), walk, single=True, features=splits.features())
    total = ensemble.sums([0] * len(trees), 1) if outputs == 1 else ensemble.totals(outputs)
    return Tensor(walk.graph, total) * float(scale) + np.asarray(bias, dtype=np.float64)


def _read(estimator: Any) -> Any:
    """The model as the library writes it, to a file only."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        estimator.save_model(str(path), format="json")
        return json.loads(path.read_text())


class _Splits:
    """The columns that a model's splits look at: numbers, and whether a text is a certain category."""

    def __init__(self, info: Any, columns: Columns, walk: Walk) -> None:
        self._columns = columns
        self._walk = walk
        floats, texts = info.get("float_features", ()), info.get("categorical_features", ())
        self._numbers = {each["feature_index"]: each["flat_feature_index"] for each in floats}
        self._texts = {each["feature_index"]: each["flat_feature_index"] for each in texts}
        self._missing_right = {each["feature_index"]: each["nan_value_treatment"] == "AsTrue" for each in floats}
        self._numbered = sorted(self._numbers.values())
        self._hashes = {
            place: _hashes(place, columns, walk)
            for place, given in zip(self._texts.values(), texts, strict=True)
            if given.get("values")
        }
        self._equal: dict[tuple[int, int], int] = {}

    def read(self, split: Any) -> tuple[int, float, bool]:
        """The number of the column, the threshold, and whether a missing value goes left."""
        if split["split_type"] == "FloatFeature":
            place = split["float_feature_index"]
            return self._numbered.index(self._numbers[place]), split["border"], not self._missing_right[place]
        if split["split_type"] != "OneHotFeature":
            raise self._walk.failure(f"it splits by a {split['split_type']}, which has no exact conversion; {_REMEDY}")
        key = (self._texts[split["cat_feature_index"]], split["value"])
        return self._equal.setdefault(key, len(self._numbered) + len(self._equal)), 0.5, True

    def columns(self) -> Columns:
        """The columns of the numbers that `read` gave."""
        equal = [self._is(place, self._hashes[place][value]) for place, value in self._equal]
        return (*self._walk.numbers(tuple(self._columns[place] for place in self._numbered)), *equal)

    def features(self) -> list[int]:
        """The number of the estimator's feature behind each of them."""
        return [*self._numbered, *(place for place, _ in self._equal)]

    def _is(self, place: int, text: str) -> Column:
        given = self._columns[place]
        codes = Tensor(self._walk.graph, self._walk.graph.matrix([given]))
        same = codes.equals(codes.constant(self._walk.vocabulary.code(text), np.int64)).double()
        return Column(same.named(1), 0, given.origin)


def _hashes(place: int, columns: Columns, walk: Walk) -> dict[int, str]:
    """The library's hash of each text that a column may have, by which its splits name them."""
    column = columns[place]
    if not column.text or column.closed is None:
        raise walk.failure(
            f"it knows the categories of {column.origin!r} by their hashes alone; name them in the contract, "
            "or encode them before it, with OneHotEncoder for instance"
        )
    return hashes_of(sorted(each for each in column.closed if each is not None))


def hashes_of(texts: list[str]) -> dict[int, str]:
    """Hash → text, as the library hashes texts: it writes that into models exported as Python, so one is made."""
    from catboost import CatBoostRegressor, Pool  # an optional library

    rows = [[text, float(number)] for number, text in enumerate([*texts, "", " "])]
    pool = Pool(rows, [float(number) for number in range(len(rows))], cat_features=[0])
    model = CatBoostRegressor(
        iterations=1, depth=1, thread_count=1, allow_writing_files=False, logging_level="Silent", random_seed=0
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.py"
        model.fit(pool).save_model(str(path), format="python", pool=pool)
        code = ast.parse(path.read_text())
    assigned = [node for node in code.body if isinstance(node, ast.Assign)]
    found = next(each.value for each in assigned if ast.unparse(each.targets[0]) == "cat_features_hashes")
    known: dict[str, int] = ast.literal_eval(found)
    return {known[text]: text for text in texts}


def _oblivious(given: Any, splits: _Splits) -> Tree:
    """A tree with one split a level. Bit k of a leaf's number is what split k said."""
    levels = [splits.read(each) for each in reversed(given["splits"])]
    depth, leaves = len(levels), 2 ** len(levels)
    inner = leaves - 1
    nodes = inner + leaves
    level = np.concatenate([np.full(2**each, each) for each in range(depth)]) if depth else np.zeros(0, dtype=int)
    feature, threshold, missing = np.zeros(nodes, dtype=np.int64), np.zeros(nodes), np.zeros(nodes, dtype=np.bool_)
    for position, number in enumerate(level.tolist()):
        feature[position], threshold[position], missing[position] = levels[number]
    numbers = np.arange(nodes)
    leaf = numbers >= inner
    found = np.asarray(given["leaf_values"], dtype=np.float64).reshape(leaves, -1)
    weights = np.asarray(given["leaf_weights"], dtype=np.float64)
    cover = np.concatenate([*(weights.reshape(2**each, -1).sum(axis=1) for each in range(depth)), weights])
    return Tree(
        feature=feature,
        threshold=threshold,
        left=np.where(leaf, 0, 2 * numbers + 1),
        right=np.where(leaf, 0, 2 * numbers + 2),
        missing_left=missing,
        leaf=leaf,
        values=np.concatenate([np.zeros((inner, found.shape[1])), found]),
        cover=cover,
    )


def _nested(root: Any, splits: _Splits) -> Tree:
    """A tree of nodes within nodes."""
    nodes: list[Any] = [root]
    sides: list[tuple[int, int]] = []
    for node in nodes:
        sides.append((len(nodes), len(nodes) + 1) if "split" in node else (0, 0))
        nodes += [node["left"], node["right"]] if "split" in node else []
    read = [splits.read(node["split"]) if "split" in node else (0, 0.0, False) for node in nodes]
    values = [np.atleast_1d(node.get("value", 0.0)) for node in nodes]
    width = max(len(value) for value in values)
    return Tree(
        feature=np.array([feature for feature, _, _ in read], dtype=np.int64),
        threshold=np.array([threshold for _, threshold, _ in read], dtype=np.float64),
        left=np.array([left for left, _ in sides], dtype=np.int64),
        right=np.array([right for _, right in sides], dtype=np.int64),
        missing_left=np.array([missing for _, _, missing in read], dtype=np.bool_),
        leaf=np.array(["split" not in node for node in nodes]),
        values=np.array([value if len(value) == width else np.zeros(width) for value in values], dtype=np.float64),
        cover=_cover(nodes, sides),
    )


def _cover(nodes: list[Any], sides: list[tuple[int, int]]) -> NDArray[np.float64]:
    """The weight of the training rows at each node: children stand after their parents."""
    cover = np.array([node.get("weight", 0.0) for node in nodes], dtype=np.float64)
    for position in reversed(range(len(nodes))):
        if "split" in nodes[position]:
            left, right = sides[position]
            cover[position] = cover[left] + cover[right]
    return cover


def _loss(estimator: Any) -> str:
    return str(estimator.get_all_params()["loss_function"]).partition(":")[0]


def _classifier(estimator: Any, columns: Columns, walk: Walk) -> Answer:
    scores, loss = _scores(estimator, columns, walk), _loss(estimator)
    classes = np.asarray(estimator.classes_)
    if loss in _BINARY:
        both = two_classes(walk.graph, scores.node("Sigmoid").named(1))
        return shares(Tensor(walk.graph, both), classes, scores.named(1))
    if loss not in _MANY:
        raise walk.failure(f"its loss {loss!r} has no exact conversion; use one of {', '.join((*_BINARY, *_MANY))}")
    chances = scores.softmax() if loss == "MultiClass" else scores.node("Sigmoid")
    return shares(chances, classes, scores.named(len(classes)))


def _regressor(estimator: Any, columns: Columns, walk: Walk) -> Answer:
    scores, loss = _scores(estimator, columns, walk), _loss(estimator)
    if loss not in (*_IDENTITY, *_LOG):
        raise walk.failure(f"its loss {loss!r} has no exact conversion; use one of {', '.join((*_IDENTITY, *_LOG))}")
    if loss in _LOG:
        return Regression(scores.exp().named(1), scores.named(1))
    return Regression(scores.named(1))


def _known(estimator: Any) -> str | None:
    given = estimator.get_params()
    if given.get("cat_features") and "one_hot_max_size" not in given:
        return f"{_STATISTICS}; {_REMEDY}"
    if given.get("text_features") or given.get("embedding_features"):
        return "it takes texts or embeddings; leave text_features and embedding_features out"
    return None


PREDICTORS: dict[str, Predictor] = {
    "catboost.core.CatBoostClassifier": _classifier,
    "catboost.core.CatBoostRegressor": _regressor,
}
RULES: dict[str, Rule] = dict.fromkeys(PREDICTORS, _known)
