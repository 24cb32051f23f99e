"""A CSV's bytes → a table of text cells; what isn't a whole CSV is refused with the place where it breaks."""

import csv
import io
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from mlops.errors import rejection

DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
MAX_LINE = 1 << 24
"""Bytes that a line may have."""


def read_csv(content: bytes) -> pa.Table:
    """The dataset as text, "" where a cell is empty; blank lines are left out.

    Raises DatasetRejected for an empty file, one that isn't UTF-8, a header alone, a header with a name twice or
    missing, a header that comes again, other delimiters than commas, a line with more or fewer cells than the header,
    and a last line that was cut off within quotes.

    Arrow reads it, much faster than Python does, but names no row, and is more lenient with quotes. So Python's strict
    reader checks what has quotes and what Arrow refuses.
    """
    if not content or content.isspace():
        raise rejection("empty", "the file is empty")
    header = _read_header(content)
    if _has_quotes_below_header(content):
        _check_lines(content)
    try:
        table = _parse(content, header)
    except pa.ArrowInvalid:
        _check_lines(content)
        raise rejection("shape", f"a line can't be read; is one longer than {MAX_LINE:,} bytes?") from None
    if not table.num_rows or _has_header_again(table, header):
        _check_lines(content)
    return table


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


def _read_header(content: bytes) -> list[str]:
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
                raise rejection("shape", f"{message}; was the file cut off?", row)
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
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return rejection("encoding", f"the file isn't UTF-8: byte {error.start} in line {line} can't be read")
    return rejection("encoding", "the file isn't UTF-8")


def _check_header(header: list[str]) -> None:
    other = max(DELIMITERS, key=header[0].count)
    if len(header) == 1 and header[0].count(other):
        raise rejection("delimiter", f"cells are separated by {DELIMITERS[other]}; separate them by commas")
    if any(not name.strip() for name in header):
        raise rejection("header", f"column {[not name.strip() for name in header].index(True) + 1} has no name")
    # Reported by position: where the header is missing, its names are the first row's values, which may be private.
    twice = [place for place, name in enumerate(header, 1) if header.count(name) > 1]
    if twice:
        raise rejection("header", f"columns {', '.join(map(str, twice))} of the header have the same name as another")
