"""A model must know more than one that looks at no column."""

import numpy as np
import pandas as pd
import pytest

from mlops.contract import Column, Contract, Target
from mlops.evaluation.metrics.answers import ClassAnswers, ValueAnswers
from mlops.training.gates.baseline import answer_baseline, gate_baseline
from tests.unit.mlops.evaluation.metrics.samples import draw_class_answers, draw_value_answers

COLUMNS = (Column(name="x"),)


def test_the_trivial_classifier_claims_the_training_rows_shares() -> None:
    target = Target(name="kind", task="multiclass", labels=("a", "b", "c"))
    train = pd.DataFrame({"x": 0.0, "kind": ["a"] * 6 + ["b"] * 3 + ["c"]})
    trivial = answer_baseline(train, train.tail(4), Contract(columns=COLUMNS, target=target), "accuracy")
    assert isinstance(trivial, ClassAnswers)
    np.testing.assert_allclose(trivial.probabilities, [[0.6, 0.3, 0.1]] * 4)


def test_the_trivial_regression_answers_what_loses_least() -> None:
    contract = Contract(columns=COLUMNS, target=Target(name="size", task="regression"))
    train = pd.DataFrame({"x": 0.0, "size": [1.0, 2.0, 9.0]})
    for metric, value in (("mae", 2.0), ("rmse", 4.0), ("r2", 4.0)):
        trivial = answer_baseline(train, train, contract, metric)
        assert isinstance(trivial, ValueAnswers)
        assert list(trivial.predictions) == [value] * 3


def trivial_of(answers: ClassAnswers) -> ClassAnswers:
    return ClassAnswers(answers.truth, np.full((len(answers), 2), 0.5), answers.labels)


def test_a_model_that_knows_something_passes_in_every_metric() -> None:
    answers = draw_class_answers(1, rows=400)
    for metric in ("accuracy", "roc_auc", "log_loss", "brier", "f1", "calibration_error"):
        assert gate_baseline(answers, trivial_of(answers), metric, np.random.default_rng(0)).passed, metric
    values = draw_value_answers(1)
    mean = ValueAnswers(values.truth, np.full(len(values), values.truth.mean()))
    assert gate_baseline(values, mean, "r2", np.random.default_rng(0)).passed


def test_a_model_of_shuffled_labels_fails_whatever_luck_it_had() -> None:
    passed = 0
    for seed in range(40):
        answers = draw_class_answers(seed)
        shuffled = np.random.default_rng(seed).permutation(answers.truth)
        lost = ClassAnswers(shuffled, answers.probabilities, answers.labels)
        passed += gate_baseline(lost, trivial_of(lost), "roc_auc", np.random.default_rng(seed)).passed
    assert passed <= 3


@pytest.mark.parametrize("metric", ["rmse", "mae", "r2", "pinball"])
def test_a_model_that_only_learnt_where_the_middle_of_a_long_tail_is_fails(metric: str) -> None:
    contract = Contract(columns=COLUMNS, target=Target(name="size", task="regression"))
    passed = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        rows = pd.DataFrame({"x": 0.0, "size": rng.lognormal(3, 1.5, 400)})
        train, test = rows[:300], rows[300:]
        middle = np.exp(np.log(train["size"]).mean())
        guesses = ValueAnswers(test["size"].to_numpy(), middle * rng.lognormal(0, 0.05, len(test)))
        baseline = answer_baseline(train, test, contract, metric)
        passed += gate_baseline(guesses, baseline, metric, np.random.default_rng(0)).passed
    assert passed <= 2


def test_a_metric_that_is_undefined_fails_the_gate() -> None:
    answers = draw_class_answers(1)
    lone = answers.take(np.flatnonzero(answers.truth == 0))
    gate = gate_baseline(lone, trivial_of(lone), "roc_auc", np.random.default_rng(0))
    assert (gate.passed, gate.observed) == (False, "undefined")
