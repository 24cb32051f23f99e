"""All models: which version serves, is it well, what changed."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from mlops.console.charts.spark import draw_bars, draw_level
from mlops.console.page import HOME, render
from mlops.console.pages.request import readers_of
from mlops.console.pages.upcoming import Upcoming, look_ahead
from mlops.console.readers.readers import Readers
from mlops.console.readers.registry import Summary
from mlops.console.readers.reports import headline_of
from mlops.console.readers.traffic import HOURS, Traffic
from mlops.console.session.gate import Reader
from mlops.errors.registry import AliasInvalid
from mlops.monitoring.facts import Figure, WindowFacts
from mlops.monitoring.incident import Incident
from mlops.monitoring.report.headline import Headline
from mlops.monitoring.report.inputs import Report, main_version
from mlops.monitoring.report.performance import last_realised, main_metric, realised_figure
from mlops.monitoring.report.texts import count, metric_title, write_day, write_figure
from mlops.registry.aliases import Alias

router = APIRouter()
_URGENT = ("unwell", "watch", "unknown", "well")


@dataclass(frozen=True)
class Performance:
    """A model's main metric: by the latest truth, as estimated on the last day, and its last days as a picture."""

    title: str
    realised: Figure | None
    realised_on: str | None
    estimated: Figure | None
    picture: Markup


@dataclass(frozen=True)
class ModelView:
    """One model. `latest` is its newest version, where that isn't the champion; `watched_until` the last window."""

    name: str
    headline: Headline
    champion: Alias | None = None
    challenger: Alias | None = None
    latest: Summary | None = None
    incident: Incident | None = None
    performance: Performance | None = None
    traffic: Traffic | None = None
    traffic_picture: Markup | None = None
    watched_until: str | None = None
    upcoming: Upcoming | None = None


@router.get(HOME)
def show_overview(request: Request, session: Reader) -> Response:
    """The page."""
    readers = readers_of(request)
    names = [name for name in readers.registry.models() if session.sees(name)]
    traffic = readers.traffic.read(names, readers.now())
    views = sorted(
        (_view(name, readers, (traffic or {}).get(name)) for name in names),
        key=lambda view: (_URGENT.index(view.headline.tone), view.name),
    )
    tones = {tone: sum(view.headline.tone == tone for view in views) for tone in _URGENT}
    return render(
        request,
        "overview.html.jinja",
        views=views,
        tones=tones,
        traffic_missing=traffic is None,
        now=readers.now(),
        monitoring=readers.schedules.monitoring(),
        schedules_missing=readers.schedules.batches() is None,
    )


def _view(name: str, readers: Readers, traffic: Traffic | None) -> ModelView:
    try:
        champion, challenger = readers.registry.champion(name), readers.registry.challenger(name)
        report = readers.reports.short(name)
    except AliasInvalid as error:
        return ModelView(name, Headline("unwell", str(error)))
    headline, performance = readers.reports.views(report, _judge) if report else (headline_of(None), None)
    state = readers.monitoring.state(name)
    newest = next(iter(readers.registry.summaries(name, 1)), None)
    return ModelView(
        name=name,
        headline=headline,
        champion=champion,
        challenger=challenger,
        latest=newest if newest and (champion is None or newest.number != champion.version) else None,
        incident=state.open_incident,
        performance=performance,
        traffic=traffic,
        traffic_picture=draw_traffic(traffic) if traffic else None,
        watched_until=state.hourly or state.daily,
        upcoming=look_ahead(readers, name, state),
    )


def _judge(report: Report) -> tuple[Headline, Performance | None]:
    return headline_of(report), _performance(report)


def draw_traffic(traffic: Traffic) -> Markup:
    """The predictions of the last hours."""
    most = max(traffic.predictions)
    words = f"{count(traffic.total, 'prediction')} in the last {HOURS} hours; the most in an hour: {most:,.0f}."
    return draw_bars(traffic.predictions, "Predictions an hour", words)


def _performance(report: Report) -> Performance | None:
    metric = main_metric(report)
    if metric is None:
        return None
    found = last_realised(report, metric, report.subject.version) if report.subject else None
    figures = [_figure(window, metric) for window in report.windows]
    title, estimated = metric_title(metric), report.subject.estimated.get(metric) if report.subject else None
    known = [figure for figure in figures if figure]
    words = f"By day, by truth or as estimated: {write_figure(known[-1])} last." if known else ""
    return Performance(
        title=title,
        realised=found[2] if found else None,
        realised_on=write_day(found[0]) if found else None,
        estimated=estimated,
        picture=draw_level(figures, f"{title} by day", words),
    )


def _figure(window: WindowFacts, metric: str) -> Figure | None:
    """A day's metric, by truth if that's there."""
    version = main_version(window)
    return (realised_figure(version, metric) or version.estimated.get(metric)) if version else None
