"""MLflow's scoring protocol in the OpenAPI document."""

import csv
from io import StringIO
from typing import Any

from mlops.contract import Contract
from mlops.serving.protocols.protocol import ModelDescription
from mlops.serving.rows.reader import Row
from mlops.serving.schemas.contract import column_schema, list_schema, predictions_schema, row_schema
from mlops.serving.schemas.examples import make_example
from mlops.serving.schemas.operations import get_operation, predict_operation

_TAG = "MLflow"
_CSV = "A line of column names, then a line a row; an empty cell is a missing value."
_TEXT = {"text/plain": {"schema": {"type": "string"}}}


def describe_invocations(model: ModelDescription) -> dict[str, Any]:
    """The paths /invocations, /ping and /version."""
    contract = model.contract
    example = make_example(contract, model.example) if contract else {}
    bodies: dict[str, Any] = {
        "application/json": {"schema": _body_schema(contract, model.max_rows)},
        "text/csv": {"schema": {"type": "string", "minLength": 1, "description": _CSV}},
    }
    if contract:
        bodies["application/json"]["examples"] = _examples(example)
        bodies["text/csv"]["example"] = _write_csv(example)
    answer = {"application/json": {"schema": predictions_schema(contract)}}
    summary = f"Predict with {model.name}, as MLflow's scoring server does"
    return {
        "/invocations": {"post": predict_operation("invocations", _TAG, summary, contract, bodies, answer)},
        "/ping": {"get": get_operation("ping", _TAG, f"Whether {model.name} answers", _TEXT)},
        "/version": {"get": get_operation("version", _TAG, "The MLflow release whose protocol this is", _TEXT)},
    }


def _examples(row: Row) -> dict[str, Any]:
    names, cells = list(row), list(row.values())
    forms = {
        "dataframe_split": {"columns": names, "data": [cells]},
        "dataframe_records": [row],
        "instances": [cells],
        "inputs": {name: [cell] for name, cell in row.items()},
    }
    return {name: {"summary": name, "value": {name: frame}} for name, frame in forms.items()}


def _write_csv(row: Row) -> str:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(row)
    writer.writerow(str(cell).lower() if isinstance(cell, bool) else cell for cell in row.values())
    return out.getvalue()


def _body_schema(contract: Contract | None, max_rows: int) -> dict[str, Any]:
    """Exactly one of the four forms."""
    forms = _forms(contract, max_rows) if contract else {"dataframe_split": {}, "dataframe_records": {}}
    params = {"type": ["object", "null"], "maxProperties": 0, "description": "The model has none."}
    return {
        "oneOf": [
            {
                "type": "object",
                "title": name,
                "required": [name],
                "additionalProperties": False,
                "properties": {name: schema, "params": params},
            }
            for name, schema in forms.items()
        ]
    }


def _forms(contract: Contract, max_rows: int) -> dict[str, Any]:
    named = list_schema(row_schema(contract), max_rows)
    columns = [column_schema(column) for column in contract.columns]
    cells = {
        "type": "array",
        "description": "The columns in the contract's order.",
        "prefixItems": columns,
        # There are no others, but generators of clients want to be told what an array holds.
        "items": {"type": sorted({kind for schema in columns for kind in _types(schema)})},
        "minItems": len(contract.columns),
        "maxItems": len(contract.columns),
    }
    listed_columns = row_schema(contract) | {
        "description": "Lists of one length, one for each column.",
        "properties": {column.name: list_schema(column_schema(column), max_rows) for column in contract.columns},
    }
    split = {
        "type": "object",
        "required": ["data"],
        "additionalProperties": False,
        "properties": {
            "columns": {"type": ["array", "null"], "items": {"enum": list(contract.names)}, "uniqueItems": True},
            "index": {"description": "Not looked at."},
            "data": list_schema(cells | {"description": "The columns in the order of `columns`."}, max_rows),
        },
    }
    # Not one list or another: generated clients can't tell two kinds of list apart.
    either = list_schema({"anyOf": [row_schema(contract), cells]}, max_rows)
    return {
        "dataframe_split": split,
        "dataframe_records": named,
        "instances": either,
        "inputs": {"anyOf": [listed_columns, row_schema(contract), either]},
    }


def _types(schema: dict[str, Any]) -> list[str]:
    kind = schema["type"]
    return kind if isinstance(kind, list) else [kind]
