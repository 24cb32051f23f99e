"""Estimators that put others' answers together: bagging, voting, stacking and adaptive boosting."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mlops.training.compile.columns import Columns
from mlops.training.compile.links import label_of, probabilities_of
from mlops.training.compile.table import Part, Parts, Rule, given_or
from mlops.training.compile.tensors import Tensor, joined
from mlops.training.compile.walk import Answer, Classification, Predictor, Regression, Transformer, Walk


def _class_answer(estimator: Any, columns: Columns, walk: Walk, name: str = "") -> Classification:
    answer = walk.predict(estimator, columns, name)
    if not isinstance(answer, Classification):
        raise walk.failure(f"{type(estimator).__name__} within it is a regressor; use a classifier")
    return answer


def _value(estimator: Any, columns: Columns, walk: Walk, name: str = "") -> Tensor:
    """[N, 1]: a regressor's values."""
    answer = walk.predict(estimator, columns, name)
    if not isinstance(answer, Regression):
        raise walk.failure(f"{type(estimator).__name__} within it is a classifier; use a regressor")
    return Tensor(walk.graph, answer.values)


def _chances(answer: Classification, walk: Walk) -> Tensor:
    return Tensor(walk.graph, probabilities_of(answer, walk))


def _averaged(parts: list[Tensor], weights: Any = None) -> Tensor:
    """The mean of tensors of one shape, by their weights."""
    known = np.ones(len(parts)) if weights is None else np.asarray(weights, dtype=np.float64)
    total = parts[0] * float(known[0])
    for part, weight in zip(parts[1:], known[1:].tolist(), strict=True):
        total = total + part * weight
    return total / float(known.sum())


def _of_chances(chances: Tensor, classes: Any) -> Classification:
    """The answer of a classifier without a decision function."""
    count = len(classes)
    decision = chances.pick([1]).named(1) if count == 2 else chances.named(count)
    return Classification(classes, chances.named(count), decision)


def _bagged_classes(estimator: BaggingClassifier, columns: Columns, walk: Walk) -> Answer:
    parts, decisions = [], []
    count = len(estimator.classes_)
    for member, features in zip(estimator.estimators_, estimator.estimators_features_, strict=True):
        answer = _class_answer(member, tuple(columns[position] for position in features), walk)
        # A member numbers its classes among all, and may have missed some.
        places = np.eye(count)[np.asarray(answer.classes, dtype=np.int64)]
        if answer.probabilities is None:
            parts.append(Tensor(walk.graph, label_of(answer, walk)).lookup(places))
        else:
            parts.append(_chances(answer, walk) @ places)
        if len(answer.classes) == count:
            decisions.append(Tensor(walk.graph, answer.decision))
    answer = _of_chances(_averaged(parts), estimator.classes_)
    if not hasattr(estimator, "decision_function"):
        return answer
    if len(decisions) < len(parts):
        raise walk.failure("some of its members missed a class; give it more rows of each")
    decision = _averaged(decisions).named(1 if count == 2 else count)
    return Classification(estimator.classes_, answer.probabilities, decision, label_of(answer, walk))


def _bagged_values(estimator: BaggingRegressor, columns: Columns, walk: Walk) -> Answer:
    members = zip(estimator.estimators_, estimator.estimators_features_, strict=True)
    parts = [_value(member, tuple(columns[place] for place in features), walk) for member, features in members]
    return Regression(_averaged(parts).named(1))


def _voters(estimator: Any) -> list[tuple[str, Any]]:
    """The fitted members that weren't dropped, by name."""
    names = [name for name, given in estimator.estimators if given != "drop"]
    return list(zip(names, estimator.estimators_, strict=True))


def _voted_classes(estimator: VotingClassifier, columns: Columns, walk: Walk) -> Answer:
    parts = [_chances(_class_answer(each, columns, walk, name), walk) for name, each in _voters(estimator)]
    return _of_chances(_averaged(parts, estimator._weights_not_none), estimator.classes_)


def _voted_values(estimator: VotingRegressor, columns: Columns, walk: Walk) -> Answer:
    parts = [_value(each, columns, walk, name) for name, each in _voters(estimator)]
    return Regression(_averaged(parts, estimator._weights_not_none).named(1))


def _votes(estimator: VotingClassifier | VotingRegressor, columns: Columns, walk: Walk) -> Columns:
    if isinstance(estimator, VotingRegressor):
        return joined([_value(each, columns, walk, name) for name, each in _voters(estimator)]).mixed(
            len(estimator.estimators_)
        )
    parts = [_chances(_class_answer(each, columns, walk, name), walk) for name, each in _voters(estimator)]
    return joined(parts).mixed(len(parts) * len(estimator.classes_))


