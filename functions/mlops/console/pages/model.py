"""One model: how it is, what changed, and what to do."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from mlops.console.charts.events import draw_events, list_events
from mlops.console.page import HOME, render
from mlops.console.pages.overview import draw_traffic
from mlops.console.pages.request import Model, readers_of
from mlops.console.pages.spreadsheet import answer_csv
from mlops.console.pages.upcoming import look_ahead
from mlops.console.readers.reports import headline_of
from mlops.monitoring.facts import Figure, WindowFacts
from mlops.monitoring.recommendations.charts import draw_days, draw_positions
from mlops.monitoring.recommendations.headline import list_steps
from mlops.monitoring.report.advice import Advice, advise
from mlops.monitoring.report.columns import view_columns
from mlops.monitoring.report.headline import write_headline
from mlops.monitoring.report.inputs import Report
from mlops.monitoring.report.performance import PerformanceView, view_performance
from mlops.monitoring.report.service import view_service
from mlops.monitoring.report.story import earlier_incidents, view_story
from mlops.monitoring.report.truth import view_truth

router = APIRouter()
MOST_PICTURES, MOST_ROWS = 6, 40
"""Columns with pictures, and others in the table."""
MOST_ESTIMATES = 3
"""Of the champion's metrics at training."""
MOST_CHARTS = 2
"""Of metrics, below that of the main one."""
MOST_VERSIONS, MOST_MADE = 6, 40
"""The latest ones that the page lists, and those that the picture of what happened shows."""
_WIDE, _NARROW = 880.0, 340.0
"""The widths of the performance's drawings, which stand above those of what happened."""


@router.get(f"{HOME}/models/{{model}}")
def show_model(request: Request, model: Model) -> Response:
    """The page."""
    readers = readers_of(request)
    champion = readers.registry.champion(model)
    report = readers.reports.full(model)
    traffic = readers.traffic.read([model], readers.now())
    manifest = readers.registry.manifest(model, champion.version) if champion else None
    content: dict[str, Any] = {
        "model": model,
        "champion": champion,
        "estimates": list(manifest.estimates.items())[:MOST_ESTIMATES] if manifest else [],
        "challenger": readers.registry.challenger(model),
        "manifest": manifest,
        "summaries": readers.registry.summaries(model, MOST_VERSIONS),
        "state": readers.monitoring.state(model),
        "monitoring": readers.schedules.monitoring(),
        "now": readers.now(),
        "upcoming": look_ahead(readers, model, readers.monitoring.state(model)),
        "traffic": traffic.get(model) if traffic else None,
        "traffic_picture": draw_traffic(traffic[model]) if traffic else None,
        "report": report,
        "headline": headline_of(report),
    }
    if report is None:
        return render(request, "model.html.jinja", **content, steps=(), kind="unwatched")
    if report.facts.recommendations is not None:
        return render(request, "model.html.jinja", **content, **_recommender(report))
    made = readers.registry.summaries(model, MOST_MADE)
    content |= {
        "events_wide": draw_events(report, made, _WIDE, "only-wide", spoken=True),
        "events_narrow": draw_events(report, made, _NARROW, "only-narrow"),
    }
    return render(request, "model.html.jinja", **content, **readers.reports.views(report, _view_table))


def _view_table(report: Report) -> Mapping[str, Any]:
    """What monitoring's report has, for the same sections."""
    story, headline = view_story(report), write_headline(report)
    remarks = report.subject.remarks if report.subject else ()
    return {
        "kind": "table",
        "facts": report.facts,
        "subject": report.subject,
        "steps": advise(report, headline),
        "performance": _shorten(view_performance(report)),
        "story": story,
        "earlier": earlier_incidents(report, story),
        "columns": view_columns(report, MOST_PICTURES, MOST_ROWS),
        "truth": view_truth(report),
        "service": view_service(report),
        "remarks": remarks,
    }


def _shorten(performance: PerformanceView | None) -> PerformanceView | None:
    """Without the table of all windows, which is there as CSV, and with fewer pictures."""
    if performance is None:
        return None
    others = performance.others
    hidden = tuple(replace(each, chart=Markup("")) for each in others[MOST_CHARTS:])
    return replace(performance, rows=(), others=(*others[:MOST_CHARTS], *hidden))


def _recommender(report: Report) -> dict[str, Any]:
    found = report.facts.recommendations
    assert found is not None
    return {
        "kind": "recommender",
        "steps": [Advice(step) for step in list_steps(report.facts, report.incidents)],
        "found": found,
        "days": draw_days([*report.history, report.facts]),
        "positions": draw_positions(found.positions),
    }


@router.get(f"{HOME}/models/{{model}}/performance.csv")
def download_performance(request: Request, model: Model) -> Response:
    """Each day's metrics of each version, by truth and as estimated."""
    report = readers_of(request).reports.full(model)
    header = ("day", "version", "role", "metric", "basis", "value", "low", "high", "level", "rows")
    return answer_csv(f"{model}-performance", header, _performance_rows(report.windows if report else ()))


@router.get(f"{HOME}/models/{{model}}/events.csv")
def download_events(request: Request, model: Model) -> Response:
    """What happened: promotions, rollbacks, versions, datasets and incidents."""
    readers = readers_of(request)
    report = readers.reports.full(model)
    found = list_events(report, readers.registry.summaries(model)) if report else []
    rows = ((each.at.isoformat(), each.what, each.version, each.words) for each in found)
    return answer_csv(f"{model}-events", ("at", "what", "version", "words"), rows)


@router.get(f"{HOME}/models/{{model}}/drift.csv")
def download_drift(request: Request, model: Model) -> Response:
    """Each day's columns of each version."""
    report = readers_of(request).reports.full(model)
    header = ("day", "version", "column", "rows", "missing", "outside", "p_value", "drifted", "since", "sentence")
    rows = (
        (
            window.window,
            version.version,
            each.column,
            each.rows,
            each.missing,
            each.outside,
            each.p_value,
            each.drifted,
            each.since,
            each.sentence,
        )
        for window in (report.windows if report else ())
        for version in window.versions
        for each in version.columns
    )
    return answer_csv(f"{model}-drift", header, rows)


@router.get(f"{HOME}/models/{{model}}/traffic.csv")
def download_traffic(request: Request, model: Model) -> Response:
    """The predictions and the latency of the last hours."""
    readers = readers_of(request)
    found = (readers.traffic.read([model], readers.now()) or {}).get(model)
    rows = zip(found.hours, found.predictions, found.latency, strict=True) if found else ()
    header = ("hour", "predictions", "latency_p99_ms")
    return answer_csv(f"{model}-traffic", header, ((hour.isoformat(), *rest) for hour, *rest in rows))


def _performance_rows(windows: tuple[WindowFacts, ...]) -> Iterator[tuple[Any, ...]]:
    for window in windows:
        for version in window.versions:
            realised = version.realised.overall.metrics if version.realised else {}
            for basis, figures in (("realised", realised), ("estimated", version.estimated)):
                for name, figure in figures.items():
                    yield window.window, version.version, version.role, name, basis, *_cells(figure)


def _cells(figure: Figure) -> tuple[Any, ...]:
    return figure.value, figure.low, figure.high, figure.level, figure.rows
