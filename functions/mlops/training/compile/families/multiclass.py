"""Many classes by classifiers of two: one against the rest, and one against one."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier

from mlops.training.compile.columns import Columns
from mlops.training.compile.links import label_of, likeliest, probabilities_of, two_classes
from mlops.training.compile.table import Part, Parts
from mlops.training.compile.tensors import Tensor, joined
from mlops.training.compile.walk import Answer, Classification, Predictor, Walk


def over_rest(predictions: Tensor, confidences: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Votes [N, classes] and what breaks their ties, from the decision between each two classes.

    `predictions` [N, pairs] are 1 for the second of the two, `confidences` grow with it.
    """
    to_first, to_second = (np.zeros((count * (count - 1) // 2, count)) for _ in range(2))
    for position, (i, j) in enumerate(combinations(range(count), 2)):
        to_first[position, i] = to_second[position, j] = 1.0
    votes = predictions @ to_second + (1.0 - predictions) @ to_first
    total = confidences @ (to_second - to_first)
    return votes, total / ((total.abs() + 1.0) * 3.0)


def _binary(estimator: Any, columns: Columns, walk: Walk) -> Classification:
    answer = walk.predict(estimator, columns)
    if not isinstance(answer, Classification):
        raise walk.failure("its estimator is a regressor; use a classifier")
    if len(answer.classes) != 2:
        raise walk.failure("one of its parts saw a single class; give it more rows of each")
    return answer


def _one_vs_rest(estimator: OneVsRestClassifier, columns: Columns, walk: Walk) -> Answer:
    answers = [_binary(each, columns, walk) for each in estimator.estimators_]
    count = len(estimator.classes_)
    with_decision = hasattr(estimator.estimators_[0], "decision_function")
    decisions = joined([Tensor(walk.graph, answer.decision) for answer in answers])
    scored = all(answer.probabilities is None for answer in answers)
    if scored:
        name = decisions.named(1 if count == 2 else count)
        return Classification(estimator.classes_, None, name, likeliest(walk.graph, name, count))
    chances = joined([Tensor(walk.graph, probabilities_of(answer, walk)).pick([1]) for answer in answers])
    if count == 2:
        both = two_classes(walk.graph, chances.named(1))
        return Classification(estimator.classes_, both, decisions.named(1) if with_decision else chances.name)
    total = chances.sum()
    shares = chances / total.equals(0.0).where(1.0, total)
    decision = decisions if with_decision else shares
    label = (decisions if with_decision else chances).argmax().name
    return Classification(estimator.classes_, shares.named(count), decision.named(count), label)


def _one_vs_one(estimator: OneVsOneClassifier, columns: Columns, walk: Walk) -> Answer:
    if estimator.pairwise_indices_ is not None:
        raise walk.failure("it takes a matrix of distances or kernels instead of columns")
    answers = [_binary(each, columns, walk) for each in estimator.estimators_]
    count = len(estimator.classes_)
    predictions = joined([Tensor(walk.graph, label_of(answer, walk)).expand(1).double() for answer in answers])
    confidences = joined([Tensor(walk.graph, answer.decision) for answer in answers])
    votes, confidence = over_rest(predictions, confidences, count)
    decision = votes + confidence
    if count > 2:
        return Classification(estimator.classes_, None, decision.named(count), decision.argmax().name)
    label = answers[0].label or label_of(answers[0], walk)
    return Classification(estimator.classes_, None, decision.pick([1]).named(1), label)


def _within(estimator: Any) -> Iterator[Part]:
    yield Part("estimator", estimator.estimator, "predict")


PREDICTORS: dict[type, Predictor] = {OneVsRestClassifier: _one_vs_rest, OneVsOneClassifier: _one_vs_one}
PARTS: dict[type, Parts] = dict.fromkeys((OneVsRestClassifier, OneVsOneClassifier, OutputCodeClassifier), _within)
