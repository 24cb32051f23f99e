"""The datasets of two versions next to each other: rows, columns, and how the values of each column changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from markupsafe import Markup
from starlette.responses import Response

from mlops.console.page import HOME, render
from mlops.console.pages.distributions import describe_range
from mlops.console.pages.request import Model, readers_of
from mlops.console.pages.spreadsheet import answer_csv
from mlops.console.readers.differences import ColumnDifference, DatasetDifference, count_shared_rows
from mlops.console.readers.readers import Readers
from mlops.contract import Column
from mlops.monitoring.drift.between import counts_over
from mlops.monitoring.drift.describe import describe_change
from mlops.monitoring.report.charts.histogram import draw_histogram
from mlops.monitoring.report.charts.shares import Share, draw_shares
from mlops.monitoring.report.columns import reference_names, value_writer
from mlops.monitoring.report.texts import shorten
from mlops.registry.manifest.manifest import Manifest

router = APIRouter()
MOST_PICTURES, MOST_LISTED, MOST_SENTENCES = 12, 60, 3
_NAME = 80


@dataclass(frozen=True)
class ColumnView:
    """A column that changed: in sentences, and as a picture where both datasets are known."""

    name: str
    unit: str | None
    sentences: tuple[str, ...]
    picture: Markup | None


_Pair = Annotated[list[int] | None, Query(max_length=50)]


@router.get(f"{HOME}/models/{{model}}/data/difference")
def show_difference(request: Request, model: Model, v: _Pair = None) -> Response:
    """The page; without two versions, the newest and the newest that learned from another dataset."""
    readers = readers_of(request)
    pair = _find_pair(readers, model, v)
    if pair is None:
        return render(request, "difference.html.jinja", model=model, first=None, second=None)
    first, second = pair
    found = readers.reports.difference(model, first, second)
    changed = found.changed
    alike = [each for each in found.columns if each not in changed]
    return render(
        request,
        "difference.html.jinja",
        model=model,
        first=first,
        second=second,
        found=found,
        changed=len(changed),
        pictured=[_view(each, f"version {second.version}") for each in changed[:MOST_PICTURES]],
        listed=[_view(each, None) for each in changed[MOST_PICTURES:][:MOST_LISTED]],
        alike=[each.after.name for each in alike[:MOST_LISTED]],
        more_alike=max(0, len(alike) - MOST_LISTED),
        shared=count_shared_rows(readers.registry.versions(model), first, second),
    )


@router.get(f"{HOME}/models/{{model}}/data/difference.csv")
def download_difference(request: Request, model: Model, v: _Pair = None) -> Response:
    """Every effect that was measured, whether it matters or not."""
    readers = readers_of(request)
    pair = _find_pair(readers, model, v)
    header = ("column", "what", "name", "effect", "low", "high", "tolerance", "matters", "before", "after")
    return answer_csv(f"{model}-difference", header, _rows(readers.reports.difference(model, *pair)) if pair else ())


def _rows(found: DatasetDifference) -> Iterator[tuple[Any, ...]]:
    for column in found.columns:
        for each in column.changes:
            effect = each.effect, each.low, each.high, each.tolerance, each.matters
            yield column.after.name, each.kind, _public(column.after, each.name), *effect, each.before, each.now


def _public(column: Column, name: str | None) -> str | None:
    """The name of a category; a hash has no meaning to people."""
    return name if column.privacy == "keep" else None


def _find_pair(readers: Readers, model: str, wanted: list[int] | None) -> tuple[Manifest, Manifest] | None:
    """The versions in the order of their numbers; None if there aren't two tables to compare."""
    known = {each.number: each.dataset_sha256 for each in readers.registry.summaries(model) if each.dataset}
    chosen = [*dict.fromkeys(wanted or known)][: 2 if wanted else 1]
    if len(chosen) == 1:
        chosen += [number for number, digest in known.items() if digest != known.get(chosen[0])][:1]
    tables = [
        each for number in sorted(chosen) if isinstance(each := readers.registry.manifest(model, number), Manifest)
    ]
    return (tables[0], tables[1]) if len(tables) == 2 else None


def _view(column: ColumnDifference, drawn_as: str | None) -> ColumnView:
    """With a picture if the later version has a name in it."""
    after = column.after
    sentences = [f"{name}: {_declare(column.before, name)}, then {_declare(after, name)}" for name in column.declared]
    if after.privacy == "keep":
        sentences += [describe_change(each, after) for each in column.mattering[:MOST_SENTENCES]]
    elif column.mattering:
        sentences.append("the shares of its values changed")
    picture = _draw(column, drawn_as) if drawn_as else None
    return ColumnView(shorten(after.name, _NAME), after.unit, tuple(map(shorten, sentences)), picture)


def _declare(column: Column, name: str) -> str:
    """A field of a contract's column for people."""
    if name in ("minimum", "maximum", "categories"):
        return describe_range(column)
    value = getattr(column, name)
    return {True: "yes", False: "no", None: "none"}.get(value, str(value))


def _draw(column: ColumnDifference, drawn_as: str) -> Markup | None:
    if column.references is None:
        return None
    before, after = column.references
    title = f"{shorten(column.after.name, _NAME)} in both datasets"
    if before.form != "shares":
        return draw_histogram(
            title, before.cells["values"], counts_over(before, after).tolist(), value_writer(column.after), drawn_as
        )
    later = dict(zip(reference_names(column.after, after), after.counts, strict=False))
    names = reference_names(column.before, before)
    if column.after.privacy != "keep":
        return None
    shares = [
        Share(name, count / max(1, before.rows), later.pop(name, 0) / max(1, after.rows))
        for name, count in zip(names, before.counts, strict=False)
    ]
    others = Share("other values", before.counts[-1] / max(1, before.rows), 0.0)
    rest = (sum(later.values()) + after.counts[-1]) / max(1, after.rows)
    if others.trained or rest:
        shares.append(Share(others.name, others.trained, rest))
    return draw_shares(title, shares, ("before", "then"))
