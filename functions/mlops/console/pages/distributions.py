"""The columns that a version takes, each with how its training rows are distributed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from mlops.console.charts.distribution import bins_with_shares, draw_names, draw_values
from mlops.contract import Column
from mlops.monitoring.drift import Reference
from mlops.monitoring.report.columns import reference_names, value_writer
from mlops.monitoring.report.inputs import Background
from mlops.monitoring.report.texts import shorten
from mlops.pages.numbers import write_number

MOST_CATEGORIES = 12
_NAME = 80


@dataclass(frozen=True)
class ColumnView:
    """A column of a contract; `missing` is the share of the training rows without it, None where nothing is known."""

    column: Column
    range: str
    missing: float | None
    picture: Markup | None


def view_columns(columns: Sequence[Column], background: Background | None) -> list[ColumnView]:
    """The columns in their order, with pictures of those that the version has references of."""
    references = background.references if background else {}
    return [_view(column, references.get(column.name)) for column in columns]


def _view(column: Column, reference: Reference | None) -> ColumnView:
    if reference is None or not reference.rows:
        return ColumnView(column, describe_range(column), None, None)
    title = f"Training rows' {shorten(column.name, _NAME)}"
    if reference.form == "shares":
        picture = draw_names(title, name_shares(column, reference))
    else:
        picture = draw_values(title, reference.cells["values"], value_writer(column))
    return ColumnView(column, describe_range(column), reference.missing / reference.rows, picture)


def name_shares(column: Column, reference: Reference) -> list[tuple[str, float]]:
    """The names of a reference with their shares of its rows, then all others', if there are any."""
    named = zip([*reference_names(column, reference), "other values"], reference.counts, strict=True)
    found = [(name, count / reference.rows) for name, count in named]
    return found if found[-1][1] or len(found) == 1 else found[:-1]


def distribution_rows(columns: Sequence[Column], background: Background | None) -> Iterator[tuple[Any, ...]]:
    """The figures of the pictures: column, what is counted, where a bin begins and ends, and the share of the rows.

    The shares of bins are of the known values.
    """
    for column in columns:
        reference = background.references.get(column.name) if background else None
        if reference is None or not reference.rows:
            continue
        if reference.form == "shares":
            for name, share in name_shares(column, reference):
                yield column.name, name, None, None, share
            continue
        for start, end, share in bins_with_shares(reference.cells["values"]):
            yield column.name, "values", start, end, share
        yield column.name, "missing", None, None, reference.missing / reference.rows


def describe_range(column: Column) -> str:
    """The values that a column may have; those of private ones aren't shown."""
    if column.privacy != "keep":
        return "private"
    if column.categories:
        more = len(column.categories) - MOST_CATEGORIES
        return ", ".join(column.categories[:MOST_CATEGORIES]) + (f" and {more} more" if more > 0 else "")
    low, high = (None if end is None else write_number(end) for end in (column.minimum, column.maximum))
    if low is None or high is None:
        return f"from {low}" if low else f"up to {high}" if high else "any"
    return f"{low} to {high}"
