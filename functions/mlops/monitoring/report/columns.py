"""The columns of a window against the version's training rows: pictures of those that drifted first, a table of all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from mlops.artifact.inputs import date_from_days
from mlops.contract import Column
from mlops.monitoring.drift import Reference
from mlops.monitoring.facts import ColumnFacts, WindowFacts
from mlops.monitoring.report.charts.histogram import draw_histogram
from mlops.monitoring.report.charts.shares import Share, draw_shares
from mlops.monitoring.report.charts.trend import Trend, draw_trend
from mlops.monitoring.report.distribution import quantile
from mlops.monitoring.report.inputs import Background, Report
from mlops.monitoring.report.texts import shorten, write_day

_NAME = 80
_QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class ColumnView:
    """One column: its facts, its texts cut to fit, and its pictures, which may be missing."""

    facts: ColumnFacts
    name: str
    unit: str | None
    sentence: str | None
    is_answer: bool
    histogram: Markup | None = None
    trend: Markup | None = None


@dataclass(frozen=True)
class ColumnsView:
    """`pictured` are shown with pictures, `listed` in a table, `left_out` more are in report.json only."""

    count: int
    drifted: tuple[ColumnView, ...]
    pictured: tuple[ColumnView, ...]
    listed: tuple[ColumnView, ...]
    left_out: int


def view_columns(report: Report, most_pictures: int, most_rows: int) -> ColumnsView | None:
    """The columns of the report's version; None if none was looked at.

    At most so many have pictures, and so many others are in the table.
    """
    if report.subject is None or not report.subject.columns:
        return None
    ordered = sorted(report.subject.columns, key=lambda each: (not each.drifted, each.p_value, each.column))
    background = report.background
    pictured = tuple(_view(facts, report, background, with_pictures=True) for facts in ordered[:most_pictures])
    rest = ordered[most_pictures:]
    listed = tuple(_view(facts, report, background, with_pictures=False) for facts in rest[:most_rows])
    drifted = tuple(each for each in (*pictured, *listed) if each.facts.drifted)
    return ColumnsView(len(ordered), drifted, pictured, listed, max(0, len(rest) - most_rows))


def _view(facts: ColumnFacts, report: Report, background: Background | None, *, with_pictures: bool) -> ColumnView:
    column = background.column(facts.column) if background else Column(name=facts.column)
    is_answer = background is not None and facts.column not in background.contract.names
    sentence = shorten(facts.sentence.removeprefix(f"{facts.column}: ")) if facts.sentence else None
    view = ColumnView(facts, shorten(facts.column, _NAME), column.unit, sentence, is_answer)
    reference = background.references.get(facts.column) if background else None
    if not with_pictures or reference is None or len(facts.shares) != _cell_count(reference):
        return view
    if reference.form == "shares":
        return _with_shares(view, column, reference, report)
    return _with_values(view, column, reference, report)


def _cell_count(reference: Reference) -> int:
    return len(reference.cells["shares" if reference.form == "shares" else "values"].gaps)


def _with_values(view: ColumnView, column: Column, reference: Reference, report: Report) -> ColumnView:
    cells, write = reference.cells["values"], value_writer(column)
    if not len(cells.edges):
        return view
    histogram = draw_histogram(f"Values of {view.name}", cells, view.facts.shares, write)
    trained = [share / cells.gaps.sum() for share in cells.gaps.tolist()]

    def quartiles(shares: Sequence[float]) -> tuple[float, float, float]:
        low, middle, high = (quantile(cells, shares, level) for level in _QUARTILES)
        return low, middle, high

    trend = _trend(view, report, quartiles, quartiles(trained), write, "median")
    return replace(view, histogram=histogram, trend=trend)


def _with_shares(view: ColumnView, column: Column, reference: Reference, report: Report) -> ColumnView:
    names = [*reference_names(column, reference), "other values"]
    total = max(1, sum(reference.counts))
    found = [
        Share(name, trained / total, now)
        for name, trained, now in zip(names, reference.counts, view.facts.shares, strict=True)
    ]
    shown = found if found[-1].trained or found[-1].now else found[:-1]
    picture = draw_shares(f"Shares of {view.name}", shown)
    changed = max(range(len(found)), key=lambda place: abs(found[place].now - found[place].trained))

    def share(shares: Sequence[float]) -> tuple[float, float, float]:
        return shares[changed], shares[changed], shares[changed]

    name, before = shorten(names[changed], 30), found[changed].trained
    trend = _trend(view, report, share, (before, before, before), "{:.1%}".format, f"share of {name}", 0.15)
    return replace(view, histogram=picture, trend=trend)


def reference_names(column: Column, reference: Reference) -> list[str]:
    """The categories of a reference; hashes have no meaning to people, so hashed ones are numbered."""
    if column.privacy == "hash":
        return ["missing" if name is None else f"hash no. {place}" for place, name in enumerate(reference.names, 1)]
    return ["missing" if name is None else name for name in reference.names]


def _trend(
    view: ColumnView,
    report: Report,
    measure: Callable[[Sequence[float]], tuple[float, float, float]],
    trained: tuple[float, float, float],
    write: Callable[[float], str],
    what: str,
    reach: float = 0.0,
) -> Markup | None:
    """The column over the windows in which the version served; None if that's one window only."""
    subject = report.subject
    assert subject is not None
    windows = report.windows
    shares = [_shares(each, subject.version, view.facts) for each in windows]
    first = next((place for place, found in enumerate(shares) if found), len(shares))
    windows, shares = windows[first:], shares[first:]
    if len(windows) < 2:
        return None
    values = [measure(found) if found and sum(found) else None for found in shares]
    since = view.facts.since.isoformat() if view.facts.since else None
    place = next((at - 0.5 for at, each in enumerate(windows) if since and each.window[:10] >= since), None)
    now = values[-1]
    description = f"Over time: the {what}. At training {write(trained[1])}" + (
        f", now {write(now[1])}." if now else "."
    )
    return draw_trend(
        Trend(
            title=f"{view.name} over time",
            what=what,
            description=description,
            first=write_day(windows[0].window),
            last=write_day(windows[-1].window),
            values=values,
            trained=trained,
            write=write,
            since=place,
            reach=reach,
        )
    )


def _shares(window: WindowFacts, version: int, like: ColumnFacts) -> tuple[float, ...] | None:
    """The column's shares in a window, None if the version or the column isn't in it."""
    columns = next((each.columns for each in window.versions if each.version == version), ())
    found = next((each.shares for each in columns if each.column == like.column), ())
    return found if len(found) == len(like.shares) else None


def value_writer(column: Column) -> Callable[[float], str]:
    """What writes a value of a column with its unit, a date as one."""
    if column.kind in ("date", "datetime"):
        return lambda value: date_from_days(round(value)).isoformat()
    unit = f" {shorten(column.unit, 12)}" if column.unit else ""
    return lambda value: f"{value:.4g}{unit}"