def _stacked(estimator: Any, columns: Columns, walk: Walk) -> Columns:
    """The members' answers, then the columns themselves if they are passed through."""
    found: list[Any] = []
    methods = [method for method in estimator.stack_method_ if method is not None]
    for (name, member), method in zip(_voters(estimator), methods, strict=True):
        answer = walk.predict(member, columns, name)
        if isinstance(answer, Regression):
            found += Tensor(walk.graph, answer.values).mixed(1)
            continue
        count = len(answer.classes)
        if method == "decision_function":
            found += Tensor(walk.graph, answer.decision).mixed(1 if count == 2 else count)
        elif method == "predict_proba":
            chances = _chances(answer, walk)
            found += chances.pick([1]).mixed(1) if count == 2 else chances.mixed(count)
        else:
            label = Tensor(walk.graph, label_of(answer, walk))
            found += label.lookup(np.asarray(answer.classes, dtype=np.float64)).expand(1).mixed(1)
    return (*found, *walk.numbers(columns)) if estimator.passthrough else tuple(found)


def _stacked_answer(estimator: Any, columns: Columns, walk: Walk) -> Answer:
    answer = walk.predict(estimator.final_estimator_, _stacked(estimator, columns, walk), "final_estimator")
    if isinstance(answer, Regression):
        return answer
    return Classification(estimator.classes_, answer.probabilities, answer.decision, answer.label)


def _adaptive_classes(estimator: AdaBoostClassifier, columns: Columns, walk: Walk) -> Answer:
    count = len(estimator.classes_)
    total: Tensor | None = None
    members = zip(estimator.estimators_, estimator.estimator_weights_.tolist(), strict=False)
    for member, weight in members:
        answer = _class_answer(member, columns, walk)
        table = np.full((len(answer.classes), count), -weight / (count - 1))
        table[np.arange(len(answer.classes)), np.searchsorted(estimator.classes_, answer.classes)] = weight
        own = Tensor(walk.graph, label_of(answer, walk)).lookup(table)
        total = own if total is None else total + own
    assert total is not None
    scores = total / float(estimator.estimator_weights_.sum())
    if count == 2:
        decision = scores.pick([1]) - scores.pick([0])
        both = ((-decision).beside(decision) / 2.0).softmax()
        return Classification(estimator.classes_, both.named(2), decision.named(1))
    return Classification(estimator.classes_, (scores / float(count - 1)).softmax().named(count), scores.named(count))


def _adaptive_values(estimator: AdaBoostRegressor, columns: Columns, walk: Walk) -> Answer:
    """The members' weighted median."""
    members = estimator.estimators_
    ascending, order = joined([_value(member, columns, walk) for member in members]).nearest(len(members))
    weights = order.lookup(np.asarray(estimator.estimator_weights_[: len(members)], dtype=np.float64))
    reached = weights.node("CumSum", weights.constant(1, np.int64))
    enough = (reached >= reached.pick([len(members) - 1]) * 0.5).whole()
    middle = enough.argmax().expand(1)
    return Regression(ascending.node("GatherElements", middle, axis=1).named(1))


def _one_kind(estimator: VotingClassifier) -> str | None:
    return None if estimator.voting == "soft" else "it counts votes, which are no probabilities; use voting='soft'"


def _base(estimator: Any) -> Iterator[Part]:
    default = DecisionTreeClassifier() if hasattr(estimator, "predict_proba") else DecisionTreeRegressor()
    yield Part("estimator", given_or(estimator.estimator, default), "predict")


def _members(estimator: Any) -> Iterator[Part]:
    for name, member in estimator.estimators:
        if member != "drop":
            yield Part(name, member, "predict")
    if isinstance(estimator, StackingClassifier | StackingRegressor):
        default = LogisticRegression() if isinstance(estimator, StackingClassifier) else RidgeCV()
        yield Part("final_estimator", given_or(estimator.final_estimator, default), "predict")


PREDICTORS: dict[type, Predictor] = {
    BaggingClassifier: _bagged_classes,
    BaggingRegressor: _bagged_values,
    VotingClassifier: _voted_classes,
    VotingRegressor: _voted_values,
    StackingClassifier: _stacked_answer,
    StackingRegressor: _stacked_answer,
    AdaBoostClassifier: _adaptive_classes,
    AdaBoostRegressor: _adaptive_values,
}
TRANSFORMERS: dict[type, Transformer] = {
    VotingClassifier: _votes,
    VotingRegressor: _votes,
    StackingClassifier: _stacked,
    StackingRegressor: _stacked,
}
RULES: dict[type, Rule] = {VotingClassifier: _one_kind}
PARTS: dict[type, Parts] = {
    **dict.fromkeys((BaggingClassifier, BaggingRegressor, AdaBoostClassifier, AdaBoostRegressor), _base),
    **dict.fromkeys((VotingClassifier, VotingRegressor, StackingClassifier, StackingRegressor), _members),
}
