"""Service: traffic, latency, refusals, errors, and the challenger's disagreement."""

from dataclasses import dataclass

from markupsafe import Markup

from mlops.monitoring.facts import Figure, VersionFacts
from mlops.monitoring.report.charts.timeline import Series, Timeline, draw_timeline
from mlops.monitoring.report.inputs import Report, main_version
from mlops.monitoring.report.performance import marks, spans
from mlops.monitoring.report.texts import shorten

MOST_RULES = 12


@dataclass(frozen=True)
class ServiceView:
    """`refused` are the most frequent rules that requests broke; `others` the other versions that answered."""

    traffic: Markup
    latency: Markup | None
    refusals: Markup | None
    predictions: int
    refused_total: int
    refused: tuple[tuple[str, int], ...]
    errors: int | None
    unreadable: int
    subject: VersionFacts | None
    others: tuple[VersionFacts, ...]


def view_service(report: Report) -> ServiceView:
    """How the model was served."""
    facts, subject = report.facts, report.subject
    rules = sorted(facts.refused.items(), key=lambda entry: (-entry[1], entry[0]))
    return ServiceView(
        traffic=_traffic(report),
        latency=_latency(report),
        refusals=_refusals(report),
        predictions=sum(version.service.predictions for version in facts.versions),
        refused_total=sum(facts.refused.values()),
        refused=tuple((shorten(rule, 80), number) for rule, number in rules[:MOST_RULES]),
        errors=facts.errors,
        unreadable=facts.unreadable,
        subject=subject,
        others=tuple(version for version in facts.versions if subject is None or version.version != subject.version),
    )


def _traffic(report: Report) -> Markup:
    counts = [sum(version.service.predictions for version in window.versions) for window in report.windows]
    return _draw(
        report,
        "Predictions",
        f"Between {min(counts):,} and {max(counts):,} a window, {counts[-1]:,} in the last.",
        Series("predictions", "bars", "realised", [_figure(number) for number in counts]),
    )


def _latency(report: Report) -> Markup | None:
    found = [version.service if (version := main_version(window)) else None for window in report.windows]
    high = [each.latency_p99 if each else None for each in found]
    half = [each.latency_p50 if each else None for each in found]
    known = [value for value in high if value is not None]
    if not known:
        return None
    return _draw(
        report,
        "Latency in milliseconds",
        f"99 of 100 answers took at most {known[-1]:.3g} ms in the last window.",
        Series("median", "line", "realised", [_figure(value) for value in half]),
        Series("99th percentile", "line", "dashed", [_figure(value) for value in high]),
    )


def _refusals(report: Report) -> Markup | None:
    refused = [sum(window.refused.values()) for window in report.windows]
    errors = [window.errors or 0 for window in report.windows]
    if not any(refused) and not any(errors):
        return None
    return _draw(
        report,
        "Refused requests and errors",
        f"{refused[-1]:,} refused and {errors[-1]:,} errors in the last window.",
        Series("refused", "line", "realised", [_figure(number) for number in refused]),
        Series("errors", "line", "alarm", [_figure(number) for number in errors]),
    )


def _figure(value: float | None) -> Figure | None:
    return None if value is None else Figure(value=value, rows=0)


def _draw(report: Report, title: str, description: str, *series: Series) -> Markup:
    chart = Timeline(
        title=title,
        description=description,
        windows=[window.window for window in report.windows],
        series=series,
        marks=tuple(marks(report)),
        spans=tuple(spans(report)),
        zero=True,
        height=140,
    )
    return draw_timeline(chart)
