"""Tables for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from starlette.responses import Response

# A spreadsheet takes a text that begins with one of them for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def answer_csv(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A file named `name`.csv; what is None is empty, and no text can become a formula."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(file.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
