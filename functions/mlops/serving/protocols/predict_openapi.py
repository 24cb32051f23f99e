"""POST /predict in the OpenAPI document."""

from typing import Any

from mlops.serving.protocols.protocol import ModelDescription
from mlops.serving.schemas.columns import describe_columns
from mlops.serving.schemas.contract import predictions_schema, rows_schema
from mlops.serving.schemas.examples import make_example
from mlops.serving.schemas.operations import EXPLAIN_PARAMETER, predict_operation, version_parameter


def describe_predict(model: ModelDescription) -> dict[str, Any]:
    """The prediction paths of a model, typed by its champion's contract where it has one."""
    name = model.name
    paths: dict[str, Any] = {}
    if model.is_default:
        paths["/predict"] = {"post": _describe(model, "predict")}
    if model.contract:
        paths[f"/models/{name}/predict"] = {"post": _describe(model, f"predict-{name}")}
        pinned = _describe(model, f"predict-{name}-version", names_version=True)
        pinned["summary"] = f"Predict with a particular version of {name}"
        pinned["parameters"].insert(0, version_parameter(model.version))
        paths[f"/models/{name}/versions/{{version}}/predict"] = {"post": pinned}
    return paths


def _describe(model: ModelDescription, operation_id: str, *, names_version: bool = False) -> dict[str, Any]:
    body: dict[str, Any] = {"schema": rows_schema(model.contract, model.max_rows)}
    if model.contract:
        body["example"] = {"rows": [make_example(model.contract, model.example)]}
    answer = {"application/json": {"schema": predictions_schema(model.contract, explained=True)}}
    operation = predict_operation(
        operation_id,
        "predictions",
        f"Predict with {model.name}",
        model.contract,
        {"application/json": body},
        answer,
        may_be_missing=names_version,
    )
    if model.contract and not names_version:
        operation["description"] += "\n\n" + describe_columns(model.contract)
    return operation | {"parameters": [EXPLAIN_PARAMETER]}
