"""Calibrated classifiers: the mean of members, each an estimator and a calibration of its scores."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.calibration import CalibratedClassifierCV
from sklearn.isotonic import IsotonicRegression
from sklearn.svm import LinearSVC

from mlops.training.compile.columns import Columns
from mlops.training.compile.graph import Graph
from mlops.training.compile.links import normalized, two_classes
from mlops.training.compile.table import Part, Parts, Rule, given_or
from mlops.training.compile.walk import Answer, Classification, Predictor, Walk


def _calibrated(estimator: CalibratedClassifierCV, columns: Columns, walk: Walk) -> Answer:
    members = estimator.calibrated_classifiers_
    graph = walk.graph
    total = _member(members[0], columns, walk)
    for member in members[1:]:
        total = graph.node("Add", total, _member(member, columns, walk))
    mean = graph.node("Div", total, graph.constant(float(len(members))), width=len(estimator.classes_))
    second = graph.node("Gather", mean, graph.constant([1], np.int64), axis=1, width=1)
    return Classification(estimator.classes_, mean, second if len(estimator.classes_) == 2 else mean)


def _member(member: Any, columns: Columns, walk: Walk) -> str:
    """The probabilities [N, k] of one fitted pair."""
    answer = walk.predict(member.estimator, columns)
    if not isinstance(answer, Classification) or list(answer.classes) != list(member.classes):
        raise walk.failure("a part of the data that it was calibrated on lacks a class; give it more rows of each")
    calibrate = _sigmoid if member.method == "sigmoid" else _isotonic
    classes = len(member.classes)
    if classes == 2:
        return two_classes(walk.graph, calibrate(member.calibrators[0], answer.decision, walk))
    chances = []
    for position, calibrator in enumerate(member.calibrators):
        chosen = walk.graph.constant([position], np.int64)
        chances.append(calibrate(calibrator, walk.graph.node("Gather", answer.decision, chosen, axis=1), walk))
    return normalized(walk.graph, walk.graph.node("Concat", *chances, axis=1, width=classes), classes)


def _sigmoid(calibrator: Any, score: str, walk: Walk) -> str:
    graph = walk.graph
    scaled = graph.node("Mul", score, graph.constant(float(calibrator.a_)))
    return graph.node("Sigmoid", graph.node("Neg", graph.node("Add", scaled, graph.constant(float(calibrator.b_)))))


def _isotonic(calibrator: IsotonicRegression, score: str, walk: Walk) -> str:
    """The score interpolated between the fitted points, operation by operation as numpy.interp does.

    Where it was fitted on float32 scores, both score and answer are rounded to float32.
    """
    if calibrator.X_thresholds_.dtype == np.float32:
        narrow = walk.graph.node("Cast", score, to=TensorProto.FLOAT)
        found = _interpolated(calibrator, walk.graph.node("Cast", narrow, to=TensorProto.DOUBLE), walk)
        narrow = walk.graph.node("Cast", found, to=TensorProto.FLOAT)
        return walk.graph.node("Cast", narrow, to=TensorProto.DOUBLE, width=1)
    return _interpolated(calibrator, score, walk)


def _interpolated(calibrator: IsotonicRegression, score: str, walk: Walk) -> str:
    graph = walk.graph
    x, y = (np.asarray(each, dtype=np.float64) for each in (calibrator.X_thresholds_, calibrator.y_thresholds_))
    if len(y) == 1:
        return graph.node("Add", graph.node("Mul", score, graph.constant(0.0)), graph.constant(float(y[0])))
    clipped = graph.node("Clip", score, graph.constant(float(x[0])), graph.constant(float(x[-1])))
    segment = _segment(clipped, x, graph)
    slopes = np.append(np.diff(y) / np.diff(x), 0.0)
    left, low, slope = (graph.node("Gather", graph.constant(table), segment, axis=0) for table in (x, y, slopes))
    rise = graph.node("Mul", slope, graph.node("Sub", clipped, left))
    return graph.node("Add", rise, low, width=1)


def _segment(score: str, points: Any, graph: Graph) -> str:
    """[N, 1]: the position of the last point that isn't above the score."""
    reached = graph.node("Cast", graph.node("GreaterOrEqual", score, graph.constant(points)), to=TensorProto.INT64)
    count = graph.node("ReduceSum", reached, graph.constant([1], np.int64), keepdims=1)
    return graph.node("Sub", count, graph.constant(1, np.int64))


def _method(estimator: CalibratedClassifierCV) -> str | None:
    if estimator.method in ("sigmoid", "isotonic"):
        return None
    return f"its method {estimator.method!r} has no exact conversion; use 'sigmoid' or 'isotonic'"


def _within(estimator: CalibratedClassifierCV) -> Iterator[Part]:
    yield Part("estimator", given_or(estimator.estimator, LinearSVC()), "predict")


PREDICTORS: dict[type, Predictor] = {CalibratedClassifierCV: _calibrated}
RULES: dict[type, Rule] = {CalibratedClassifierCV: _method}
PARTS: dict[type, Parts] = {CalibratedClassifierCV: _within}
