"""Performance over time: realised, estimated, and the limit beyond which it's a loss."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from mlops.monitoring.facts import Figure, LossFacts, VersionFacts, WindowFacts
from mlops.monitoring.report.charts.timeline import Mark, Series, Span, Timeline, draw_timeline
from mlops.monitoring.report.inputs import Report, main_version, window_length, window_start
from mlops.monitoring.report.texts import metric_sign, metric_title, write_day, write_figure

MOST_METRICS = 8
_WIDE, _NARROW = (880.0, 270.0), (340.0, 230.0)


@dataclass(frozen=True)
class MetricView:
    """A metric: at training, its last realised figure and that window, and the estimate of the report's window."""

    name: str
    title: str
    trained: float | None
    realised: Figure | None
    realised_in: str | None
    estimated: Figure | None
    change: Figure | None
    chart: Markup


@dataclass(frozen=True)
class PerformanceView:
    """`main` is the metric that the version is watched by, drawn large; `rows` are all windows' figures of it."""

    main: MetricView
    narrow: Markup
    others: tuple[MetricView, ...]
    rows: tuple[tuple[str, int, str, str], ...]
    has_moves: bool
    has_incidents: bool


def view_performance(report: Report) -> PerformanceView | None:
    """Performance of whichever version served; None if no metric was ever measured or estimated."""
    names = _metric_names(report)
    if not names:
        return None
    main, *others = names[:MOST_METRICS]
    chart = _chart(report, main)
    rows = tuple(
        (write_day(window.window), version.version, write_figure(realised), write_figure(estimated))
        for window, version in _served(report)
        for realised, estimated in [(realised_figure(version, main), version.estimated.get(main))]
        if realised or estimated
    )
    return PerformanceView(
        main=_view(report, main, draw_timeline(chart.sized(*_WIDE, "only-wide", spoken=True))),
        narrow=draw_timeline(chart.sized(*_NARROW, "only-narrow")),
        others=tuple(_view(report, name, draw_timeline(_chart(report, name))) for name in others),
        rows=rows[::-1],
        has_moves=bool(chart.marks),
        has_incidents=bool(chart.spans),
    )


def main_metric(report: Report) -> str | None:
    """The metric that the report's version is watched by, else any that is known of it."""
    return next(iter(_metric_names(report)), None)


def realised_figure(version: VersionFacts, metric: str) -> Figure | None:
    """A metric of all rows with truth."""
    return version.realised.overall.metrics.get(metric) if version.realised else None


def last_realised(report: Report, metric: str, number: int) -> tuple[str, VersionFacts, Figure] | None:
    """The latest window in which a version's metric is known by truth: the window, its facts and the figure."""
    for window in reversed(report.windows):
        version = next((each for each in window.versions if each.version == number), None)
        figure = realised_figure(version, metric) if version else None
        if version and figure:
            return window.window, version, figure
    return None


def find_loss(version: VersionFacts | None, metric: str) -> LossFacts | None:
    """The loss test of a metric, the realised one first."""
    found = [each for each in version.losses if each.metric == metric] if version else []
    return min(found, key=lambda each: each.basis != "realised", default=None)


def limit_of(loss: LossFacts) -> float | None:
    """The worst value of the metric that the margin allows."""
    sign = metric_sign(loss.metric)
    return None if sign is None else loss.trained - sign * loss.margin


def _served(report: Report) -> Iterator[tuple[WindowFacts, VersionFacts]]:
    for window in report.windows:
        version = main_version(window)
        if version:
            yield window, version


def _metric_names(report: Report) -> list[str]:
    """The watched metrics first, then the others in the order of the facts."""
    names: dict[str, None] = {}
    served = [version for _, version in _served(report)]
    for version in reversed(served):
        names |= dict.fromkeys(loss.metric for loss in version.losses)
    for version in reversed(served):
        names |= dict.fromkeys(version.realised.overall.metrics if version.realised else ())
        names |= dict.fromkeys(version.estimated)
    shown = {name for version in served for name in (*_realised_names(version), *version.estimated)}
    return [name for name in names if name in shown]


