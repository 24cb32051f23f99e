"""An upload's event in; a version, a champion, a report and a record out."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from mlops.registry.aliases import CHAMPION, Aliases
from mlops.registry.store import open_store
from mlops.registry.versions import Versions
from mlops.serving.scorer import Scorer
from tests.integration.training.conftest import Function

Load = Callable[..., Function]
PARENT = "mlflow.parentRunId"


def versions() -> Versions:
    return Versions(open_store("s3://models"), "diagnosis")


def champion() -> int:
    alias = Aliases(open_store("s3://models"), "diagnosis").read(CHAMPION)
    assert alias
    return alias.version


def records(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The training records that were logged."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line for line in lines if line.get("record") == "training"]


def test_an_upload_becomes_the_champion(load: Load, dataset: bytes) -> None:
    function = load()
    event = function.put(dataset)
    assert function.deliver(event) == []
    report = function.report(event)
    assert (report["outcome"], report["version"], champion()) == ("promoted", 1, 1)
    assert report["s3_version"] == event["detail"]["object"]["version-id"]
    assert versions().manifest(1).metrics["test"]["accuracy"] >= 0.95
    assert Scorer.load(versions(), 1, max_rows=10).manifest.version == 1


@pytest.mark.usefixtures("brief")
def test_an_event_delivered_twice_makes_one_version(load: Load, dataset: bytes) -> None:
    function = load()
    event = function.put(dataset)
    assert function.deliver(event) == function.deliver(event) == []
    assert function.report(event)["outcome"] == "unchanged"
    assert versions().numbers() == [1]


@pytest.mark.usefixtures("brief")
def test_the_version_of_the_event_is_read_and_not_the_newest(load: Load, dataset: bytes) -> None:
    function = load()
    event = function.put(dataset)
    function.put(b"overwritten meanwhile")
    assert function.deliver(event) == []
    assert function.report(event)["outcome"] == "promoted"


@pytest.mark.usefixtures("brief")
def test_a_bad_dataset_is_reported_and_not_tried_again(load: Load, dataset: bytes) -> None:
    function = load()
    function.deliver(function.put(dataset))
    lines = dataset.splitlines(keepends=True)
    bad = function.put(b"".join([*lines[:5], lines[5].replace(lines[5].split(b",")[0], b"wide", 1), *lines[6:]]))
    assert function.deliver(bad) == []
    report = function.report(bad)
    assert (report["outcome"], report["violation_count"], champion()) == ("rejected", 1, 1)
    (violation,) = report["violations"]
    assert (violation["row"], violation["column"], violation["value"]) == (4, "mean radius", "wide")
    kept = function.s3.get_object(Bucket="data", Key="datasets/diagnosis/diagnosis.csv")["Body"].read()
    assert kept.splitlines()[5].startswith(b"wide,")
    rejected = function.s3.get_object(Bucket="data", Key="rejected/diagnosis/diagnosis.csv.jsonl")
    assert rejected["ContentType"] == "application/x-ndjson"
    assert json.loads(rejected["Body"].read()) == violation
    assert report["rejected"] == "s3://data/rejected/diagnosis/diagnosis.csv.jsonl"


def test_a_dataset_for_a_model_without_a_spec_is_reported(load: Load, dataset: bytes) -> None:
    function = load()
    event = function.put(dataset, "datasets/unheard-of/a.csv")
    assert function.deliver(event) == []
    report = function.report(event)
    assert report["outcome"] == "rejected"
    assert "unheard-of" in report["reason"]


@pytest.mark.usefixtures("brief")
def test_what_a_retry_could_cure_goes_back_to_the_queue(load: Load, dataset: bytes) -> None:
    function = load()
    event = function.put(dataset)
    function.s3.delete_bucket(Bucket="models")
    assert function.deliver(event) == ["059f36b4-87a3-44ab-83d2-661975830a7d"]
    function.s3.create_bucket(Bucket="models")
    assert function.deliver(event) == []
    assert (function.report(event)["outcome"], champion()) == ("promoted", 1)


def test_mlflow_shows_the_run_the_version_and_the_champion(load: Load, dataset: bytes, mlflow_uri: str) -> None:
    from mlflow import MlflowClient

    function = load(MLFLOW_TRACKING_URI=mlflow_uri)
    event = function.put(dataset)
    assert function.deliver(event) == function.deliver(event) == []
    manifest = versions().manifest(1)
    client = MlflowClient(mlflow_uri, registry_uri=mlflow_uri)
    (registered,) = client.search_model_versions("name = 'diagnosis'")
    assert registered.tags["version"] == "1"
    assert registered.source == "s3://models/diagnosis/versions/1"
    assert client.get_model_version_by_alias("diagnosis", "champion").version == registered.version
    experiment = client.get_experiment_by_name("diagnosis")
    assert experiment
    trials = client.search_runs([experiment.experiment_id], f"tags.`{PARENT}` = '{manifest.mlflow_run_id}'")
    assert manifest.search
    assert len(trials) == len(manifest.search.trials) > 3
    runs = client.search_runs([experiment.experiment_id])
    (run,) = [each for each in runs if PARENT not in each.data.tags]
    assert run.info.run_id == manifest.mlflow_run_id == registered.run_id
    assert run.info.status == "FINISHED"
    for name, value in manifest.metrics["test"].items():
        assert run.data.metrics[f"test_{name}"] == value
    assert run.data.params["candidate"] == manifest.candidate
    assert {each.path for each in client.list_artifacts(run.info.run_id)} == {"card.html", "plots"}
    assert {f"gate/{gate.name}" for gate in manifest.gates} <= set(run.data.tags)
    assert run.inputs
    (used,) = run.inputs.dataset_inputs
    assert manifest.dataset.sha256.startswith(used.dataset.digest)


@pytest.mark.usefixtures("brief")
def test_a_training_without_its_mlflow_goes_back_to_the_queue(load: Load, dataset: bytes) -> None:
    function = load(MLFLOW_TRACKING_URI="http://127.0.0.1:9", MLFLOW_HTTP_REQUEST_MAX_RETRIES="0")
    event = function.put(dataset)
    assert function.deliver(event) == ["059f36b4-87a3-44ab-83d2-661975830a7d"]
    assert versions().numbers() == []
    assert load(MLFLOW_TRACKING_URI="").deliver(event) == []
    assert champion() == 1


@pytest.mark.usefixtures("brief")
def test_a_training_leaves_one_record(load: Load, dataset: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    function = load(POWERTOOLS_SERVICE_NAME="train-records")
    capsys.readouterr()
    function.deliver(function.put(dataset))
    (record,) = records(capsys)
    assert (record["model"], record["model_version"], record["outcome"]) == ("diagnosis", 1, "promoted")
    assert record["seconds"] > 0
    assert record["metrics"]["accuracy"] == versions().manifest(1).metrics["test"]["accuracy"]
