"""Rows of a query as JSON, and as a table on the screen."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import to_json
from rich.markup import escape

from cli.stack import console
from cli.table import Table

type Row = Mapping[str, Any]


def print_json(document: Any) -> None:
    """A document as JSON; times are ISO 8601, what JSON can't hold is text."""
    console.print_json(to_json(document, fallback=str, inf_nan_mode="null").decode())


def make_table(names: Sequence[str], rows: Sequence[Row]) -> Table:
    """A table of rows, each a column-to-value mapping; numbers to the right."""
    table = Table()
    for name in names:
        is_number = all(isinstance(row[name], int | float | None) for row in rows)
        table.add_column(escape(name), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(_show(row[name])) for name in names))
    return table


def _show(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
    if isinstance(value, dict | list):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)
