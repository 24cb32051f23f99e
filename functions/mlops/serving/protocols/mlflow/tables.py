"""A data frame in CSV → rows: a line of column names, then a line a row (RFC 4180)."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

from mlops.contract import Contract
from mlops.errors import BodyTooLarge, BodyUnreadable, InputRejected, Violation
from mlops.serving.rows.reader import Row, RowReader

_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def read_table(body: bytes, contract: Contract, reader: RowReader) -> Sequence[Row]:
    """The rows, checked. An empty cell is a missing value. Raises BodyUnreadable, BodyTooLarge or InputRejected."""
    lines = _read_lines(body)
    names = next(lines, None)
    if names is None:
        raise BodyUnreadable("it is empty; the first line has the column names", "CSV")
    reader.check_names(names)
    columns = {column.name: column.kind for column in contract.columns}
    kinds = [columns[name] for name in names]
    rows: list[list[Any]] = []
    for number, cells in enumerate(lines):
        if number == reader.max_rows:
            raise BodyTooLarge("rows", reader.max_rows)
        if len(cells) != len(names):
            message = f"the row has {len(cells)} cells for {len(names)} columns"
            raise InputRejected([Violation(rule="shape", row=number, message=message)])
        rows.append([*map(_read_cell, kinds, cells)])
    return reader.check_cells(names, rows)


def _read_lines(body: bytes) -> Iterator[list[str]]:
    """The lines that aren't empty."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BodyUnreadable(f"it isn't UTF-8 at byte {error.start}", "CSV") from None
    lines = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        yield from filter(None, lines)
    except csv.Error as error:
        raise BodyUnreadable(f"line {lines.line_num}: {error}", "CSV") from None


def _read_cell(kind: str, text: str) -> Any:
    """The cell's value. What isn't one stays text, so that the contract's check can name it."""
    if not text:
        return None
    if kind == "boolean":
        return _BOOLEANS.get(text.lower(), text)
    if kind in ("number", "integer"):
        try:
            number = float(text)
        except ValueError:
            return text
        # Python reads 1_000 as a number, and no other reader of CSV does. NaN is how some writers say missing.
        return text if "_" in text else None if number != number else number
    return text
