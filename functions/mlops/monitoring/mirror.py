"""The figures of days, mirrored in MLflow under the versions' runs."""

from collections.abc import Iterator, Mapping
from datetime import date

from mlops.errors.training import TrackingFailed
from mlops.monitoring.facts import Figure, RealisedFacts, VersionFacts, WindowFacts
from mlops.monitoring.recommender_facts import RecommenderFacts
from mlops.records.window import Window
from mlops.registry.aliases import CHAMPION
from mlops.registry.store import Store
from mlops.registry.versions import Versions
from mlops.tracking.mirror import WindowMirror


class FiguresMirror:
    """Mirrors the windows of a run of monitoring. MLflow is no part of monitoring: its failures are only reported."""

    def __init__(self, mirror: WindowMirror, registry: Store) -> None:
        self._mirror = mirror
        self._registry = registry
        self._failed: str | None = None

    def record(self, facts: WindowFacts) -> str | None:
        """Record a day's figures, and those of earlier days that its truth changed; the reason if that failed.

        After a failure nothing more is tried: a server that's gone would cost its time-out for each window. Hours are
        left out. Repeating changes nothing.
        """
        window = Window.parse(facts.window)
        if window != Window.of_day(window.start.date()):
            return None
        for version, day, figures in _figures_by_day(facts):
            if self._failed is not None:
                break
            run_id = Versions(self._registry, facts.model).manifest(version).mlflow_run_id
            try:
                self._mirror.record_window(run_id, day, window.end, figures)
            except TrackingFailed as error:
                self._failed = f"{facts.model} version {version}: {error.reason}"
        return self._failed


def _figures_by_day(facts: WindowFacts) -> Iterator[tuple[int, date, Mapping[str, float]]]:
    for version in facts.versions:
        yield version.version, date.fromisoformat(facts.window), dict(_version_figures(version))
    if facts.recommendations is not None:
        yield from _responses(facts.recommendations, date.fromisoformat(facts.window))
    for revision in facts.revisions:
        yield revision.version, date.fromisoformat(revision.window), dict(_realised_figures(revision.realised))


def _responses(facts: RecommenderFacts, day: date) -> Iterator[tuple[int, date, Mapping[str, float]]]:
    """What users did with the answers of each version that was champion."""
    for each in facts.versions:
        if each.role == CHAMPION:
            figures = {"recommendations": float(each.answers), **dict(_ends("click_through", each.clicks))}
            figures |= dict(_ends("conversion", each.conversions)) if each.conversions else {}
            yield each.version, day, figures


def _version_figures(version: VersionFacts) -> Iterator[tuple[str, float]]:
    """The figures of a version, by name."""
    service = version.service
    yield "predictions", service.predictions
    if service.latency_p50 is not None:
        yield "latency_p50_ms", service.latency_p50
    if service.latency_p99 is not None:
        yield "latency_p99_ms", service.latency_p99
    if service.disagreement is not None:
        yield from _ends("disagreement", service.disagreement)
    if version.columns:
        yield "drifted_columns", sum(column.drifted for column in version.columns)
    for name, figure in version.estimated.items():
        yield from _ends(f"estimated_{name}", figure)
    for loss in version.losses:
        yield f"evidence_{loss.basis}_{loss.metric}", loss.evidence
    if version.realised is not None:
        yield from _realised_figures(version.realised)


def _realised_figures(realised: RealisedFacts) -> Iterator[tuple[str, float]]:
    yield "labelled", realised.labelled
    for name, figure in realised.overall.metrics.items():
        yield from _ends(f"realised_{name}", figure)


def _ends(name: str, figure: Figure) -> Iterator[tuple[str, float]]:
    yield name, figure.value
    if figure.low is not None and figure.high is not None:
        yield f"{name}_low", figure.low
        yield f"{name}_high", figure.high
