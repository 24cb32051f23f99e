"""A candidate's estimator, made ready: its own copy, with the trial's parameters, seeded, and of bounded size."""

from collections.abc import Iterator, Mapping
from typing import Any

from sklearn.base import clone
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.pipeline import Pipeline

from mlops.training.search.boosting import settle_boosting

FORESTS = (RandomForestClassifier, ExtraTreesClassifier, RandomForestRegressor, ExtraTreesRegressor)
# A forest's leaves all together. One grown to the end on a million rows would be a graph of gigabytes; with these
# it is one of 15 to 25 MB that opens within a second.
# Where estimators keep the one that they are around.
_INNER = ("estimator", "regressor", "classifier")
MAX_LEAVES = 400_000


def make_estimator(given: Any, parameters: Mapping[str, Any], seed: int, rows: int) -> Any:
    """An unfitted copy with the parameters, every `random_state` the seed, for this many training rows.

    Forests that have no limit of their own and would outgrow MAX_LEAVES get one. The search decides on threads:
    every `n_jobs` is None, and 1 in the boosting libraries.
    """
    estimator = clone(given).set_params(**parameters)
    names = estimator.get_params()
    seeds = dict.fromkeys(_ending_in("random_state", names), seed)
    jobs = dict.fromkeys(_ending_in("n_jobs", names))
    return settle_boosting(estimator.set_params(**seeds, **jobs, **_limits(estimator, rows)))


def set_forest_jobs(estimator: Any, count: int | None) -> None:
    """Have forests grow so many trees at once, which doesn't change them."""
    for _, forest in _forests(estimator):
        forest.set_params(n_jobs=count)


def name_estimator(estimator: Any) -> str:
    """The classes that an estimator is made of, its innermost last: "ColumnTransformer, LogisticRegression"."""
    if isinstance(estimator, Pipeline):
        return ", ".join(name_estimator(step) for _, step in estimator.steps if step not in (None, "passthrough"))
    own, given = type(estimator).__name__, estimator.get_params(deep=False) if hasattr(estimator, "get_params") else {}
    inner = next((given[name] for name in _INNER if hasattr(given.get(name), "get_params")), None)
    return own if inner is None else f"{own} of {name_estimator(inner)}"


def plain_parameters(estimator: Any) -> dict[str, Any]:
    """The estimator's parameters as plain values, steps left out."""
    plain = (str, int, float, bool, type(None))
    return {name: value for name, value in estimator.get_params().items() if isinstance(value, plain)}


def _ending_in(ending: str, names: Mapping[str, Any]) -> list[str]:
    found = [name for name in names if name.rpartition("__")[2] == ending]
    # A text is scikit-learn's own mark of a parameter that it no longer wants to be given.
    return [name for name in found if not isinstance(names[name], str)]


def _limits(estimator: Any, rows: int) -> dict[str, int]:
    limits = {}
    for prefix, forest in _forests(estimator):
        most = MAX_LEAVES // forest.n_estimators
        if forest.max_leaf_nodes is None and _leaves(forest, rows) > most:
            limits[f"{prefix}max_leaf_nodes"] = max(2, most)
    return limits


def _leaves(forest: Any, rows: int) -> float:
    """The most leaves that a tree can have: each holds at least a row, or as many as the forest requires."""
    least = forest.min_samples_leaf if forest.min_samples_leaf >= 1 else forest.min_samples_leaf * rows
    depth = float("inf") if forest.max_depth is None else forest.max_depth
    return float(min(rows / least, 2 ** min(depth, 64)))


def _forests(estimator: Any) -> Iterator[tuple[str, Any]]:
    """The forests within an estimator, each with the prefix of its parameters' names."""
    if isinstance(estimator, FORESTS):
        yield "", estimator
    for name, part in estimator.get_params().items():
        if isinstance(part, FORESTS):
            yield f"{name}__", part
