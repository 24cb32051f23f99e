"""What a fitted estimator answers on rows with their truth."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.contract import Contract
from mlops.training.compile.labels import label_order
from mlops.training.evaluation.metrics.answers import Answers, class_answers, value_answers


def predict(estimator: Any, rows: pd.DataFrame, contract: Contract) -> NDArray[np.float64]:
    """[rows, k] probabilities in the order of the contract's labels, or [rows] values."""
    columns = rows[list(contract.names)]
    if not contract.target.labels:
        values: NDArray[np.float64] = np.asarray(estimator.predict(columns), dtype=np.float64).reshape(-1)
        return values
    chances: NDArray[np.float64] = estimator.predict_proba(columns)
    return chances[:, label_order(estimator, estimator.classes_, contract)]


def judge(
    predictions: NDArray[np.float64], rows: pd.DataFrame, contract: Contract, threshold: float | None = None
) -> Answers:
    """Predictions beside the rows' truth, ready to be measured."""
    truth = rows[contract.target.name]
    if not contract.target.labels:
        return value_answers(truth.to_numpy(np.float64), predictions)
    return class_answers(contract.target, list(truth), predictions, threshold)


def answer(estimator: Any, rows: pd.DataFrame, contract: Contract, threshold: float | None = None) -> Answers:
    """The estimator's answers to rows with their truth."""
    return judge(predict(estimator, rows, contract), rows, contract, threshold)