def _realised_names(version: VersionFacts) -> Sequence[str]:
    return [*version.realised.overall.metrics] if version.realised else []


def _view(report: Report, name: str, chart: Markup) -> MetricView:
    loss = find_loss(report.subject, name)
    found = last_realised(report, name, report.subject.version) if report.subject else None
    change = found[1].realised.overall.changes.get(name) if found and found[1].realised else None
    trained = loss.trained if loss else None
    sign = metric_sign(name)
    if trained is None and found and change and sign:
        trained = found[2].value - sign * change.value
    return MetricView(
        name=name,
        title=metric_title(name),
        trained=trained,
        realised=found[2] if found else None,
        realised_in=write_day(found[0]) if found else None,
        estimated=report.subject.estimated.get(name) if report.subject else None,
        change=change,
        chart=chart,
    )


def _chart(report: Report, name: str) -> Timeline:
    versions = [main_version(window) for window in report.windows]

    def series(measure: Callable[[VersionFacts], Figure | None]) -> list[Figure | None]:
        return [measure(version) if version else None for version in versions]

    realised = series(lambda version: realised_figure(version, name))
    estimated = series(lambda version: version.estimated.get(name))
    trained = series(lambda version: _level(find_loss(version, name), lambda loss: loss.trained))
    limit = series(lambda version: _level(find_loss(version, name), limit_of))
    windows = [window.window for window in report.windows]
    title = metric_title(name)
    return Timeline(
        title=f"{title[0].upper()}{title[1:]} over time",
        description=_describe(windows, realised, estimated),
        windows=windows,
        series=(
            Series("estimated", "band", "estimated", estimated),
            Series("at training", "step", "trained", trained),
            Series("limit", "step", "limit", limit),
            Series("realised", "points", "realised", realised),
        ),
        marks=tuple(marks(report)),
        spans=tuple(spans(report)),
    )


def _level(loss: LossFacts | None, value: Callable[[LossFacts], float | None]) -> Figure | None:
    found = value(loss) if loss else None
    return None if found is None else Figure(value=found, rows=0)


def _describe(windows: Sequence[str], realised: Sequence[Figure | None], estimated: Sequence[Figure | None]) -> str:
    parts = []
    for words, figures in (("Realised", realised), ("Estimated", estimated)):
        known = [(window, figure) for window, figure in zip(windows, figures, strict=True) if figure]
        if known:
            (first, before), (last, now) = known[0], known[-1]
            parts.append(f"{words}: {write_figure(before)} on {write_day(first)}")
            parts[-1] += f", {write_figure(now)} on {write_day(last)}." if len(known) > 1 else "."
    return " ".join(parts) or "No figures."


def marks(report: Report) -> Iterator[Mark]:
    """When the champion changed, within the report's windows."""
    for move in report.moves:
        place = place_of(report, move.at.timestamp())
        if 0 <= place < len(report.windows):
            name = {"promotion": f"v{move.version}", "rollback": f"back to v{move.version}"}.get(
                move.action, "withdrawn"
            )
            yield Mark(place - 0.5, name, "promotion")


def spans(report: Report) -> Iterator[Span]:
    """When there was an incident, within the report's windows."""
    last = len(report.windows)
    for incident in report.incidents:
        start = place_of(report, incident.opened_at.timestamp())
        end = place_of(report, incident.closed_at.timestamp()) if incident.closed_at else last
        if start < last and end > 0:
            yield Span(max(start, 0) - 0.5, min(end, last) - 0.5, f"incident {incident.id}"[:80], "incident")


def place_of(report: Report, moment: float) -> float:
    """Where a moment, in epoch seconds, lies between the windows, counted in windows from the start of the first.

    Windows that are missing have no room of their own.
    """
    starts = [window_start(window.window).timestamp() for window in report.windows]
    length = window_length(report.facts.window).total_seconds()
    if moment < starts[0]:
        return -1.0
    place = max(at for at, start in enumerate(starts) if start <= moment)
    return place + min((moment - starts[place]) / length, 1.0)
