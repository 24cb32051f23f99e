"""Nearest neighbours among the training rows, by number or within a radius, and nearest class means."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    NearestCentroid,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
)

from mlops.training.compile.columns import Columns
from mlops.training.compile.distances import METRICS, exact_distances
from mlops.training.compile.families.discriminants import compared
from mlops.training.compile.table import Rule
from mlops.training.compile.tensors import Tensor, joined, numbers
from mlops.training.compile.walk import Answer, Classification, Predictor, Regression, Walk


def distances(estimator: Any, columns: Columns, walk: Walk) -> Tensor:
    """[N, training rows]: the distances that an estimator of neighbours compares."""
    known = np.asarray(estimator._fit_X, dtype=np.float64)
    metric = estimator.effective_metric_
    power = {"manhattan": 1.0, "cityblock": 1.0, "l1": 1.0}.get(metric, 2.0)
    if metric in ("minkowski", "p"):
        power = float(estimator.effective_metric_params_.get("p", estimator.p))
    return exact_distances(numbers(columns, walk), known, metric, power)


def weights_of(found: Tensor, kind: str | None) -> Tensor:
    """The weight of neighbours at these distances: all alike, or the inverse, where a distance of 0 outweighs all."""
    if kind != "distance":
        return found.equals(found).where(1.0, 1.0)
    same = found.equals(0.0)
    any_same = same.double().max() > 0.0
    return any_same.where(same.double(), 1.0 / same.where(1.0, found))


def _votes(estimator: KNeighborsClassifier, columns: Columns, walk: Walk) -> Answer:
    found, rows = distances(estimator, columns, walk).nearest(estimator.n_neighbors)
    weights = weights_of(found, estimator.weights).expand(2)
    classes = np.eye(len(estimator.classes_))[np.asarray(estimator._y).ravel()]
    totals = (rows.lookup(classes) * weights).sum(1, keep=False)
    return shares(totals / totals.sum(), estimator.classes_)


def shares(chances: Tensor, classes: Any, score: str | None = None) -> Answer:
    """The answer of a classifier without a decision function from its probabilities [N, k]."""
    decision = chances.pick([1]).named(1) if len(classes) == 2 else chances.named(len(classes))
    return Classification(classes, chances.named(len(classes)), decision, score=score)


def _mean(estimator: KNeighborsRegressor, columns: Columns, walk: Walk) -> Answer:
    found, rows = distances(estimator, columns, walk).nearest(estimator.n_neighbors)
    weights = weights_of(found, estimator.weights)
    values = rows.lookup(_targets(estimator, walk))
    return Regression(((values * weights).sum() / weights.sum()).named(1))


def _targets(estimator: Any, walk: Walk) -> NDArray[np.float64]:
    values = np.asarray(estimator._y, dtype=np.float64)
    if values.ndim > 1 and values.shape[1] != 1:
        raise walk.failure("it predicts several targets; fit it on one")
    return values.ravel()


def _within_weights(estimator: Any, columns: Columns, walk: Walk) -> Tensor:
    """[N, training rows]: the weight of each training row, 0 beyond the radius."""
    found = distances(estimator, columns, walk)
    inside = found <= float(estimator.radius)
    # What is beyond the radius has no say in whether a row is the same.
    near = inside.where(found, float(estimator.radius) + 1.0)
    return inside.where(weights_of(near, estimator.weights), 0.0)


def _around(estimator: RadiusNeighborsClassifier, columns: Columns, walk: Walk) -> Answer:
    totals = _within_weights(estimator, columns, walk) @ np.eye(len(estimator.classes_))[np.ravel(estimator._y)]
    count = totals.sum()
    alone = np.array([[float(label == estimator.outlier_label_[0]) for label in estimator.classes_]])
    empty = count.equals(0.0)
    return shares(empty.where(alone, totals / empty.where(1.0, count)), estimator.classes_)


def _mean_around(estimator: RadiusNeighborsRegressor, columns: Columns, walk: Walk) -> Answer:
    weights = _within_weights(estimator, columns, walk)
    total = weights.sum()
    mean = (weights * _targets(estimator, walk)).sum() / total
    return Regression(total.equals(0.0).where(np.nan, mean).named(1))


def _centroid(estimator: NearestCentroid, columns: Columns, walk: Walk) -> Answer:
    deviation = np.where(estimator.within_class_std_dev_ != 0, estimator.within_class_std_dev_, 1.0)
    x = numbers(columns, walk) / deviation
    gaps = [(x - centroid).square().sum() for centroid in estimator.centroids_ / deviation]
    return compared(-joined(gaps) + 2.0 * np.log(estimator.class_prior_), estimator.classes_)


def _known(estimator: Any) -> str | None:
    if not isinstance(estimator.metric, str) or estimator.metric not in METRICS:
        return f"its metric {estimator.metric!r} has no exact conversion; use one of {', '.join(METRICS)}"
    if estimator.metric_params:
        return "it gives its metric parameters; leave metric_params out"
    if callable(estimator.weights):
        return "its weights are a Python function; use 'uniform' or 'distance'"
    return None


def _answers(estimator: RadiusNeighborsClassifier) -> str | None:
    reason = _known(estimator)
    if reason is None and estimator.outlier_label is None:
        return "it raises where no row is near; give it an outlier_label"
    return reason


def _euclidean(estimator: NearestCentroid) -> str | None:
    return None if estimator.metric == "euclidean" else "it gives probabilities by metric='euclidean' alone"


PREDICTORS: dict[type, Predictor] = {
    KNeighborsClassifier: _votes,
    KNeighborsRegressor: _mean,
    RadiusNeighborsClassifier: _around,
    RadiusNeighborsRegressor: _mean_around,
    NearestCentroid: _centroid,
}
_BY_DISTANCE = (KNeighborsClassifier, KNeighborsRegressor, RadiusNeighborsClassifier, RadiusNeighborsRegressor)
RULES: dict[type, Rule] = {
    **dict.fromkeys(_BY_DISTANCE, _known),
    RadiusNeighborsClassifier: _answers,
    NearestCentroid: _euclidean,
}
