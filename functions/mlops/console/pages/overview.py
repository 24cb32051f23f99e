"""All models, what needs a person first: which version serves, is it well, what changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Annotated

from fastapi import APIRouter, Query, Request
from jinja2 import Environment
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
CARDS, BYTES = 36, 93_000
"""A page has as many models, or as many as fit: with all around them less than 100 KB, whatever their texts."""
FILTERED_FROM = 9
"""As many models have a filter."""
STATES = {
    "unwell": "✗ worse than it was",
    "watch": "● to look at",
    "held": "◆ waits for approval",
    "unknown": "? not known",
    "well": "✓ well",
}
"""What a model may need, the most urgent first."""
_Text = Annotated[str, Query(max_length=63)]
"""As long as a name is."""


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

    @property
    def state(self) -> str:
        """What it needs, of STATES: a person's approval before others that aren't known or well."""
        is_held = self.latest is not None and self.latest.standing == "held"
        return "held" if is_held and self.headline.tone in ("unknown", "well") else self.headline.tone

    @property
    def urgency(self) -> tuple[int, bool, str]:
        """By which models are sorted; of those that need the same, the ones in an incident come first."""
        return list(STATES).index(self.state), self.incident is None, self.name


@router.get(HOME)
def show_overview(
    request: Request, session: Reader, q: _Text = "", state: _Text = "", first: Annotated[int, Query(ge=0)] = 0
) -> Response:
    """The page: of models whose name has the words of `q`, and that need the same by `state`, from a place on."""
    readers = readers_of(request)
    views = sorted(
        (_view(name, readers) for name in readers.registry.models() if session.sees(name)),
        key=lambda view: view.urgency,
    )
    state = state if state in STATES else ""
    words = q.casefold().split()
    found = [
        view for view in views if state in ("", view.state) and all(word in view.name.casefold() for word in words)
    ]
    first = first if first < len(found) else 0
    wanted = found[first : first + CARDS]
    traffic = readers.traffic.read([view.name for view in wanted], readers.now()) if wanted else {}
    pages: Environment = request.app.state.pages
    card = pages.get_template("overview_card.html.jinja")
    present = (_add_present(view, readers, (traffic or {}).get(view.name)) for view in wanted)
    cards = _take_fitting([Markup(card.render(view=view)) for view in present])  # noqa: S704
    return render(
        request,
        "overview.html.jinja",
        cards=cards,
        tally={each: sum(view.state == each for view in views) for each in STATES},
        states=STATES,
        q=q,
        state=state,
        first=first,
        before=max(0, first - CARDS),
        after=first + len(cards),
        count_found=len(found),
        count_all=len(views),
        has_filter=len(views) >= FILTERED_FROM,
        traffic_missing=traffic is None,
        now=readers.now(),
        monitoring=readers.schedules.monitoring(),
        schedules_missing=readers.schedules.batches() is None,
    )


def _view(name: str, readers: Readers) -> ModelView:
    """A model as the registry and monitoring know it."""
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
        watched_until=state.hourly or state.daily,
    )


def _add_present(view: ModelView, readers: Readers, traffic: Traffic | None) -> ModelView:
    """The view with what only a card needs: the last hours, and what comes next."""
    return replace(
        view,
        traffic=traffic,
        traffic_picture=draw_traffic(traffic) if traffic else None,
        upcoming=look_ahead(readers, view.name, readers.monitoring.state(view.name)),
    )


def _take_fitting(cards: Sequence[Markup]) -> list[Markup]:
    """The first cards, as many as fit on a page."""
    sizes = accumulate(len(card.encode()) for card in cards)
    return [card for card, size in zip(cards, sizes, strict=True) if size <= BYTES]


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
