"""How far a compiled model is from the estimator that it was made from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions

from mlops.contract import Contract
from mlops.errors import CompilationFailed
from mlops.training.compile.labels import label_order
from mlops.training.compile.vocabulary import MISSING_TEXT

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
    session = open_model(model)
    answers: NDArray[np.float64] = session.run(None, feed(contract, rows))[0]
    expected = _expected(estimator, contract, rows)
    if answers.shape != expected.shape:
        raise CompilationFailed(type(estimator).__name__, f"it answers {expected.shape}, its graph {answers.shape}")
    differences = _differences(answers, expected, relative=not contract.target.labels)
    worst = int(np.argmax(differences))
    difference = float(differences[worst])
    row = dict(zip(contract.names, rows[list(contract.names)].iloc[worst].tolist(), strict=True))
    return Parity(difference, len(rows), row if difference > 0 else None)


def open_model(model: bytes) -> InferenceSession:
    """A session as predictions are served by: on one thread."""
    options = SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return InferenceSession(model, options, providers=["CPUExecutionProvider"])


def feed(contract: Contract, rows: pd.DataFrame) -> dict[str, NDArray[Any]]:
    """The inputs of a compiled model, by name, from rows with the contract's columns."""
    numbers = [column.name for column in contract.columns if column.kind != "category"]
    texts = [column.name for column in contract.columns if column.kind == "category"]
    inputs: dict[str, NDArray[Any]] = {}
    if numbers:
        inputs["numbers"] = rows[numbers].to_numpy(dtype=np.float64, na_value=np.nan)
    if texts:
        cells = rows[texts].astype(object)
        if (cells == MISSING_TEXT).to_numpy().any():
            raise ValueError("a category is the empty text; leave the cell empty (None or NaN) where it's missing")
        inputs["categories"] = cells.where(cells.notna(), MISSING_TEXT).to_numpy(dtype=object)
    return inputs


def _expected(estimator: Any, contract: Contract, rows: pd.DataFrame) -> NDArray[np.float64]:
    frame = rows[list(contract.names)]
    try:
        if not contract.target.labels:
            return np.asarray(estimator.predict(frame), dtype=np.float64).reshape(-1)
        chances: NDArray[np.float64] = estimator.predict_proba(frame)
    except (ValueError, IndexError) as error:
        reason = f"it refuses a row that the contract allows ({error}); have it handle such values, or forbid them"
        raise CompilationFailed(type(estimator).__name__, reason) from error
    return chances[:, label_order(estimator, estimator.classes_, contract)]


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
