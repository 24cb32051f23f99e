"""Prints tables on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime


def show_time(moment: str) -> str:
    """A time in ISO 8601 as people read it: 2026-11-30 14:05:30 UTC."""
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def show(rows: Mapping[str, object], indent: str = "  ") -> None:
    """Print one line per name, with the values aligned."""
    width = max(map(len, rows), default=0)
    for name, value in rows.items():
        print(f"{indent}{name:<{width}}  {value}")


def show_table(head: Sequence[str], rows: Sequence[Sequence[object]], indent: str = "  ") -> None:
    """Print a table with a header, or nothing if there are no rows."""
    if not rows:
        return
    lines = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        print((indent + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))).rstrip())
