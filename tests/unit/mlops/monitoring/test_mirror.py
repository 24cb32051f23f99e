"""MLflow gets the figures of days, and its failures are reported and stop nothing."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from obstore.store import MemoryStore

from mlops.errors.training import TrackingFailed
from mlops.monitoring.facts import Figure, Revision, WindowFacts
from mlops.monitoring.mirror import FiguresMirror
from mlops.monitoring.recommender_facts import RecommenderFacts, VersionResponses
from mlops.registry.versions import Versions
from mlops.tracking.mirror import NoMirror
from tests.unit.mlops.monitoring.report.histories import healthy, one_hour
from tests.unit.mlops.registry.samples import FILES, make_manifest


class Notebook:
    """Keeps what is recorded; fails from a number of calls on."""

    def __init__(self, lives: int = 100) -> None:
        self.calls: list[tuple[str | None, date, datetime, Mapping[str, float]]] = []
        self._lives = lives

    def record_window(self, run_id: str | None, day: date, at: datetime, figures: Mapping[str, float]) -> None:
        if len(self.calls) >= self._lives:
            raise TrackingFailed("the server is away")
        self.calls.append((run_id, day, at, figures))


def registry() -> MemoryStore:
    store = MemoryStore()
    for number in (7, 8):
        manifest = make_manifest(number, f"key {number}").model_copy(
            update={"model": "diagnosis", "mlflow_run_id": f"run {number}"}
        )
        Versions(store, "diagnosis").write(manifest, FILES)
    return store


def test_a_day_is_recorded_under_its_versions_run_at_its_end() -> None:
    notebook, facts = Notebook(), healthy().facts
    assert FiguresMirror(notebook, registry()).record(facts) is None
    ((run_id, day, at, figures),) = notebook.calls
    assert (run_id, day, at) == ("run 7", date(2026, 11, 29), datetime(2026, 11, 30, tzinfo=UTC))
    version = facts.versions[0]
    assert figures["estimated_accuracy"] == version.estimated["accuracy"].value
    assert figures["estimated_accuracy_low"] == version.estimated["accuracy"].low
    assert figures["predictions"] == version.service.predictions
    assert figures["drifted_columns"] == 0
    assert figures["evidence_realised_accuracy"] == 0.8
    assert not [name for name in figures if name.startswith("realised_")]


def test_truth_about_earlier_days_is_recorded_at_those_days() -> None:
    notebook, report = Notebook(), healthy()
    realised = report.history[-4].versions[0].realised
    assert realised is not None
    revision = Revision(window="2026-11-25", version=8, realised=realised)
    facts = report.facts.model_copy(update={"revisions": (revision,)})
    assert FiguresMirror(notebook, registry()).record(facts) is None
    run_id, day, at, figures = notebook.calls[-1]
    assert (run_id, day, at) == ("run 8", date(2026, 11, 25), datetime(2026, 11, 30, tzinfo=UTC))
    assert figures["realised_accuracy"] == realised.overall.metrics["accuracy"].value
    assert figures["labelled"] == realised.labelled


def test_hours_are_left_out() -> None:
    notebook = Notebook()
    assert FiguresMirror(notebook, registry()).record(one_hour().facts) is None
    assert notebook.calls == []


def test_a_failure_is_reported_and_nothing_more_is_tried() -> None:
    notebook = Notebook(lives=1)
    mirror = FiguresMirror(notebook, registry())
    days = [*healthy().history[-2:], healthy().facts]
    assert [mirror.record(facts) for facts in days] == [None, *["diagnosis version 7: the server is away"] * 2]
    assert len(notebook.calls) == 1


def test_monitoring_without_mlflow_says_so() -> None:
    assert FiguresMirror(NoMirror(), registry()).record(healthy().facts) == (
        "diagnosis version 7: no MLflow is configured"
    )


def test_clicks_are_recorded_under_the_champions_run_alone() -> None:
    clicks = Figure(value=0.1, low=0.08, high=0.12, rows=900)
    versions = tuple(
        VersionResponses(version=number, role=role, answers=900, users=300, items=9_000, clicks=clicks)
        for number, role in ((7, "champion"), (8, "requested"))
    )
    facts = WindowFacts(model="diagnosis", window="2026-11-29", recommendations=RecommenderFacts(versions=versions))
    notebook = Notebook()
    assert FiguresMirror(notebook, registry()).record(facts) is None
    ((run_id, _, _, figures),) = notebook.calls
    assert run_id == "run 7"
    wanted = {"recommendations": 900, "click_through": 0.1, "click_through_low": 0.08, "click_through_high": 0.12}
    assert figures == wanted
