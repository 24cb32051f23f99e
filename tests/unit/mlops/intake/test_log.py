"""A training leaves one record and one line of metrics, whatever became of it."""

import json
from collections.abc import Callable
from io import StringIO
from itertools import count
from typing import Any

import pytest

from mlops.errors.data import EventInvalid
from mlops.intake.flow import Arrival
from mlops.intake.log import TrainingLog
from mlops.telemetry import make_logger

ARRIVAL = Arrival(bucket="data", key="datasets/leaves/a.csv", s3_version="v1")
REPORT = {"reason": "because", "sha256": "d" * 64, "model": "leaves"}
_numbers = count()

type Tell = Callable[[Callable[[TrainingLog], None]], tuple[dict[str, Any], dict[str, Any]]]


@pytest.fixture
def tell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tell:
    """Lets something be logged; returns the record and the metrics."""
    # Powertools keeps one logger a service, with the stream that it was made with.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"train-{next(_numbers)}")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "stack")

    def tell(what: Callable[[TrainingLog], None]) -> tuple[dict[str, Any], dict[str, Any]]:
        stream = StringIO()
        what(TrainingLog(make_logger(stream)))
        (record,) = map(json.loads, stream.getvalue().splitlines())
        (metrics,) = map(json.loads, capsys.readouterr().out.splitlines())
        return record, metrics

    return tell


def names(metrics: dict[str, Any]) -> set[str]:
    (directive,) = metrics["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "stack"
    return {metric["Name"] for metric in directive["Metrics"]}


@pytest.mark.parametrize("outcome", ["promoted", "kept", "unchanged", "held", "refused"])
def test_a_version_is_logged_with_its_metrics_and_counted_by_its_outcome(tell: Tell, outcome: str) -> None:
    report = {**REPORT, "outcome": outcome, "version": 3, "metrics": {"accuracy": 0.97}}
    record, metrics = tell(lambda log: log.done(ARRIVAL, report, 1.23456))
    assert (record["record"], record["level"], record["outcome"]) == ("training", "INFO", outcome)
    assert (record["model"], record["model_version"], record["metrics"]) == ("leaves", 3, {"accuracy": 0.97})
    assert (record["dataset"], record["dataset_sha256"], record["seconds"]) == (ARRIVAL.key, "d" * 64, 1.235)
    assert names(metrics) == {f"Training{outcome.capitalize()}", "TrainingSeconds"}
    assert (metrics["model"], metrics[f"Training{outcome.capitalize()}"]) == ("leaves", 1)


def test_a_rejection_is_a_warning_with_its_first_violations(tell: Tell) -> None:
    violations = [{"rule": "type", "row": row} for row in range(100)]
    report = {**REPORT, "outcome": "rejected", "violations": violations, "violation_count": 250}
    record, metrics = tell(lambda log: log.done(ARRIVAL, report, 0.5))
    assert (record["level"], record["outcome"], record["model"]) == ("WARNING", "rejected", "leaves")
    assert record["reason"] == "because"
    assert (record["violations"], record["violations_total"]) == (violations[:20], 250)
    assert names(metrics) == {"TrainingRejected", "TrainingSeconds"}


def test_a_rejection_of_an_unknown_model_adds_no_dimension_of_its_own(tell: Tell) -> None:
    report: dict[str, Any] = {**REPORT, "outcome": "rejected", "model": None, "violations": [], "violation_count": 0}
    record, metrics = tell(lambda log: log.done(ARRIVAL, report, 0.5))
    assert record["model"] == metrics["model"] == "unknown"


def test_a_failure_is_an_error_with_its_stack_and_its_dataset(tell: Tell) -> None:
    def fail(log: TrainingLog) -> None:
        try:
            raise ConnectionError("nobody answers")
        except ConnectionError as error:
            log.failed(ARRIVAL, error)

    record, metrics = tell(fail)
    assert (record["record"], record["level"], record["dataset"]) == ("failure", "ERROR", ARRIVAL.key)
    assert (record["reason"], record["exception_name"]) == ("nobody answers", "ConnectionError")
    assert "Traceback" in record["exception"]
    assert names(metrics) == {"TrainingFailed"}


def test_a_message_that_cannot_be_read_is_an_error_with_its_beginning(tell: Tell) -> None:
    record, metrics = tell(lambda log: log.unreadable("x" * 5_000, EventInvalid("it isn't JSON")))
    assert (record["level"], record["body"]) == ("ERROR", "x" * 1_000)
    assert "it isn't JSON" in record["reason"]
    assert metrics["TrainingFailed"] == 1
