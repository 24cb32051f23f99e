"""A contract as JSON schemas: its rows, and the predictions that answer them."""

from typing import Any

from mlops.artifact.spelling import TIME
from mlops.contract import Column, Contract

_TYPES = {"number": "number", "integer": "integer", "boolean": "boolean", "category": "string"}
_FORMATS = {"date": "date", "datetime": "date-time"}


def rows_schema(contract: Contract | None, max_rows: int) -> dict[str, Any]:
    """The schema of `{"rows": […]}`."""
    rows = list_schema(row_schema(contract) if contract else {"type": "object"}, max_rows)
    return {"type": "object", "required": ["rows"], "additionalProperties": False, "properties": {"rows": rows}}


def list_schema(row: dict[str, Any], max_rows: int) -> dict[str, Any]:
    """The schema of as many rows as a request may have."""
    return {"type": "array", "minItems": 1, "maxItems": max_rows, "items": row}


def row_schema(contract: Contract) -> dict[str, Any]:
    """The schema of a row with named cells."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [column.name for column in contract.columns if column.required],
        "properties": {column.name: column_schema(column) for column in contract.columns},
    }


def column_schema(column: Column) -> dict[str, Any]:
    """The schema of a column's cells."""
    unit = f"Unit: {column.unit}." if column.unit else ""
    about = f"{column.description.rstrip('.')}." if column.description else ""
    kind = _TYPES.get(column.kind, "string")
    is_number = column.kind in ("number", "integer")
    schema: dict[str, Any] = {
        "type": kind if column.required else [kind, "null"],
        "description": " ".join(part for part in (about, unit) if part) or None,
        "enum": [*column.categories, *([] if column.required else [None])] if column.categories else None,
        "format": _FORMATS.get(column.kind),
        "pattern": TIME if column.kind == "time" else None,
        "minimum": column.minimum if is_number else None,
        "maximum": column.maximum if is_number else None,
        "examples": [column.example] if column.example is not None else None,
    }
    return {name: value for name, value in schema.items() if value is not None}


def predictions_schema(contract: Contract | None, *, explained: bool = False) -> dict[str, Any]:
    """The schema of an answer with a prediction a row, which may be `explained`."""
    target = contract.target if contract else None
    prediction: dict[str, Any] = {
        "type": "object",
        "required": ["prediction_id"],
        "properties": {"prediction_id": {"type": "string", "format": "uuid"}},
    }
    if target and target.labels:
        chance = {"type": "number", "minimum": 0, "maximum": 1}
        prediction["required"] += ["label", "probabilities"]
        prediction["properties"]["label"] = {"type": "string", "enum": list(target.labels)}
        prediction["properties"]["probabilities"] = {
            "type": "object",
            "required": list(target.labels),
            "properties": dict.fromkeys(target.labels, chance),
        }
    elif target:
        prediction["required"] += ["value"]
        prediction["properties"]["value"] = {"type": "number"}
    if contract and explained:
        prediction["properties"]["explanation"] = _explanation_schema(contract)
    return {
        "type": "object",
        "required": ["model", "version", "predictions"],
        "properties": {
            "model": {"type": "string"},
            "version": {"type": "integer"},
            "predictions": {"type": "array", "items": prediction},
        },
    }


def _explanation_schema(contract: Contract) -> dict[str, Any]:
    names = list(contract.names)
    return {
        "type": "object",
        "description": "Only with explain=true. `base` and all contributions add up to the answer's score in `unit`.",
        "required": ["unit", "base", "contributions"],
        "properties": {
            "unit": {"type": "string", "description": "What the score is: a probability, log-odds, or the target's."},
            "base": {"type": "number", "description": "The score if nothing of the row were known."},
            "contributions": {
                "type": "object",
                "required": names,
                "properties": {name: {"type": "number"} for name in names},
            },
        },
    }
