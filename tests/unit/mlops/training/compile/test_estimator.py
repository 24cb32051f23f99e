"""Metrics are those of the positive label, wherever it stands among the contract's labels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from mlops.contract import Column, Contract, Target
from mlops.evaluation.metrics.answers import Answers, make_answers
from mlops.evaluation.metrics.catalog import measure
from mlops.training.compile.estimator import predict


@dataclass
class Oracle:
    """Says the probability of "yes" that stands in the row."""

    classes_: tuple[str, ...] = ("no", "yes")

    def predict_proba(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        yes = rows["yes"].to_numpy()
        return np.column_stack([1 - yes, yes])


def answer(estimator: Any, rows: pd.DataFrame, contract: Contract, threshold: float | None = None) -> Answers:
    return make_answers(predict(estimator, rows, contract), rows, contract, threshold)


# Two true positives, one false negative, one false positive, four true negatives.
ROWS = pd.DataFrame(
    {
        "yes": [0.9, 0.8, 0.3, 0.7, 0.1, 0.1, 0.2, 0.4],
        "answer": ["yes", "yes", "yes", "no", "no", "no", "no", "no"],
    }
)


@pytest.mark.parametrize("labels", [("no", "yes"), ("yes", "no")])
def test_metrics_are_those_counted_by_hand(labels: tuple[str, str]) -> None:
    target = Target(name="answer", task="binary", labels=labels, positive="yes")
    measured = measure(answer(Oracle(), ROWS, Contract(columns=(Column(name="yes"),), target=target)))
    assert measured["accuracy"] == 6 / 8
    assert measured["precision"] == pytest.approx(2 / 3)
    assert measured["recall"] == pytest.approx(2 / 3)
    assert measured["f1"] == pytest.approx(2 / 3)
    # Of the 15 pairs of a "yes" and a "no", two are in the wrong order: 0.3 before 0.7 and before 0.4.
    assert measured["roc_auc"] == pytest.approx(13 / 15)
    right = np.where(ROWS["answer"] == "yes", ROWS["yes"], 1 - ROWS["yes"])
    assert measured["log_loss"] == pytest.approx(-np.log(right).mean())


def test_probabilities_are_in_the_contracts_order_and_not_the_estimators() -> None:
    target = Target(name="answer", task="binary", labels=("yes", "no"), positive="yes")
    chances = predict(Oracle(), ROWS, Contract(columns=(Column(name="yes"),), target=target))
    np.testing.assert_array_equal(chances[:, 0], ROWS["yes"])


def test_a_threshold_decides_the_label() -> None:
    contract = Contract(
        columns=(Column(name="yes"),),
        target=Target(name="answer", task="binary", labels=("no", "yes"), positive="yes"),
    )
    assert measure(answer(Oracle(), ROWS, contract, threshold=0.25))["recall"] == 1
    assert measure(answer(Oracle(), ROWS, contract, threshold=0.85))["precision"] == 1


class Echo:
    """Answers the number in the row."""

    def predict(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        return rows["yes"].to_numpy()


def test_a_regression_is_measured_on_its_values() -> None:
    rows = pd.DataFrame({"yes": [1.0, 2.0, 3.0], "size": [1.0, 2.0, 5.0]})
    contract = Contract(columns=(Column(name="yes"),), target=Target(name="size", task="regression"))
    assert measure(answer(Echo(), rows, contract))["mae"] == pytest.approx(2 / 3)
