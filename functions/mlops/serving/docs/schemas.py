"""A model's contract as OpenAPI: its rows, its answer, and the problems of the paths that predict with it."""

import json
from datetime import date, timedelta
from typing import Any

from mlops.contract import Column, Contract, Target
from mlops.serving.problems import MEDIA_TYPE, PROBLEMS
from mlops.serving.rows.reader import Row

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
        "error": {"type": "string", "description": "The detail again, under /v2 alone: V2 clients read it here."},
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

EXPLAIN_PARAMETER: dict[str, Any] = {
    "name": "explain",
    "in": "query",
    "required": False,
    "description": "Whether each answer comes with the contributions of all columns to it (SHAP values), which costs "
    "a few milliseconds a row. A version that can't be explained exactly answers 422 with the reason.",
    "schema": {"type": "boolean", "default": False},
}

# What an example of a problem says.
DETAILS = {
    "body-unreadable": "The body isn't valid JSON: EOF while parsing a value at line 1 column 8",
    "query-invalid": "explain must be true or false, and stand once.",
    "model-not-found": "There is no model named 'x'.",
    "version-not-found": "Model 'x' has no version 9.",
    "body-too-large": "A request may have 10,000 rows, this one has more. Split it into smaller ones.",
    "media-type-unsupported": "The Content-Type must be application/json in UTF-8, and there is none.",
    "input-rejected": "x must be at least 0, not -1.0",
    "explanation-unavailable": "Version 1 of 'x' can't be explained: it was trained without an explainer.",
    "model-unavailable": "Model 'x' can't answer now: the registry can't be read now. Try again in a few seconds.",
    "registry-unreachable": "Try again in a few seconds.",
}

_NOT_FOUND = 404
_TYPES = {"number": "number", "integer": "integer", "boolean": "boolean", "date": "string", "category": "string"}


def operation(
    operation_id: str,
    tag: str,
    summary: str,
    contract: Contract | None,
    bodies: dict[str, Any],
    answers: dict[str, Any],
    *,
    may_be_missing: bool = False,
) -> dict[str, Any]:
    """An OpenAPI operation that predicts: its bodies and answers by media type, and its problems.

    `may_be_missing` tells whether the path may name what isn't there, and so answer 404.
    """
    return {
        "operationId": operation_id,
        "tags": [tag],
        "summary": summary,
        "description": _introduce(contract.target) if contract else "This model has no champion yet.",
        "requestBody": {"required": True, "content": bodies},
        "responses": {
            "200": {"description": "One prediction a row", "content": answers},
            **_describe_problems(may_be_missing=may_be_missing),
        },
    }


def question(operation_id: str, tag: str, summary: str, answers: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI operation without a body, whose only problems are that the server or the model isn't ready."""
    unavailable = {"description": "The model can't answer now", "content": problem_content(503)}
    return {
        "operationId": operation_id,
        "tags": [tag],
        "summary": summary,
        "responses": {"200": {"description": summary, "content": answers}, "503": unavailable},
    }


def version_parameter(champion: int | None) -> dict[str, Any]:
    """The path parameter that names a version."""
    return {
        "name": "version",
        "in": "path",
        "required": True,
        "description": "A version's number. A version that isn't the champion may have other columns than stand here.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
        "example": champion,
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


def with_examples(contract: Contract, row: Row) -> Contract:
    """The contract with an example of each column: its own, or the cell of a row for the public document."""
    shown = make_example(contract, row)
    columns = [
        column if column.example is not None else column.model_copy(update={"example": shown[column.name]})
        for column in contract.columns
    ]
    return contract.model_copy(update={"columns": tuple(columns)})


def describe_columns(contract: Contract) -> str:
    """The columns as a table in Markdown."""
    lines = ["| column | type | unit | allowed | example | what it is |", "| --- | --- | --- | --- | --- | --- |"]
    for column in contract.columns:
        example = "" if column.example is None else json.dumps(column.example, ensure_ascii=False)
        cells = (column.name, column.kind, column.unit or "", _allowed(column), example, column.description or "")
        lines.append("| " + " | ".join(_escape(cell) for cell in cells) + " |")
    return "\n".join(lines)


def _allowed(column: Column) -> str:
    """The values that a column may have, in words."""
    bounds = [_as_text(column, bound) for bound in (column.minimum, column.maximum)]
    match bounds:
        case [None, None]:
            allowed = ", ".join(column.categories)
        case [low, None]:
            allowed = f"at least {low}"
        case [None, high]:
            allowed = f"at most {high}"
        case [low, high]:
            allowed = f"{low} to {high}"
    return allowed if column.required else ", or ".join(part for part in (allowed, "none") if part)


def _as_text(column: Column, bound: float | None) -> str | None:
    if bound is None:
        return None
    if column.kind == "date":
        return (date(1970, 1, 1) + timedelta(days=bound)).isoformat()
    return f"{bound:,.10g}"


def _escape(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")


def _introduce(target: Target) -> str:
    what = f"Predicts {target.name}"
    labels = f": {', '.join(target.labels)}" if target.labels else f" in {target.unit}" if target.unit else ""
    return f"{what}{labels}. {target.description or ''}".strip()


def describe_rows(contract: Contract | None, max_rows: int) -> dict[str, Any]:
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


def problem_content(status: int | None = None) -> dict[str, Any]:
    """A problem document as the content of an answer, with the first problem that has the status as example."""
    content: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for known, kind, title in PROBLEMS.values():
        if known == status:
            example = {"type": f"urn:mlops:problem:{kind}", "title": title, "status": status, "detail": DETAILS[kind]}
            content["example"] = example
            break
    return {MEDIA_TYPE: content}


def _describe_problems(*, may_be_missing: bool) -> dict[str, Any]:
    """Every status that the path may answer with; a path that stands here for a champion never answers 404."""
    titles = {status: title for status, _, title in reversed(PROBLEMS.values())}
    return {
        str(status): {"description": title, "content": problem_content(status)}
        for status, title in sorted(titles.items())
        if may_be_missing or status != _NOT_FOUND
    }
