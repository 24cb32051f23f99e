"""The Open Inference Protocol V2 in the OpenAPI document."""

from typing import Any

from mlops.contract import Contract
from mlops.serving.docs.schemas import make_example, operation, question, version_parameter
from mlops.serving.protocols.protocol import Described
from mlops.serving.protocols.v2.columns import CATEGORIES, NUMBERS
from mlops.serving.protocols.v2.routes import datatype
from mlops.serving.protocols.v2.tensors import DATATYPES
from mlops.serving.rows.reader import Row

_TAG = "Open Inference Protocol V2"
_PARAMETERS = {"type": ["object", "null"], "additionalProperties": True}
_SIZES = {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "integer", "minimum": 0}}


def describe_inference(described: Described) -> dict[str, Any]:
    """A champion's paths under /v2/models, and for the default model those of the server."""
    paths: dict[str, Any] = {}
    if described.is_default:
        paths["/v2"] = _question("v2-server", "The server's name and extensions", "name", "version", "extensions")
        paths["/v2/health/live"] = _question("v2-live", "Whether the server is alive", "live")
        paths["/v2/health/ready"] = _question("v2-ready", "Whether the default model answers", "ready")
    if described.contract is None:
        return paths
    for particular in (False, True):
        paths |= _describe_model(described, described.contract, particular=particular)
    return paths


def _describe_model(described: Described, contract: Contract, *, particular: bool) -> dict[str, Any]:
    model = described.model
    path = f"/v2/models/{model}" + ("/versions/{version}" if particular else "")
    name = f"v2-{model}" + ("-version" if particular else "")
    which = f"a particular version of {model}" if particular else model
    told = _question(name, f"The inputs and outputs of {which}", "name", "versions", "platform", "inputs", "outputs")
    ready = _question(f"{name}-ready", f"Whether {which} answers", "name", "ready")
    body = {
        "schema": _body_schema(contract),
        "example": _example(contract, make_example(contract, described.example)),
    }
    infer = operation(
        f"{name}-infer",
        _TAG,
        f"Infer with {which}",
        contract,
        {"application/json": body},
        {"application/json": {"schema": _answer_schema()}},
        may_be_missing=particular,
    )
    infer["description"] += (
        f" One tensor a column, or the matrices {NUMBERS} (the columns that aren't categories) and {CATEGORIES},"
        " in the contract's order. Tensors may be binary: name the JSON's length in Inference-Header-Content-Length."
    )
    paths: dict[str, Any] = {path: told, f"{path}/ready": ready, f"{path}/infer": {"post": infer}}
    if particular:
        for item in paths.values():
            item["parameters"] = [version_parameter(described.version)]
        for item in (told, ready):
            item["get"]["responses"]["404"] = infer["responses"]["404"]
    return paths


def _question(operation_id: str, summary: str, *members: str) -> dict[str, Any]:
    schema = {"type": "object", "required": list(members)}
    return {"get": question(operation_id, _TAG, summary, {"application/json": {"schema": schema}})}


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
            "data": {"type": "array", "description": "Flat in row-major order, or a list a row."},
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
            "data": {"type": "array"},
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
