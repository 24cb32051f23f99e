"""Metrics in CloudWatch's embedded metric format."""

import json

import pytest

from mlops.telemetry import emit_metrics


@pytest.mark.parametrize(
    ("version", "dimensions"),
    [("7", [["service", "model"], ["service", "function_version"]]), (None, [["service", "model"]])],
)
def test_a_metric_by_version_has_that_of_the_function_that_runs_it(
    version: str | None,
    dimensions: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "api")
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_VERSION", raising=False)
    if version:
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", version)
    emit_metrics("diagnosis", {"RequestFailed": (1, "Count")}, by_version=True)
    line = json.loads(capsys.readouterr().out)
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == dimensions
    assert (line["service"], line["RequestFailed"], line.get("function_version")) == ("api", 1, version)


def test_other_metrics_have_no_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "7")
    emit_metrics("diagnosis", {"ModelRefused": (1, "Count")})
    line = json.loads(capsys.readouterr().out)
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service", "model"]]
    assert "function_version" not in line
