"""Discriminant analysis: linear and quadratic."""

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis

from mlops.training.compile.columns import Columns
from mlops.training.compile.links import linked
from mlops.training.compile.tensors import Tensor, joined, numbers
from mlops.training.compile.walk import Answer, Classification, Predictor, Walk


def _linear(estimator: LinearDiscriminantAnalysis, columns: Columns, walk: Walk) -> Answer:
    raw = numbers(columns, walk) @ estimator.coef_.T + estimator.intercept_
    return linked(walk.graph, estimator.classes_, raw.named(len(estimator.coef_)))


def _quadratic(estimator: QuadraticDiscriminantAnalysis, columns: Columns, walk: Walk) -> Answer:
    x = numbers(columns, walk)
    norms = []
    for mean, rotation, scaling in zip(estimator.means_, estimator.rotations_, estimator.scalings_, strict=True):
        norms.append(((x - mean) @ (rotation * scaling**-0.5)).square().sum())
    volumes = np.array([np.log(scaling).sum() for scaling in estimator.scalings_])
    scores = (joined(norms) + volumes) * -0.5 + np.log(estimator.priors_)
    return compared(scores, estimator.classes_)


def compared(scores: Tensor, classes: np.ndarray) -> Answer:
    """The answer of a classifier whose scores [N, k] are log-likelihoods, and whose decision of two is a difference."""
    count = len(classes)
    difference = scores.pick([1]) - scores.pick([0]) if count == 2 else scores
    return Classification(classes, scores.softmax().named(count), difference.named(1 if count == 2 else count))


PREDICTORS: dict[type, Predictor] = {
    LinearDiscriminantAnalysis: _linear,
    QuadraticDiscriminantAnalysis: _quadratic,
}
