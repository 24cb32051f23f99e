"""Naive Bayes: joint log-likelihoods of the classes, then their softmax."""

from typing import Any

import numpy as np
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB

from mlops.training.compile.columns import Columns
from mlops.training.compile.tensors import Tensor, numbers
from mlops.training.compile.walk import Answer, Classification, Predictor, Walk


def from_likelihoods(likelihoods: Tensor, classes: Any) -> Answer:
    """The answer of a classifier without a decision function from log-likelihoods [N, k], to a constant each row."""
    chances = likelihoods.softmax()
    decision = chances.pick([1]).named(1) if len(classes) == 2 else chances.named(len(classes))
    return Classification(classes, chances.named(len(classes)), decision)


def _gaussian(estimator: GaussianNB, columns: Columns, walk: Walk) -> Answer:
    deviations = (numbers(columns, walk).expand(1) - estimator.theta_).square() / estimator.var_
    constants = np.log(estimator.class_prior_) - 0.5 * np.log(2 * np.pi * estimator.var_).sum(axis=1)
    return from_likelihoods(deviations.sum(2, keep=False) * -0.5 + constants, estimator.classes_)


def _bernoulli(estimator: BernoulliNB, columns: Columns, walk: Walk) -> Answer:
    x = numbers(columns, walk)
    if estimator.binarize is not None:
        for column in columns:
            walk.mark(column, [estimator.binarize])
        x = (x > float(estimator.binarize)).double()
    absent = np.log(1 - np.exp(estimator.feature_log_prob_))
    constants = estimator.class_log_prior_ + absent.sum(axis=1)
    return from_likelihoods(x @ (estimator.feature_log_prob_ - absent).T + constants, estimator.classes_)


def _multinomial(estimator: MultinomialNB, columns: Columns, walk: Walk) -> Answer:
    likelihoods = numbers(columns, walk) @ estimator.feature_log_prob_.T + estimator.class_log_prior_
    return from_likelihoods(likelihoods, estimator.classes_)


def _complement(estimator: ComplementNB, columns: Columns, walk: Walk) -> Answer:
    return from_likelihoods(numbers(columns, walk) @ estimator.feature_log_prob_.T, estimator.classes_)


def _categorical(estimator: CategoricalNB, columns: Columns, walk: Walk) -> Answer:
    codes = numbers(columns, walk).whole()
    total = None
    for position, table in enumerate(estimator.feature_log_prob_):
        known = (
            codes.pick([position])
            .squeeze(1)
            .node("Clip", codes.constant(0, np.int64), codes.constant(table.shape[1] - 1, np.int64))
        )
        found = known.lookup(table.T)
        total = found if total is None else total + found
    assert total is not None
    return from_likelihoods(total + estimator.class_log_prior_, estimator.classes_)


PREDICTORS: dict[type, Predictor] = {
    GaussianNB: _gaussian,
    BernoulliNB: _bernoulli,
    MultinomialNB: _multinomial,
    ComplementNB: _complement,
    CategoricalNB: _categorical,
}
