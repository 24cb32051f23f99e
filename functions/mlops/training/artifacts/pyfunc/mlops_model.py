"""Loads this folder for MLflow: a table with the contract's columns in, labels and probabilities or values out.

It travels with the model and needs numpy, pandas and onnxruntime alone.
"""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from mlops.artifact.decision import decide
from mlops.artifact.frame_reader import read_frame
from mlops.artifact.frames import frame_inputs
from mlops.artifact.names import CONTRACT, DECISION, MODEL
from mlops.artifact.session import open_session


class Model:
    """The compiled model behind MLflow's python_function."""

    def __init__(self, folder: Path) -> None:
        # Attributes are all that is read of a contract; the class of contracts would need pydantic.
        self._contract: Any = _read(folder / CONTRACT)
        self._decision = _read(folder / DECISION)
        self._session = open_session((folder / MODEL).read_bytes())

    def predict(self, rows: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:  # noqa: ARG002
        """A column `label` and a column `p(label)` a label, or a column `value`.

        Raises FrameRejected, a ValueError, for cells that break the contract or can't be read without loss.
        """
        answer = self._session.run(None, frame_inputs(self._contract, read_frame(self._contract, rows)))[0]
        labels = self._contract.target.labels
        if not labels:
            return pd.DataFrame({"value": answer}, index=rows.index)
        decided = decide(answer, self._decision.positive, self._decision.threshold)
        probabilities = {f"p({label})": answer[:, index] for index, label in enumerate(labels)}
        return pd.DataFrame({"label": [labels[index] for index in decided], **probabilities}, index=rows.index)


def _read(file: Path) -> SimpleNamespace:
    document: SimpleNamespace = json.loads(
        file.read_text(encoding="utf-8"), object_hook=lambda at: SimpleNamespace(**at)
    )
    return document


def _load_pyfunc(path: str) -> Model:
    """What MLflow calls, with the folder's path."""
    return Model(Path(path))
