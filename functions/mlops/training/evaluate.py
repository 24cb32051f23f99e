"""How well a fitted model does on rows it has or hasn't seen."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn import metrics

from mlops.contract import Contract


def predict_probabilities(estimator: Any, rows: pd.DataFrame, contract: Contract) -> NDArray[np.float64]:
    """[rows, k] probabilities in the order of the contract's labels."""
    order = [list(estimator.classes_).index(label) for label in contract.target.labels]
    probabilities: NDArray[np.float64] = estimator.predict_proba(rows[list(contract.names)])[:, order]
    return probabilities


def evaluate(estimator: Any, rows: pd.DataFrame, contract: Contract) -> dict[str, float]:
    """Accuracy, precision, recall, F1 (of the positive label), ROC AUC and log loss on rows with their truth."""
    target = contract.target
    positive = target.labels.index(target.positive or target.labels[-1])
    probabilities = predict_probabilities(estimator, rows, contract)
    truth = np.array([target.labels.index(label) for label in rows[target.name]])
    answers = probabilities.argmax(axis=1)
    measured = {
        "accuracy": metrics.accuracy_score(truth, answers),
        "precision": metrics.precision_score(truth, answers, pos_label=positive, zero_division=0),
        "recall": metrics.recall_score(truth, answers, pos_label=positive, zero_division=0),
        "f1": metrics.f1_score(truth, answers, pos_label=positive, zero_division=0),
        "roc_auc": metrics.roc_auc_score(truth == positive, probabilities[:, positive]),
        "log_loss": metrics.log_loss(truth, probabilities, labels=range(len(target.labels))),
    }
    return {name: float(value) for name, value in measured.items()}
