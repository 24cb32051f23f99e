"""How far a compiled model is from the estimator that it was made from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.artifact.frames import frame_inputs
from mlops.artifact.session import open_session
from mlops.contract import Contract
from mlops.errors.training import CompilationFailed
from mlops.training.compile.estimator import predict

TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Parity:
    """How two forms of a model compare on `rows` rows.

    `difference` is the greatest one: absolute, and for a regression relative where the value is beyond 1; infinite
    where only one of the two gave a number. `worst` is the row it was seen on, None where there's no difference at all.
    """

    difference: float
    rows: int
    worst: dict[str, Any] | None

    @property
    def exact(self) -> bool:
        """Whether the difference is within the tolerance."""
        return self.difference <= TOLERANCE


def check_parity(estimator: Any, contract: Contract, model: bytes, rows: pd.DataFrame) -> Parity:
    """Compare a compiled model with its estimator on rows with the contract's columns.

    Raises CompilationFailed if the estimator itself refuses a row, since the compiled model would answer it.
    """
    if rows.empty:
        raise ValueError("there are no rows to compare on")
    answers: NDArray[np.float64] = open_session(model).run(None, frame_inputs(contract, rows))[0]
    expected = _predict(estimator, rows, contract)
    if answers.shape != expected.shape:
        raise CompilationFailed(type(estimator).__name__, f"it answers {expected.shape}, its graph {answers.shape}")
    differences = _differences(answers, expected, relative=not contract.target.labels)
    worst = int(np.argmax(differences))
    difference = float(differences[worst])
    row = dict(zip(contract.names, rows[list(contract.names)].iloc[worst].tolist(), strict=True))
    return Parity(difference, len(rows), row if difference > 0 else None)


def _predict(estimator: Any, rows: pd.DataFrame, contract: Contract) -> NDArray[np.float64]:
    try:
        return predict(estimator, rows, contract)
    except (ValueError, IndexError) as error:
        reason = f"it refuses a row that the contract allows ({error}); have it handle such values, or forbid them"
        raise CompilationFailed(type(estimator).__name__, reason) from error


def _differences(answers: NDArray[np.float64], expected: NDArray[np.float64], *, relative: bool) -> NDArray[np.float64]:
    """One difference a row."""
    with np.errstate(invalid="ignore"):
        differences = np.abs(answers - expected)
    differences = np.where(answers == expected, 0.0, differences)  # also where both are the same infinity
    differences = np.where(np.isnan(answers) & np.isnan(expected), 0.0, differences)
    differences = np.where(np.isnan(differences), np.inf, differences)
    if relative:
        return np.where(np.isfinite(expected), differences / np.maximum(1.0, np.abs(expected)), differences)
    worst: NDArray[np.float64] = differences.max(axis=1)
    return worst
