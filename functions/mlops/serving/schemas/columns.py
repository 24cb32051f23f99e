"""A contract's columns as a table in Markdown."""

import json

from mlops.artifact.inputs import date_from_days, datetime_from_days, time_from_hours
from mlops.contract import Column, Contract


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
        return date_from_days(bound).isoformat()
    if column.kind == "datetime":
        return datetime_from_days(bound).isoformat()
    if column.kind == "time":
        return time_from_hours(bound).isoformat()
    return f"{bound:,.10g}"


def _escape(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")
