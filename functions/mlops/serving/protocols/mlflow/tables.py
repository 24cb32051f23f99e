"""A data frame in CSV → rows: a line of column names, then a line a row (RFC 4180)."""

import csv
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO, StringIO, TextIOWrapper
from math import nan
from typing import Any

import numpy as np

from mlops.artifact.missing import missing_words
from mlops.artifact.spelling import TRUTH_VALUES, WHITESPACE, join_thousands, strip, whole_day
from mlops.contract import Column, Contract
from mlops.errors.serving import BodyTooLarge, BodyUnreadable, InputRejected
from mlops.errors.violations import Violation
from mlops.serving.rows.budget import SMALL
from mlops.serving.rows.reader import Row, RowReader

_SPARE = 10_000  # commas of a row that its texts may hold, and empty lines
_LINES = 4  # a row, with those that its texts hold
_MAX_WRONG = 1_000  # texts in columns of numbers, after which no more is read

type CellReader = Callable[[str], Any]


def read_table(body: bytes, contract: Contract, reader: RowReader) -> Sequence[Row]:
    """The rows, checked. An empty cell is a missing value. Raises BodyUnreadable, BodyTooLarge or InputRejected."""
    lines = _read_lines(body, len(contract.columns), reader.max_rows)
    names = next(lines, None)
    if names is None:
        raise BodyUnreadable("it is empty; the first line has the column names", "CSV")
    names = [*map(strip, names)]
    reader.check_names(names)
    rows = _keep_shape(names, lines, reader)
    columns = {column.name: _make_reader(column) for column in contract.columns}
    readers = [columns[name] for name in names]
    if reader.is_numeric and len(body) >= SMALL:
        return _read_numbers(names, rows, reader, readers, is_plain=_is_plain(body))
    read = (_read_row(readers, cells) for cells in rows)
    if len(body) < SMALL:
        return reader.check([dict(zip(names, row, strict=True)) for row in read])
    return reader.check_cells(names, [*read])


def _read_numbers(
    names: Sequence[str], rows: Iterator[list[str]], reader: RowReader, readers: Sequence[CellReader], *, is_plain: bool
) -> Sequence[Row]:
    """Rows of numbers: those with other cells are read one by one."""
    numbers, others, wrong = array("d"), dict[int, list[Any]](), 0
    missing = array("d", [nan]) * len(names)
    for number, cells in enumerate(rows):
        if is_plain:
            try:
                numbers.extend(map(float, cells))
                continue
            except ValueError:
                del numbers[number * len(names) :]
        row = _read_row(readers, cells)
        wrong += sum(type(cell) is str for cell in row)
        others[number] = row
        numbers.extend(missing)
        if wrong > _MAX_WRONG:
            break
    if wrong:
        reader.refuse_cells(names, {number: row for number, row in others.items() if str in map(type, row)})
    matrix = np.frombuffer(numbers).reshape(-1, len(names))
    if not others:
        return reader.check_cells(names, matrix)
    read: list[Any] = matrix.tolist()
    for number, row in others.items():
        read[number] = row
    return reader.check_cells(names, read)


def _is_plain(body: bytes) -> bool:
    """Whether Python and CSV agree on what is a number in it: Python reads 1_000, and digits of other scripts."""
    return body.isascii() and body.find(b"_", body.find(b"\n")) < 0


def _keep_shape(names: Sequence[str], lines: Iterator[list[str]], reader: RowReader) -> Iterator[list[str]]:
    """The lines with a cell for each name, at most as many as a request may have."""
    for number, cells in enumerate(lines):
        if number == reader.max_rows:
            raise BodyTooLarge("rows", reader.max_rows)
        if len(cells) != len(names):
            message = f"the row has {len(cells)} cells for {len(names)} columns"
            raise InputRejected([Violation(rule="shape", row=number, message=message)])
        yield cells


def _read_lines(body: bytes, columns: int, max_rows: int) -> Iterator[list[str]]:
    """The lines that aren't empty, none of them with many more cells than there are columns."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BodyUnreadable(f"it isn't UTF-8 at byte {error.start}", "CSV") from None
    if len(body) < SMALL:
        source: Iterable[str] = StringIO(text, newline="")
    else:
        source = _read_text(body, columns + _SPARE, _LINES * max_rows + _SPARE)
    lines = csv.reader(source, strict=True)
    try:
        yield from filter(None, lines)
    except csv.Error as error:
        raise BodyUnreadable(f"line {lines.line_num}: {error}", "CSV") from None


def _read_text(body: bytes, most_commas: int, most_lines: int) -> Iterator[str]:
    """The lines of a large body, one after the other, as far as a row of them isn't far too long."""
    commas, is_quoted = 0, False
    for number, line in enumerate(TextIOWrapper(BytesIO(body), encoding="utf-8-sig", newline="")):
        commas += line.count(",")
        if commas > most_commas:
            message = f"a row has more than {most_commas:,} cells"
            raise InputRejected([Violation(rule="shape", message=message)])
        if number == most_lines:
            raise BodyTooLarge("lines", most_lines)
        is_quoted ^= line.count('"') % 2 == 1
        if not is_quoted:
            commas = 0
        yield line


def _make_reader(column: Column) -> CellReader:
    """Reads a column's cells that aren't empty. What isn't a value stays text, for the contract's check to name it."""
    if column.kind == "category":
        return str
    missing, read_value = missing_words(column), _VALUES.get(column.kind, str)

    def read(text: str) -> Any:
        text = text.strip(WHITESPACE)
        return None if not text or text.lower() in missing else read_value(text)

    return read


def _read_row(readers: Sequence[CellReader], cells: Sequence[str]) -> list[Any]:
    return [read(text) if text else None for read, text in zip(readers, cells, strict=True)]


def _read_number(text: str) -> Any:
    try:
        number = float(text)
    except ValueError:
        return join_thousands(text)
    # Python reads 1_000 and the digits of all scripts as numbers, and no other reader of CSV does. NaN is how some
    # writers say missing.
    return text if "_" in text or not text.isascii() else None if number != number else number


def _read_truth(text: str) -> Any:
    return TRUTH_VALUES.get(text.lower(), text)


_VALUES: dict[str, CellReader] = {
    "boolean": _read_truth,
    "number": _read_number,
    "integer": _read_number,
    "date": whole_day,
}
