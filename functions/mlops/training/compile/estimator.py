"""A fitted estimator's predictions as the contract has them: labels in its order, values as numbers."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.contract import Contract
from mlops.errors.training import CompilationFailed


def predict(estimator: Any, rows: pd.DataFrame, contract: Contract) -> NDArray[np.float64]:
    """[rows, k] probabilities in the order of the contract's labels, or [rows] values."""
    columns = rows[list(contract.names)]
    if not contract.target.labels:
        values: NDArray[np.float64] = np.asarray(estimator.predict(columns), dtype=np.float64).reshape(-1)
        return values
    probabilities: NDArray[np.float64] = estimator.predict_proba(columns)
    return probabilities[:, label_order(estimator, estimator.classes_, contract)]


def label_order(estimator: Any, classes: Any, contract: Contract) -> list[int]:
    """The position of each of the contract's labels among a classifier's classes, which are compared as text.

    Raises CompilationFailed if they aren't the same.
    """
    texts = [str(label) for label in classes]
    labels = contract.target.labels
    if sorted(texts) != sorted(labels):
        raise CompilationFailed(
            type(estimator).__name__,
            f"it knows the classes {texts}, and the contract has {list(labels)}; "
            "fit it on rows of every label, or take the missing ones out of the contract",
        )
    return [texts.index(label) for label in labels]
