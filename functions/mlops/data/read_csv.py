"""A CSV's bytes → a table of text cells; what isn't a whole CSV is refused with the place where it breaks."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from mlops.artifact.spelling import strip
from mlops.errors.data import rejection

DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_INDEX = " (pandas writes its index so, unless index=False)"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_TOO_MANY = "is a cell with a comma in it not quoted, or the first line no header?"
_LISTED = 10
MAX_LINE = 1 << 24
"""Bytes that a line may have."""


def read_csv(content: bytes) -> pa.Table:
    """The dataset as text, "" where a cell is empty; blank lines, and blanks around names, are left out.

    Raises DatasetRejected for an empty file, one that isn't UTF-8, a header alone, a header with a name twice or
    missing, a header that comes again, other delimiters than commas, a line with more or fewer cells than the header,
    and a last line that was cut off within quotes.

    Arrow reads it, much faster than Python does, but names no row, and is more lenient with quotes. So Python's strict
    reader checks what has quotes and what Arrow refuses.
    """
    if not content or content.isspace():
        raise rejection("empty", "the file is empty")
    if content.startswith(_UTF_16) or b"\0" in content:
        raise _encoding(content)
    header = read_header(content)
    if _has_quotes_below_header(content):
        _check_lines(content)
    try:
        table = _parse(content, header)
    except pa.ArrowInvalid:
        _check_lines(content)
        raise rejection("shape", f"a line can't be read; is one longer than {MAX_LINE:,} bytes?") from None
    if not table.num_rows or _has_header_again(table, header):
        _check_lines(content)
    return table.rename_columns([strip(name) for name in header])


def _parse(content: bytes, header: list[str]) -> pa.Table:
    texts = arrow_csv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False)
    table = arrow_csv.read_csv(
        pa.py_buffer(content),
        read_options=arrow_csv.ReadOptions(block_size=MAX_LINE),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=texts,
    )
    if table.column_names != header:
        raise pa.ArrowInvalid("the header is read otherwise")
    return table


def _has_quotes_below_header(content: bytes) -> bool:
    end = content.find(b"\n") + 1
    if b"\r" in content[:end].rstrip(b"\r\n"):
        end = 0
    return content.find(b'"', end) >= 0


def _has_header_again(table: pa.Table, header: list[str]) -> bool:
    found = table
    for name in header:
        found = found.filter(pc.equal(found[name], name))
        if not found.num_rows:
            return False
    return True


def _open_lines(content: bytes) -> Any:
    return csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline=""), strict=True)


def read_header(content: bytes) -> list[str]:
    """The names in the first line that isn't blank. Raises DatasetRejected if they can't be those of columns."""
    lines = _open_lines(content)
    try:
        header: list[str] = next(lines)
        while not header:
            header = next(lines)
    except StopIteration:  # a byte order mark, or a part of one, and nothing more
        raise rejection("empty", "the file has no header and no rows") from None
    except (csv.Error, UnicodeDecodeError):
        _check_lines(content)
        raise rejection("shape", "the header can't be read") from None
    _check_header(header)
    return header


@contextmanager
def _long_cells() -> Iterator[None]:
    """Python's reader takes cells as long as Arrow's lines may be; its limit is one of the whole process."""
    before = csv.field_size_limit(MAX_LINE)
    try:
        yield
    finally:
        csv.field_size_limit(before)


@_long_cells()
def _check_lines(content: bytes) -> None:
    """Every line has as many cells as the header, and none is the header again. Raises DatasetRejected otherwise."""
    lines = _open_lines(content)
    header: list[str] = []
    row = -1
    try:
        for cells in lines:
            if not cells:
                continue
            if not header:
                header = cells
                continue
            row += 1
            if cells == header:
                raise rejection("header", f"row {row} (line {lines.line_num}) is the header once more", row)
            if len(cells) != len(header):
                message = f"row {row} (line {lines.line_num}) has {len(cells)} cells where the header has {len(header)}"
                cause = _TOO_MANY if len(cells) > len(header) else "was the file cut off?"
                raise rejection("shape", f"{message}; {cause}", row)
    except UnicodeDecodeError:
        raise _encoding(content) from None
    except csv.Error as error:
        raise rejection(
            "shape", f"line {lines.line_num} can't be read: {error}; was the file cut off?", row + 1
        ) from None
    if row < 0:
        raise rejection("empty", "the file has a header and no rows")


def _encoding(content: bytes) -> Exception:
    """The error that names the first byte that isn't UTF-8."""
    if content.startswith(_UTF_16):
        return rejection("encoding", "the file is UTF-16; save it as UTF-8")
    if (place := content.find(b"\0")) >= 0:
        line = content.count(b"\n", 0, place) + 1
        return rejection(
            "encoding", f"byte {place} in line {line} is NUL, which no text has; is the file UTF-16? save it as UTF-8"
        )
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return rejection(
            "encoding", f"the file isn't UTF-8: byte {error.start} in line {line} can't be read; save it as UTF-8"
        )
    return rejection("encoding", "the file isn't UTF-8; save it as UTF-8")


def _check_header(header: list[str]) -> None:
    if header[0].lower().startswith("sep=") and len(header) <= 2:
        raise rejection("header", f"the first line, {header[0]!r}, is for Excel; remove it: the header comes first")
    other = max(DELIMITERS, key=header[0].count)
    if len(header) == 1 and header[0].count(other):
        raise rejection("delimiter", f"cells are separated by {DELIMITERS[other]}; separate them by commas")
    if any(not strip(name) for name in header):
        place = [not strip(name) for name in header].index(True) + 1
        raise rejection("header", f"column {place} has no name; give it one, or leave it out{_INDEX * (place == 1)}")
    # Reported by position: where the header is missing, its names are the first row's values, which may be private.
    names = [strip(name) for name in header]
    counts = Counter(names)
    twice = [place for place, name in enumerate(names, 1) if counts[name] > 1]
    if twice:
        more = f" and {len(twice) - _LISTED} more" if len(twice) > _LISTED else ""
        listed = ", ".join(map(str, twice[:_LISTED])) + more
        raise rejection("header", f"columns {listed} of the header have the same name as another; rename them")
