"""report.html: one file that needs nothing else, for people who read nothing but it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlops.monitoring.report.advice import advise
from mlops.monitoring.report.columns import view_columns
from mlops.monitoring.report.headline import write_headline
from mlops.monitoring.report.inputs import Report
from mlops.monitoring.report.performance import limit_of, view_performance
from mlops.monitoring.report.service import view_service
from mlops.monitoring.report.story import earlier_incidents, view_story, write_state
from mlops.monitoring.report.texts import (
    count,
    metric_title,
    shorten,
    write_counted,
    write_delay,
    write_figure,
    write_moment,
    write_range,
    write_share,
    write_window,
)
from mlops.monitoring.report.truth import view_truth, write_coverage
from mlops.pages.environment import make_environment
from mlops.pages.numbers import write_number

TEMPLATE = "report.html.jinja"
MOST_BYTES = 300_000
MOST_MOVES = 12
MOST_REMARKS = 12

_COLUMNS = ((36, 200), (24, 200), (12, 100), (4, 50))
"""Columns with pictures, and others in the table: the most that fit."""

FILTERS: dict[str, Callable[..., Any]] = {
    "count": count,
    "counted": write_counted,
    "coverage": write_coverage,
    "delay": write_delay,
    "figure": write_figure,
    "limit": limit_of,
    "metric": metric_title,
    "moment": write_moment,
    "number": write_number,
    "range": write_range,
    "share": write_share,
    "short": shorten,
    "state": write_state,
    "window": write_window,
}


def render_report(report: Report) -> bytes:
    """The page. It depends on the report alone, and has at most MOST_BYTES: many columns have fewer pictures."""
    environment = make_environment(Path(__file__).parent)
    environment.filters.update(FILTERS)
    template, page = environment.get_template(TEMPLATE), b""
    for pictures, rows in _COLUMNS:
        page = template.render(**_content(report, pictures, rows)).encode()
        if len(page) <= MOST_BYTES:
            break
    return page


def _content(report: Report, pictures: int, rows: int) -> dict[str, Any]:
    headline, story = write_headline(report), view_story(report)
    subject = report.subject
    return {
        "report": report,
        "facts": report.facts,
        "subject": subject,
        "headline": headline,
        "steps": advise(report, headline),
        "performance": view_performance(report),
        "story": story,
        "earlier": earlier_incidents(report, story),
        "columns": view_columns(report, pictures, rows),
        "truth": view_truth(report),
        "service": view_service(report),
        "moves": tuple(reversed(report.moves))[:MOST_MOVES],
        "remarks": tuple(shorten(remark) for remark in subject.remarks[:MOST_REMARKS]) if subject else (),
    }
