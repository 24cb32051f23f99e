"""A row to show in the public document: a real one, without the values that the privacy rule keeps from it."""

from typing import Any

from mlops.artifact.inputs import date_from_days, datetime_from_days, time_from_hours
from mlops.contract import Column, Contract
from mlops.privacy import is_public
from mlops.serving.rows.reader import Row


def make_example(contract: Contract, row: Row) -> Row:
    """A row for the public document: a real one, but for the columns that the privacy rule doesn't keep."""
    return {
        column.name: row.get(column.name) if is_public(column) else _invent_value(column) for column in contract.columns
    }


def _invent_value(column: Column) -> Any:
    """An invented value that keeps the column's rules."""
    if column.example is not None:
        return column.example
    if column.kind in ("number", "integer"):
        return next((bound for bound in (column.minimum, column.maximum) if bound is not None), 0)
    if column.kind in ("date", "datetime"):
        days = next((bound for bound in (column.minimum, column.maximum) if bound is not None), 0)
        return (date_from_days if column.kind == "date" else datetime_from_days)(days).isoformat()
    if column.kind == "time":
        hours = next((bound for bound in (column.minimum, column.maximum) if bound is not None), 12.0)
        return time_from_hours(hours).isoformat()
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
