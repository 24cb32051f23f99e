"""A compiled model that answers rows, as it does where it serves."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.contract import Contract
from mlops.training.compile.parity import feed, open_model
from mlops.training.evaluation.metrics.answers import Answers
from mlops.training.evaluation.predict import judge


class CompiledModel:
    """An ONNX model with its contract and its decision threshold."""

    def __init__(self, content: bytes, contract: Contract, threshold: float | None = None) -> None:
        self.contract = contract
        self.threshold = threshold
        self._session = open_model(content)

    def predict(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        """[rows, k] probabilities in the order of the contract's labels, or [rows] values."""
        predictions: NDArray[np.float64] = self._session.run(None, feed(self.contract, rows))[0]
        return predictions

    def answer(self, rows: pd.DataFrame) -> Answers:
        """The answers to rows with their truth."""
        return judge(self.predict(rows), rows, self.contract, self.threshold)
