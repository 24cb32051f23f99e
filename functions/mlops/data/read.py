"""A CSV's bytes → a table of text cells; what isn't a whole CSV is refused with the place where it breaks."""

import csv
import io

import pandas as pd

from mlops.errors import DatasetRejected, Violation

MAX_BYTES = 1_000_000_000
DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def read_csv(content: bytes) -> pd.DataFrame:
    """The dataset as text, [rows, columns], "" where a cell is empty. Types come with the contract, in check.py.

    Raises DatasetRejected for an empty file, one that isn't UTF-8, a header alone, a header with a name twice or
    missing, a header that comes again, other delimiters than commas, a line with more or fewer cells than the header,
    and a last line that was cut off within quotes.
    """
    if len(content) > MAX_BYTES:
        raise _rejected("size", f"the file has {len(content):,} bytes; {MAX_BYTES:,} is the most that is read")
    if not content.strip():
        raise _rejected("empty", "the file is empty")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _rejected("encoding", f"the file isn't UTF-8: byte {error.start} in line {line} can't be read") from None
    _check_shape(text)
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, na_filter=False, skip_blank_lines=True)


def _check_shape(text: str) -> None:
    """Every line has as many cells as the header; pandas would fill up or shift the others."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    row = -1
    try:
        header = next(lines)
        _check_header(header)
        for cells in lines:
            if not cells:
                continue
            row += 1
            if cells == header:
                raise _rejected("header", f"row {row} (line {lines.line_num}) is the header once more", row)
            if len(cells) != len(header):
                message = f"row {row} (line {lines.line_num}) has {len(cells)} cells where the header has {len(header)}"
                raise _rejected("shape", f"{message}; was the file cut off?", row)
    except csv.Error as error:
        raise _rejected(
            "shape", f"line {lines.line_num} can't be read: {error}; was the file cut off?", row + 1
        ) from None
    if row < 0:
        raise _rejected("empty", "the file has a header and no rows")


def _check_header(header: list[str]) -> None:
    other = max(DELIMITERS, key=header[0].count) if header else ""
    if len(header) == 1 and header[0].count(other):
        raise _rejected("delimiter", f"cells are separated by {DELIMITERS[other]}; separate them by commas")
    if any(not name.strip() for name in header):
        raise _rejected("header", f"column {[not name.strip() for name in header].index(True) + 1} has no name")
    # Told by place: where the header is missing, its names are the first row's values, which may be private.
    twice = [place for place, name in enumerate(header, 1) if header.count(name) > 1]
    if twice:
        raise _rejected("header", f"columns {', '.join(map(str, twice))} of the header have the same name as another")


def _rejected(rule: str, message: str, row: int | None = None) -> DatasetRejected:
    return DatasetRejected(message, [Violation(rule=rule, message=message, row=row)])
