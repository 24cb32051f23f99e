"""Metrics are those of the positive label, wherever it stands among the contract's labels."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from mlops.contract import Column, Contract, Target
from mlops.training.evaluate import evaluate


@dataclass
class Oracle:
    """Says the probability of "yes" that stands in the row."""

    classes_: tuple[str, ...] = ("no", "yes")

    def predict_proba(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        yes = rows["yes"].to_numpy()
        return np.column_stack([1 - yes, yes])


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
    measured = evaluate(Oracle(), ROWS, Contract(columns=(Column(name="yes"),), target=target))
    assert measured["accuracy"] == 6 / 8
    assert measured["precision"] == pytest.approx(2 / 3)
    assert measured["recall"] == pytest.approx(2 / 3)
    assert measured["f1"] == pytest.approx(2 / 3)
    # Of the 15 pairs of a "yes" and a "no", two are in the wrong order: 0.3 before 0.7 and before 0.4.
    assert measured["roc_auc"] == pytest.approx(13 / 15)
    right = np.where(ROWS["answer"] == "yes", ROWS["yes"], 1 - ROWS["yes"])
    assert measured["log_loss"] == pytest.approx(-np.log(right).mean())
