"""The files of a version: a complete MLflow model folder, readable by people, MLflow and the serving function."""

import json
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import yaml

from mlops.contract import Column, Contract
from mlops.training.estimator import dump_estimator
from mlops.training.evaluate import predict

GOLDEN_ROWS = 32
EPOCH = date(1970, 1, 1)

_MLFLOW_TYPES = {"number": "double", "integer": "double", "boolean": "boolean", "date": "string", "category": "string"}


def make_files(
    estimator: Any, model: bytes, profile: dict[str, Any], test: pd.DataFrame, contract: Contract
) -> dict[str, bytes]:
    """Name → content of everything in the version's folder but its manifest."""
    golden = _golden(estimator, test, contract)
    return {
        "model.onnx": model,
        "estimator.skops": dump_estimator(estimator),
        "golden.json": _json(golden),
        "profile.json": _json(profile),
        "contract.json": contract.model_dump_json(indent=2).encode(),
        "input_example.json": _json({"columns": list(contract.names), "data": [list(golden["rows"][0].values())]}),
        "MLmodel": yaml.safe_dump(_mlmodel(contract), sort_keys=False).encode(),
    }


def _golden(estimator: Any, test: pd.DataFrame, contract: Contract) -> dict[str, Any]:
    """Held-out rows with the estimator's answers: those with the extreme answers, and others spread between."""
    predictions = predict(estimator, test, contract)
    order = np.argsort(predictions if predictions.ndim == 1 else predictions[:, -1], kind="stable")
    chosen = order[np.unique(np.linspace(0, len(order) - 1, GOLDEN_ROWS).astype(int))]
    return {
        "rows": to_requests(test.iloc[chosen], contract),
        "probabilities" if contract.target.labels else "values": predictions[chosen].tolist(),
    }


def to_requests(rows: pd.DataFrame, contract: Contract) -> list[dict[str, Any]]:
    """Rows as a request has them: numbers, texts, true or false, dates as "YYYY-MM-DD", and null where missing."""
    cells = {column.name: [_cell(value, column) for value in rows[column.name]] for column in contract.columns}
    return [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]


def _cell(value: Any, column: Column) -> Any:
    if pd.isna(value):
        return None
    match column.kind:
        case "category":
            return str(value)
        case "boolean":
            return bool(value)
        case "date":
            return (EPOCH + timedelta(days=int(value))).isoformat()
        case "number" | "integer":
            return float(value)


def _mlmodel(contract: Contract) -> dict[str, Any]:
    """The MLmodel file: ONNX and python_function flavours, with the contract as signature."""
    inputs = [
        {"type": _MLFLOW_TYPES[column.kind], "name": column.name, "required": column.required}
        for column in contract.columns
    ]
    outputs = [
        {"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, len(contract.target.labels)]}},
    ]
    return {
        "flavors": {
            "onnx": {"data": "model.onnx", "providers": ["CPUExecutionProvider"]},
            "python_function": {"loader_module": "mlflow.onnx", "data": "model.onnx"},
        },
        "signature": {"inputs": json.dumps(inputs), "outputs": json.dumps(outputs), "params": None},
        "saved_input_example_info": {
            "artifact_path": "input_example.json",
            "type": "dataframe",
            "pandas_orient": "split",
        },
    }


def _json(document: Any) -> bytes:
    return json.dumps(document, indent=1, allow_nan=False).encode()
