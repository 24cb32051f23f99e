"""What changed between two versions, row by row: of their datasets, and of their answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from mlops.console.page import HOME, render, write_cell
from mlops.console.pages.request import Model, readers_of
from mlops.console.pages.spreadsheet import answer_csv
from mlops.console.readers.changes import PATIENCE, Changes
from mlops.console.readers.readers import Readers
from mlops.errors.operations import ComparisonUnavailable
from mlops.monitoring.report.texts import shorten
from mlops.pages.numbers import write_number
from mlops.registry.manifest.manifest import Manifest

router = APIRouter()
MOST_COLUMNS, MOST_CELLS = 60, 6
EVERY = 2
"""Seconds after which a page looks whether a comparison is there."""
_NAME, _CELL = 60, 40
_PATH = f"{HOME}/models/{{model}}/compare/rows"
_Pair = Annotated[list[int] | None, Query(max_length=50)]


@dataclass(frozen=True)
class ChangesView:
    """What a page has of the changes between two versions: them, or when they were asked for, or neither.

    `failure` says why they can't be asked for; `overdue` that they were, so long ago that they won't come.
    """

    first: int
    second: int
    found: Changes | None = None
    asked: datetime | None = None
    overdue: bool = False
    failure: str | None = None

    @property
    def unknown(self) -> bool:
        """Whether nobody has asked for them."""
        return not (self.found or self.asked or self.overdue or self.failure)

    @property
    def rows(self) -> Sequence[tuple[str, Sequence["RowView"]]]:
        """Examples of rows by what became of them, of those kinds that there are."""
        datasets = (self.found and self.found["datasets"]) or {}
        kinds = {kind: datasets.get(f"{kind}_rows", ()) for kind in ("changed", "added", "removed")}
        return [(kind, [_view(row) for row in rows]) for kind, rows in kinds.items() if rows]

    @property
    def shifts(self) -> Sequence["ShiftView"]:
        """The columns whose values shifted most."""
        datasets = self.found["datasets"] if self.found else None
        return [_view_shift(each) for each in datasets["shifts"][:MOST_COLUMNS]] if datasets else ()


@dataclass(frozen=True)
class RowView:
    """A row: where it is in the files, and its cells in words; `more` cells aren't shown."""

    places: str
    cells: Sequence[tuple[str, str]]
    more: int


@dataclass(frozen=True)
class ShiftView:
    """A column of two datasets; a private one has no values."""

    name: str
    shifted: bool
    distance: float
    p_value: float
    missing: tuple[float, float]
    before: str | None
    after: str | None


def view_changes(readers: Readers, model: str, first: Any, second: Any) -> ChangesView | None:
    """The changes from a version to a later one as they're known by now; None for versions that aren't of tables."""
    if not (isinstance(first, Manifest) and isinstance(second, Manifest)):
        return None
    return ChangesView(first.version, second.version, readers.changes.find(model, first.version, second.version))


@router.get(_PATH)
def show_changes(request: Request, model: Model, v: _Pair = None, since: int | None = None) -> Response:
    """The page: what isn't known yet is asked for. It's also a part of the page that compares the two.

    A page that waits says `since` when, in epoch seconds: none asks again by itself.
    """
    readers = readers_of(request)
    pair = _find_pair(readers, model, v)
    return render(
        request,
        "changes.html.jinja",
        model=model,
        changes=_look(readers, model, *pair, since) if pair else None,
        every=EVERY,
    )


@router.get(f"{_PATH}.csv")
def download_changes(request: Request, model: Model, v: _Pair = None) -> Response:
    """Every column of both datasets, and how its values differ."""
    readers = readers_of(request)
    pair = _find_pair(readers, model, v)
    found = readers.changes.find(model, *pair) if pair else None
    header = ("column", "shifted", "distance", "p_value", "missing_before", "missing_after", "before", "after")
    return answer_csv(f"{model}-changed-rows", header, _lines(found) if found and found["datasets"] else ())


def _find_pair(readers: Readers, model: str, wanted: list[int] | None) -> tuple[int, int] | None:
    """The two versions that were named, in their order; None if they aren't two of tables."""
    numbers = sorted({*(wanted or ())})[:2]
    manifests = [readers.registry.manifest(model, number) for number in numbers]
    tables = [each.version for each in manifests if isinstance(each, Manifest)]
    return (tables[0], tables[1]) if len(tables) == 2 else None


def _look(readers: Readers, model: str, first: int, second: int, since: int | None) -> ChangesView:
    found = readers.changes.find(model, first, second)
    if found is not None:
        return ChangesView(first, second, found)
    if since is not None and readers.now().timestamp() - since > PATIENCE.total_seconds():
        return ChangesView(first, second, overdue=True)
    try:
        asked = readers.changes.ask(model, first, second)
    except ComparisonUnavailable as error:
        return ChangesView(first, second, failure=str(error))
    return ChangesView(first, second, asked=asked)


def _view(row: Mapping[str, Any]) -> RowView:
    places = [f"{place:,}" for place in row.get("rows", [row.get("row")])]
    cells = [(shorten(name, _NAME), _write_cells(cell)) for name, cell in list(row["cells"].items())[:MOST_CELLS]]
    return RowView(" → ".join(dict.fromkeys(places)), cells, len(row["cells"]) - len(cells) + row["more_cells"])


def _write_cells(cell: Any) -> str:
    """A cell, or what it was and what it is."""
    values = cell if isinstance(cell, list) else [cell]
    return " → ".join(shorten(write_cell(value), _CELL) for value in values)


def _view_shift(shift: Mapping[str, Any]) -> ShiftView:
    return ShiftView(
        name=shorten(shift["column"], _NAME),
        shifted=shift["shifted"],
        distance=shift["distance"],
        p_value=shift["p_value"],
        missing=(shift["missing_before"], shift["missing_after"]),
        before=_summarise(shift["before"]),
        after=_summarise(shift["after"]),
    )


def _summarise(summary: Mapping[str, Any] | None) -> str | None:
    """The median with the quartiles, or the most common values with their shares."""
    if summary is None:
        return None
    if "shares" in summary:
        return ", ".join(f"{shorten(name, _CELL)} {share:.0%}" for name, share in summary["shares"])
    low, median, high = map(write_number, summary["quartiles"])
    return f"{median} ({low} to {high})"


def _lines(found: Changes) -> Iterator[tuple[Any, ...]]:
    for shift in found["datasets"]["shifts"]:
        fields = ("column", "shifted", "distance", "p_value", "missing_before", "missing_after")
        yield *(shift[name] for name in fields), *(_summarise(shift[name]) for name in ("before", "after"))
