"""MLflow's own store keeps the figures of each day once, under the version's run."""

import os
from datetime import UTC, date, datetime

import pytest
from mlflow import MlflowClient

from mlops.errors.training import TrackingFailed
from mlops.tracking.mirror import MlflowMirror, open_mirror
from tests.unit.mlops.registry.samples import make_manifest

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")

DAY, LATER = date(2026, 11, 27), date(2026, 11, 28)
AT, LATER_AT = datetime(2026, 11, 28, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC)
FIGURES = {"realised_accuracy": 0.91, "estimated_accuracy": 0.93, "evidence_realised_accuracy": float("inf")}


@pytest.fixture
def client(database: str) -> MlflowClient:
    return MlflowClient(database, registry_uri=database)


@pytest.fixture
def run_id(client: MlflowClient) -> str:
    """The finished run of a training of its own."""
    manifest = make_manifest().model_copy(update={"model": "windowed", "training_key": os.urandom(8).hex()})
    found = MlflowMirror(client, "s3://models").record(manifest, {})
    assert found
    return found


def history(client: MlflowClient, run_id: str, name: str) -> list[tuple[int, float, int]]:
    return sorted((each.step, each.value, each.timestamp) for each in client.get_metric_history(run_id, name))


def test_a_days_figures_are_metrics_at_the_days_number(client: MlflowClient, run_id: str) -> None:
    mirror = MlflowMirror(client, "s3://models")
    mirror.record_window(run_id, DAY, AT, FIGURES)
    step = (DAY - date(1970, 1, 1)).days
    assert history(client, run_id, "window_realised_accuracy") == [(step, 0.91, int(AT.timestamp() * 1000))]
    assert client.get_run(run_id).info.status == "FINISHED"
    assert "window_evidence_realised_accuracy" not in client.get_run(run_id).data.metrics


def test_recording_a_day_again_changes_nothing(client: MlflowClient, run_id: str) -> None:
    mirror = MlflowMirror(client, "s3://models")
    for _ in range(3):
        mirror.record_window(run_id, DAY, AT, FIGURES)
        mirror.record_window(run_id, LATER, LATER_AT, FIGURES)
    assert len(history(client, run_id, "window_realised_accuracy")) == 2


def test_truth_that_came_later_is_a_later_value_of_the_same_day(client: MlflowClient, run_id: str) -> None:
    mirror = MlflowMirror(client, "s3://models")
    mirror.record_window(run_id, DAY, AT, {"realised_accuracy": 0.91})
    mirror.record_window(run_id, DAY, LATER_AT, {"realised_accuracy": 0.88})
    assert [
        value for _, value, _ in sorted(history(client, run_id, "window_realised_accuracy"), key=lambda x: x[2])
    ] == [
        0.91,
        0.88,
    ]
    assert client.get_run(run_id).data.metrics["window_realised_accuracy"] == 0.88


def test_a_run_that_is_gone_is_an_expected_failure(client: MlflowClient) -> None:
    with pytest.raises(TrackingFailed, match="not found"):
        MlflowMirror(client, "s3://models").record_window("0" * 32, DAY, AT, FIGURES)


def test_a_version_without_a_run_is_an_expected_failure(client: MlflowClient) -> None:
    with pytest.raises(TrackingFailed, match="has no run"):
        MlflowMirror(client, "s3://models").record_window(None, DAY, AT, FIGURES)


def test_a_server_that_is_away_is_an_expected_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    mirror = open_mirror("http://127.0.0.1:9", "s3://models", os.environ)
    with pytest.raises(TrackingFailed):
        mirror.record_window("0" * 32, DAY, AT, FIGURES)
