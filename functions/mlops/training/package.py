"""The files of a version: a complete MLflow model folder, readable by people, MLflow and the serving function."""

import json
from typing import Any

import numpy as np
import pandas as pd
import yaml

from mlops.contract import Contract
from mlops.training.estimator import dump_estimator
from mlops.training.evaluate import predict_probabilities

GOLDEN_ROWS = 32

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
    probabilities = predict_probabilities(estimator, test, contract)
    order = np.argsort(probabilities[:, -1], kind="stable")
    chosen = order[np.unique(np.linspace(0, len(order) - 1, GOLDEN_ROWS).astype(int))]
    rows = test[list(contract.names)].iloc[chosen]
    return {
        "rows": [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")],
        "probabilities": probabilities[chosen].tolist(),
    }


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
