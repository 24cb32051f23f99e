"""Loads this folder for MLflow: a table with the contract's columns in, labels and probabilities or values out.

It travels with the model and needs numpy, pandas and onnxruntime alone.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from onnxruntime import InferenceSession

EPOCH = pd.Timestamp("1970-01-01")


class Model:
    """The compiled model behind MLflow's python_function."""

    def __init__(self, folder: Path) -> None:
        contract = json.loads((folder / "contract.json").read_text(encoding="utf-8"))
        decision = json.loads((folder / "decision.json").read_text(encoding="utf-8"))
        self._columns = contract["columns"]
        self._labels = contract["target"]["labels"]
        self._positive = decision["positive"]
        self._threshold = decision["threshold"]
        self._session = InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])

    def predict(self, rows: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:  # noqa: ARG002
        """A column `label` and a column `p(label)` a label, or a column `value`."""
        answer = self._session.run(None, self._feed(rows))[0]
        if not self._labels:
            return pd.DataFrame({"value": answer}, index=rows.index)
        chosen = answer.argmax(axis=1)
        if self._threshold is not None:
            chosen = np.where(answer[:, self._positive] >= self._threshold, self._positive, 1 - self._positive)
        chances = {f"p({label})": answer[:, place] for place, label in enumerate(self._labels)}
        return pd.DataFrame({"label": [self._labels[place] for place in chosen], **chances}, index=rows.index)

    def _feed(self, rows: pd.DataFrame) -> dict[str, Any]:
        numbers = [_numbers(rows, column) for column in self._columns if column["kind"] != "category"]
        texts = [_texts(rows, column["name"]) for column in self._columns if column["kind"] == "category"]
        feed = {"numbers": numbers, "categories": texts}
        return {name: np.column_stack(cells) for name, cells in feed.items() if cells}


def _numbers(rows: pd.DataFrame, column: dict[str, Any]) -> Any:
    """Numbers as they are, booleans as 0 or 1, dates as days since 1970-01-01, NaN where missing."""
    if column["name"] not in rows:
        return np.full(len(rows), np.nan)
    cells = rows[column["name"]]
    if column["kind"] == "date":
        cells = (pd.to_datetime(cells) - EPOCH) / pd.Timedelta(days=1)
    return pd.to_numeric(cells.astype(object).where(cells.notna(), np.nan)).to_numpy(np.float64)


def _texts(rows: pd.DataFrame, name: str) -> Any:
    if name not in rows:
        return np.full(len(rows), "", dtype=object)
    cells = rows[name].astype(object)
    return cells.where(cells.notna(), "").to_numpy(object)


def _load_pyfunc(path: str) -> Model:
    """What MLflow calls, with the folder's path."""
    return Model(Path(path))
