"""A compiled model that answers rows as it does when it serves."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.artifact.frames import frame_inputs
from mlops.artifact.session import open_session
from mlops.contract import Contract
from mlops.data.row_digests import row_units
from mlops.evaluation.metrics.answers import Answers, make_answers


class CompiledModel:
    """An ONNX model with its contract and its decision threshold."""

    def __init__(self, content: bytes, contract: Contract, threshold: float | None = None) -> None:
        self.contract = contract
        self.threshold = threshold
        self._session = open_session(content)

    def predict(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        """[rows, k] probabilities in the order of the contract's labels, or [rows] values."""
        predictions: NDArray[np.float64] = self._session.run(None, frame_inputs(self.contract, rows))[0]
        return predictions

    def answer(self, rows: pd.DataFrame) -> Answers:
        """The answers to rows whose truth is known."""
        return make_answers(self.predict(rows), rows, self.contract, self.threshold, row_units(rows))
