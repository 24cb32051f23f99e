"""The Open Inference Protocol V2 in the OpenAPI document."""

from typing import Any

from mlops.artifact.inputs import CATEGORIES, NUMBERS
from mlops.contract import Contract
from mlops.serving.protocols.protocol import ModelDescription
from mlops.serving.protocols.v2.routes import datatype
from mlops.serving.protocols.v2.tensors import DATATYPES
from mlops.serving.rows.reader import Row
from mlops.serving.schemas.examples import make_example
from mlops.serving.schemas.operations import get_operation, predict_operation, version_parameter

_ADDRESSEE = "May be left out: the path says it. If it stands here, it must be the same."
_TAG = "Open Inference Protocol V2"
_PARAMETERS = {"type": ["object", "null"], "additionalProperties": True}
_SCALAR = {"type": ["number", "string", "boolean", "null"]}
_SIZES = {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "integer", "minimum": 0}}


def describe_inference(model: ModelDescription) -> dict[str, Any]:
    """A champion's paths under /v2/models, and for the default model those of the server."""
    paths: dict[str, Any] = {}
    if model.is_default:
        paths["/v2"] = _get("v2-server", "The server's name and extensions", "name", "version", "extensions")
        paths["/v2/health/live"] = _get("v2-live", "Whether the server is alive", "live")
        paths["/v2/health/ready"] = _get("v2-ready", "Whether the default model answers", "ready")
    if model.contract is None:
        return paths
    for names_version in (False, True):
        paths |= _describe_model(model, model.contract, names_version=names_version)
    return paths


def _describe_model(model: ModelDescription, contract: Contract, *, names_version: bool) -> dict[str, Any]:
    path = f"/v2/models/{model.name}" + ("/versions/{version}" if names_version else "")
    name = f"v2-{model.name}" + ("-version" if names_version else "")
    which = f"a particular version of {model.name}" if names_version else model.name
    metadata = _get(name, f"The inputs and outputs of {which}", "name", "versions", "platform", "inputs", "outputs")
    ready = _get(f"{name}-ready", f"Whether {which} answers", "name", "ready")
    body = {
        "schema": _body_schema(contract),
        "example": _example(contract, make_example(contract, model.example)),
    }
    infer = predict_operation(
        f"{name}-infer",
        _TAG,
        f"Infer with {which}",
        contract,
        {"application/json": body},
        {"application/json": {"schema": _answer_schema()}},
        may_be_missing=names_version,
    )
    infer["description"] += (
        f" One tensor a column, or the matrices {NUMBERS} (the columns that aren't categories) and {CATEGORIES},"
        " in the contract's order. Tensors may be binary: name the JSON's length in Inference-Header-Content-Length."
    )
    paths: dict[str, Any] = {path: metadata, f"{path}/ready": ready, f"{path}/infer": {"post": infer}}
    if names_version:
        for item in paths.values():
            item["parameters"] = [version_parameter(model.version)]
        for item in (metadata, ready):
            item["get"]["responses"]["404"] = infer["responses"]["404"]
    return paths


def _get(operation_id: str, summary: str, *members: str) -> dict[str, Any]:
    schema = {"type": "object", "required": list(members)}
    return {"get": get_operation(operation_id, _TAG, summary, {"application/json": {"schema": schema}})}


def _body_schema(contract: Contract) -> dict[str, Any]:
    labels = contract.target.labels
    answers = [*(("label", "probabilities") if labels else ("value",)), "prediction_id"]
    tensor = {
        "type": "object",
        "required": ["name", "shape", "datatype"],
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "enum": list(dict.fromkeys([*contract.names, NUMBERS, CATEGORIES]))},
            "shape": _SIZES,
            "datatype": {"type": "string", "enum": list(DATATYPES)},
            "data": {
                "type": "array",
                "description": "Flat in row-major order, or a list a row.",
                "items": {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]},
            },
            "parameters": _PARAMETERS,
        },
    }
    output = {
        "type": "object",
        "required": ["name"],
        "additionalProperties": False,
        "properties": {"name": {"type": "string", "enum": answers}, "parameters": _PARAMETERS},
    }
    return {
        "type": "object",
        "required": ["inputs"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": ["string", "null"]},
            "model_name": {"type": ["string", "null"], "description": _ADDRESSEE},
            "model_version": {"type": ["string", "null"], "description": _ADDRESSEE},
            "parameters": _PARAMETERS,
            "inputs": {"type": "array", "minItems": 1, "items": tensor},
            "outputs": {"type": ["array", "null"], "items": output},
        },
    }


def _answer_schema() -> dict[str, Any]:
    output = {
        "type": "object",
        "required": ["name", "shape", "datatype"],
        "properties": {
            "name": {"type": "string"},
            "shape": _SIZES,
            "datatype": {"type": "string", "enum": list(DATATYPES)},
            "data": {"type": "array", "items": _SCALAR},
            "parameters": {"type": "object"},
        },
    }
    return {
        "type": "object",
        "required": ["model_name", "model_version", "outputs"],
        "properties": {
            "model_name": {"type": "string"},
            "model_version": {"type": "string"},
            "id": {"type": "string"},
            "parameters": {"type": "object"},
            "outputs": {"type": "array", "items": output},
        },
    }


def _example(contract: Contract, row: Row) -> dict[str, Any]:
    inputs = [
        {"name": column.name, "shape": [1], "datatype": datatype(column), "data": [_tensor_cell(row[column.name])]}
        for column in contract.columns
    ]
    return {"id": "example", "inputs": inputs}


def _tensor_cell(cell: Any) -> Any:
    """A whole number as JSON writes one: INT64 takes no 5.0."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell
