"""A model heals itself on local AWS: the schedule finds a loss, people get one message, and a version follows."""

import csv
import gzip
import io
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import onnxruntime
import pytest

from cli.stack import Stack
from localaws_testing.waiting import wait_until
from loop.tour.people import make_queue
from mlops.monitoring.incident import Incident
from mlops.records.layout import PREDICTION, day_prefix
from mlops.records.truths import Truth
from mlops.records.write import make_object
from mlops.registry.aliases import Alias, Aliases
from mlops.registry.store import open_store
from mlops.registry.versions import Versions
from tests.e2e.conftest import ROOT, running_loop

MODEL = "diagnosis"
pytestmark = pytest.mark.timeout(600)  # two trainings, on a machine that may be busy


@pytest.fixture(scope="module")
def stack(dataset: bytes) -> Iterator[Stack]:
    """A stack of its own, with one version of the model, in which the clock may be moved."""
    with running_loop("--no-dataset", "--no-mlflow") as loop:
        assert loop.put("first.csv", dataset, MODEL)["outcome"] == "promoted"
        yield loop.stack


def mlops(*words: str) -> Any:
    done = subprocess.run([ROOT / "scripts/mlops", *words, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def move_clock(duration: timedelta) -> None:
    port = boto3.client("s3").meta.endpoint_url.rpartition(":")[2]
    tool = Path(sys.executable).parent / "localaws"
    subprocess.run([tool, "tick", f"{duration.total_seconds():.0f}s", "--port", port], check=True, capture_output=True)


def subscribe(stack: Stack) -> str:
    """A queue that gets what people get; its URL."""
    topic = stack.outputs["AlarmTopicArn"]
    url, arn = make_queue("people", "sns.amazonaws.com", topic)
    boto3.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return url


def listen(pattern: dict[str, Any]) -> str:
    """A queue that gets the events of a pattern; its URL."""
    events = boto3.client("events")
    rule = events.put_rule(Name="monitoring", EventPattern=json.dumps(pattern))["RuleArn"]
    url, arn = make_queue("events", "events.amazonaws.com", rule)
    events.put_targets(Rule="monitoring", Targets=[{"Id": "queue", "Arn": arn}])
    return url


def receive(url: str) -> list[dict[str, Any]]:
    sqs, bodies = boto3.client("sqs"), []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            bodies.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return bodies


def is_clear(row: dict[str, str]) -> bool:
    """Whether the patient is no close call, so that a new version has a fair chance."""
    area = float(row["worst area"])
    return area > 900 if row[MODEL] == "malignant" else area < 650


def broken(dataset: bytes) -> list[dict[str, str]]:
    """Patients of two instruments, one of which gives the worst nuclei in other units since its software changed."""
    rows = [row for row in csv.DictReader(io.StringIO(dataset.decode())) if is_clear(row)]
    worst = [name for name in rows[0] if name.startswith("worst")]
    wrong = [{**row, **{name: str(float(row[name]) / 100) for name in worst}} for row in rows]
    return [wrong[place] if place % 2 else row for place, row in enumerate(rows)]


def serve(stack: Stack, day: date, rows: Sequence[dict[str, str]], version: int) -> None:
    """The records of a day's predictions by a version, as Firehose writes them, and their truth an hour later."""
    versions = Versions(open_store(f"s3://{stack.outputs['ModelsBucketName']}"), MODEL)
    manifest = versions.table(version)
    contract = manifest.contract
    cells = np.array([[float(row[name]) for name in contract.names] for row in rows])
    session = onnxruntime.InferenceSession(versions.read(manifest, "model.onnx"))
    (probabilities,) = session.run(["probabilities"], {"numbers": cells})
    noon = datetime.combine(day, time(12), UTC)
    lines, truths = [], []
    for place, (row, scores) in enumerate(zip(rows, probabilities.tolist(), strict=True)):
        stamp = f"{int(noon.timestamp() * 1000) + place:012x}"
        name = f"{stamp[:8]}-{stamp[8:]}-7000-8000-{place:012x}"
        label = contract.target.labels[scores[1] >= (manifest.threshold or 0.5)]
        line = {
            "record": "prediction",
            "model": MODEL,
            "timestamp": (noon + timedelta(milliseconds=place)).isoformat(timespec="milliseconds"),
            "model_version": version,
            "role": "champion",
            "latency_ms": 1.5,
            "prediction_id": name,
            "label": label,
            "probability": scores[contract.target.labels.index(label)],
            "probabilities": dict(zip(contract.target.labels, scores, strict=True)),
            "inputs": dict(zip(contract.names, cells[place].tolist(), strict=True)),
        }
        lines.append(json.dumps(line).encode() + b"\n")
        truths.append(Truth(name, row[MODEL], noon + timedelta(minutes=30)))
    bucket, made = stack.outputs["RecordsBucketName"], make_object(MODEL, truths, noon + timedelta(hours=1), "api")
    key = f"{day_prefix(PREDICTION, MODEL, day)}noon.json.gz"
    stack.s3.put_object(Bucket=bucket, Key=key, Body=gzip.compress(b"".join(lines)))
    stack.s3.put_object(Bucket=bucket, Key=made.key, Body=made.content)


def last_incident() -> Incident | None:
    found = mlops("monitor", "incidents", MODEL)
    return Incident.model_validate(found[-1]) if found else None


def champion(aliases: Aliases) -> Alias:
    found = aliases.read("champion")
    assert found
    return found


def set_schedule(state: str) -> None:
    scheduler = boto3.client("scheduler")
    (named,) = scheduler.list_schedules()["Schedules"]
    found = scheduler.get_schedule(Name=named["Name"])
    chosen = {
        name: found[name] for name in ("Name", "ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow")
    }
    scheduler.update_schedule(**chosen, Target=found["Target"], State=state)


@pytest.mark.usefixtures("calls_on_record")
def test_a_loss_is_found_told_once_and_healed_by_the_schedule_alone(stack: Stack, dataset: bytes) -> None:
    people, events = subscribe(stack), listen({"source": ["mlops.monitoring"]})
    aliases = Aliases(open_store(f"s3://{stack.outputs['ModelsBucketName']}"), MODEL)
    rows = broken(dataset)
    day = champion(aliases).history[0].at.date() + timedelta(days=1)
    serve(stack, day, rows[:300], 1)

    set_schedule("DISABLED")  # else each hour on the way would have a run of its own
    end = datetime.combine(day + timedelta(days=1), time(), UTC)
    move_clock(end + timedelta(minutes=1) - datetime.now(UTC))
    set_schedule("ENABLED")
    move_clock(timedelta(minutes=20))
    assert wait_until(lambda: last_incident() is not None, 120)
    incident = last_incident()
    assert incident
    assert (incident.id, incident.cause) == (f"{day}-v1", "realised loss")
    assert incident.loss
    assert incident.loss.now.value < incident.loss.trained.value

    assert wait_until(lambda: champion(aliases).version == 2, 180), last_incident()
    lineage = mlops("models", "lineage", MODEL, "2")
    assert lineage["dataset"]["incident"] == incident.id
    # Half of the day's rows are those of patients in the dataset, and stand there once.
    assert lineage["dataset"]["rows"] == 569 + 150

    serve(stack, day + timedelta(days=1), rows[300:], 2)
    result = mlops("monitor", "run", "--at", (end + timedelta(days=1, minutes=20)).isoformat())
    assert result["models"][0]["incident"] is None
    healed = last_incident()
    assert healed
    assert (healed.id, healed.status) == (incident.id, "recovered")
    assert healed.retraining
    assert (healed.retraining.outcome, healed.retraining.version) == ("promoted", 2)
    assert mlops("monitor", "status")[0]["status"] == "well"

    # The stack's alarms come by the same topic: that of silence, until there was a run.
    (message,) = [each for each in receive(people) if "AlarmName" not in each["Message"]]
    assert message["Subject"].startswith("diagnosis is degraded: ")
    assert "scripts/mlops models rollback diagnosis" in message["Message"]
    announced = [event["detail-type"] for event in receive(events)]
    assert [name for name in announced if name != "Model drifted"] == ["Model degraded", "Model recovered"]
    listed = stack.s3.list_objects_v2(Bucket=stack.outputs["DataBucketName"], Prefix=f"datasets/{MODEL}/incident-")
    keys = [each["Key"] for each in listed["Contents"]]
    assert [key for key in keys if key.endswith(".csv.gz")] == [f"datasets/{MODEL}/incident-{incident.id}.csv.gz"]
    page = stack.s3.get_object(Bucket=stack.outputs["RecordsBucketName"], Key=f"monitoring/{MODEL}/{day}/report.html")
    assert page["ContentType"] == "text/html; charset=utf-8"
