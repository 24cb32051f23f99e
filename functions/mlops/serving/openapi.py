"""A model's contract as OpenAPI: the body, the answer and the problems of its prediction path."""

from datetime import date, timedelta
from typing import Any

from mlops.contract import Column, Contract, Target
from mlops.serving.problems import MEDIA_TYPE, PROBLEMS
from mlops.serving.rows import Row

# What stands for the contract of a model that has no champion yet.
UNTRAINED = None

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "What kind of problem, as a URI."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong here, and the remedy."},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "errors_total": {"type": "integer", "description": "How many rules were broken; `errors` lists the first 100."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["rule", "message"],
                "properties": {
                    "rule": {"type": "string"},
                    "message": {"type": "string"},
                    "row": {"type": "integer", "description": "Position among the rows, from 0."},
                    "column": {"type": "string"},
                    "value": {"type": "string"},
                },
            },
        },
    },
}

_MISSING_ROUTE = 404
_TYPES = {"number": "number", "integer": "integer", "boolean": "boolean", "date": "string", "category": "string"}


def describe_predict(
    model: str, described: tuple[Contract, Row] | None, operation: str, max_rows: int
) -> dict[str, Any]:
    """The OpenAPI operation that predicts with a model, typed by its champion's contract where it has one."""
    body: dict[str, Any] = {"schema": _body_schema(described[0] if described else None, max_rows)}
    if described:
        body["example"] = {"rows": [make_example(*described)]}
    answer = _answer_schema(described[0].target if described else None)
    return {
        "operationId": operation,
        "tags": ["predictions"],
        "summary": f"Predict with {model}",
        "description": _introduce(described[0].target) if described else "This model has no champion yet.",
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {
            "200": {"description": "One prediction a row", "content": {"application/json": {"schema": answer}}},
            **_describe_problems(),
        },
    }


def make_example(contract: Contract, row: Row) -> Row:
    """A row for the public document: a real one, but for the columns that the privacy rule doesn't keep."""
    return {
        column.name: row.get(column.name) if column.privacy == "keep" else _invent_value(column)
        for column in contract.columns
    }


def _invent_value(column: Column) -> Any:
    """A value that keeps the column's rules and is nobody's."""
    if column.example is not None:
        return column.example
    if column.kind in ("number", "integer"):
        return next((bound for bound in (column.minimum, column.maximum) if bound is not None), 0)
    if column.kind == "date":
        days = next((bound for bound in (column.minimum, column.maximum) if bound is not None), 0)
        return (date(1970, 1, 1) + timedelta(days=days)).isoformat()
    if column.kind == "boolean":
        return False
    return column.categories[0] if column.categories else "text"


def _introduce(target: Target) -> str:
    what = f"Predicts {target.name}"
    labels = f": {', '.join(target.labels)}" if target.labels else f" in {target.unit}" if target.unit else ""
    return f"{what}{labels}. {target.description or ''}".strip()


def _body_schema(contract: Contract | None, max_rows: int) -> dict[str, Any]:
    row = _row_schema(contract) if contract else {"type": "object"}
    rows = {"type": "array", "minItems": 1, "maxItems": max_rows, "items": row}
    return {"type": "object", "required": ["rows"], "additionalProperties": False, "properties": {"rows": rows}}


def _row_schema(contract: Contract) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [column.name for column in contract.columns if column.required],
        "properties": {column.name: _column_schema(column) for column in contract.columns},
    }


def _column_schema(column: Column) -> dict[str, Any]:
    unit = f"Unit: {column.unit}." if column.unit else ""
    about = f"{column.description.rstrip('.')}." if column.description else ""
    kind = _TYPES[column.kind]
    schema: dict[str, Any] = {
        "type": kind if column.required else [kind, "null"],
        "description": " ".join(part for part in (about, unit) if part) or None,
        "enum": [*column.categories, *([] if column.required else [None])] if column.categories else None,
        "format": "date" if column.kind == "date" else None,
        "minimum": column.minimum if column.kind != "date" else None,
        "maximum": column.maximum if column.kind != "date" else None,
        "examples": [column.example] if column.example is not None else None,
    }
    return {name: value for name, value in schema.items() if value is not None}


def _answer_schema(target: Target | None) -> dict[str, Any]:
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
    return {
        "type": "object",
        "required": ["model", "version", "predictions"],
        "properties": {
            "model": {"type": "string"},
            "version": {"type": "integer"},
            "predictions": {"type": "array", "items": prediction},
        },
    }


def _describe_problems() -> dict[str, Any]:
    """Every status that the path may answer with; a path that stands here for a model never answers 404."""
    titles = {status: title for status, _, title in reversed(PROBLEMS.values()) if status != _MISSING_ROUTE}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(status): {"description": title, "content": content} for status, title in sorted(titles.items())}
