"""A file → the rows of a prediction request: JSON, or a table in any format of a dataset, read as a dataset is."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from cli.errors import CommandError
from mlops.contract import Kind
from mlops.data.json_cells import json_cells
from mlops.data.read import FORMATS, find_ending, read_dataset
from mlops.data.text import can_be

type Row = dict[str, Any]

STANDARD_INPUT = Path("-")
BYTE_ORDER_MARK = "\ufeff"


def is_table(file: Path) -> bool:
    """Whether a file is a table in a format of datasets. Raises CommandError if it isn't JSON either."""
    if find_ending(file.name):
        return True
    if file == STANDARD_INPUT or file.suffix == ".json":
        return False
    raise CommandError(
        f"{file.name} doesn't end in {', '.join([*FORMATS, '.json'])}, the formats that can be read. "
        "Save it in one of them, with its ending."
    )


def read_table(file: Path, columns: Mapping[str, Kind], limit: int) -> list[Row]:
    """The first `limit` rows of a table in the model's columns. Cells of another kind stay text, for the API to report.

    Raises DatasetRejected for a damaged file, and CommandError for one that is missing or has columns of other types.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} can't be read: {error.strerror}. Is it the right path?") from error
    table = read_dataset(content, file.name).slice(0, limit)
    names = [name for name in table.column_names if name in columns]
    values = [_read(table[name], name, columns[name]) for name in names]
    if not names:
        raise CommandError(f"{file} has none of the model's columns, which are: {', '.join(columns)}.")
    return [dict(zip(names, cells, strict=True)) for cells in zip(*values, strict=True)]


def read_json(text: str, source: str) -> list[Row]:
    """Rows from JSON: one object, a list of objects, or `{"rows": […]}`. Raises CommandError for anything else."""
    try:
        document = json.loads(text.removeprefix(BYTE_ORDER_MARK))
    except json.JSONDecodeError as error:
        raise CommandError(f"{source} isn't JSON: {error}.") from error
    rows = document.get("rows", [document]) if isinstance(document, dict) else document
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CommandError(f'{source} contains no rows: write one object, a list of objects, or {{"rows": [...]}}.')
    return rows


def read_text(file: Path) -> str:
    """The text of a JSON file or of standard input. Raises CommandError if it can't be read."""
    if file == STANDARD_INPUT:
        return sys.stdin.read()
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} isn't UTF-8: {error.reason}. Save it in UTF-8.") from error
    except OSError as error:
        raise CommandError(f"{file} can't be read: {error.strerror}. Is it the right path?") from error


def _read(cells: pa.ChunkedArray, name: str, kind: Kind) -> list[Any]:
    if not can_be(cells, kind):
        raise CommandError(f"{name} is a column of {cells.type}, but the model takes {kind} values there. Convert it.")
    return json_cells(cells, kind)
