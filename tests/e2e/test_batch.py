"""Files of rows become files of answers, on local AWS by the commands that people use."""

import csv
import json
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from localaws_testing.waiting import wait_until
from mlops.records.find import find_prediction
from mlops.registry.store import open_store
from tests.e2e.conftest import ROOT, Loop


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ROOT / "scripts/mlops", "batch", *words], capture_output=True, text=True, check=False)


def batch(*words: str) -> Any:
    done = command(*words, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def make_table(dataset: bytes, columns: Sequence[str]) -> pa.Table:
    """The dataset's inputs as numbers, with a number of their own for each row."""
    rows = [*csv.DictReader(StringIO(dataset.decode()))]
    inputs = {name: [float(row[name]) for row in rows] for name in columns}
    return pa.table({"patient": list(range(1000, 1000 + len(rows))), **inputs})


@pytest.fixture(scope="module")
def table(loop: Loop, dataset: bytes) -> pa.Table:
    contract = loop.api.get("/models/diagnosis").json()["contract"]
    return make_table(dataset, [column["name"] for column in contract["columns"]])


def answers_of(loop: Loop, manifest: dict[str, Any]) -> pa.Table:
    bucket, _, prefix = manifest["output"].removeprefix("s3://").partition("/")
    bodies = [
        loop.stack.s3.get_object(Bucket=bucket, Key=prefix + part["name"])["Body"].read() for part in manifest["parts"]
    ]
    return pa.concat_tables([pq.read_table(BytesIO(body)) for body in bodies])


@pytest.mark.usefixtures("calls_on_record")
def test_a_file_is_answered_as_predict_answers_it_and_the_answers_can_be_fetched(
    loop: Loop, table: pa.Table, tmp_path: Path
) -> None:
    pq.write_table(table, tmp_path / "patients.parquet", row_group_size=100)
    manifest = batch("run", "diagnosis", str(tmp_path / "patients.parquet"), "--key", "patient", "--explain")
    assert manifest["answered"] == manifest["rows"] == table.num_rows
    answers = answers_of(loop, manifest)
    rows = table.drop_columns(["patient"]).to_pylist()
    expected = loop.api.post("/predict", json={"rows": rows}).raise_for_status().json()
    assert manifest["version"] == expected["version"]
    assert answers["probabilities"].to_pylist() == [each["probabilities"] for each in expected["predictions"]]
    assert answers["label"].to_pylist() == [each["label"] for each in expected["predictions"]]
    assert answers["patient"].to_pylist() == table["patient"].to_pylist()
    asked = loop.api.post("/predict", params={"explain": "true"}, json={"rows": rows[:5]}).raise_for_status().json()
    found = answers.slice(0, 5)
    assert found["contributions"].to_pylist() == [each["explanation"]["contributions"] for each in asked["predictions"]]

    status = batch("status", manifest["batch"])
    assert (status["status"], status["plan"]["run"]) == ("SUCCEEDED", manifest["run"])
    assert status["chunks"]["succeeded"] == status["plan"]["todo_chunks"] == manifest["chunks"]
    assert manifest["batch"] in {each["batch"] for each in batch("status")}
    fetched = batch("results", manifest["batch"], "--to", str(tmp_path / "answers"))["fetched"]
    assert sum(pq.read_metadata(each).num_rows for each in fetched) == table.num_rows
    shown = command("results", manifest["batch"])
    assert f"{table.num_rows} of {table.num_rows} rows answered" in shown.stdout

    # Monitoring and feedback find the predictions as they find the API's.
    records = open_store(f"s3://{loop.stack.outputs['RecordsBucketName']}")
    record = find_prediction(records, answers["prediction_id"][3].as_py())
    assert record is not None
    assert (record["batch_run"], record["inputs"]) == (manifest["run"], rows[3])

    again = batch("run", "diagnosis", str(tmp_path / "patients.parquet"), "--key", "patient", "--explain")
    assert again == {**manifest, "batch": again["batch"]}


def test_what_cant_be_predicted_ends_clearly_and_writes_nothing(loop: Loop, table: pa.Table, tmp_path: Path) -> None:
    place = f"s3://{loop.stack.outputs['DataBucketName']}/batch/nothing/"
    done = command("run", "diagnosis", place)
    assert done.returncode == 1
    assert "there is nothing to predict" in done.stderr
    pq.write_table(table.drop_columns(["mean radius"]), tmp_path / "other.parquet")
    done = command("run", "diagnosis", str(tmp_path / "other.parquet"))
    assert done.returncode == 1
    assert "lacks mean radius" in done.stderr
    outside = command("run", "diagnosis", str(tmp_path / "other.parquet"), "--output", "s3://another-bucket/x/")
    assert "answers can be written to" in outside.stderr


def test_a_batch_that_fails_sets_off_its_alarm(loop: Loop) -> None:
    cloudwatch, port = boto3.client("cloudwatch"), str(loop.started.ports["port"])
    (name,) = [
        alarm["AlarmName"]
        for page in cloudwatch.get_paginator("describe_alarms").paginate()
        for alarm in page["MetricAlarms"]
        if alarm["AlarmName"].endswith("-batches-failed")
    ]

    def state() -> str:
        # A minute at a time: an alarm of five minutes is on for a few of them only.
        subprocess.run([ROOT / ".venv/bin/localaws", "tick", "1m", "--port", port], check=True, capture_output=True)
        return str(cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"])

    assert wait_until(lambda: state() == "OK", 60)
    place = f"s3://{loop.stack.outputs['DataBucketName']}/batch/nothing/"
    assert command("run", "diagnosis", place).returncode == 1
    assert wait_until(lambda: state() == "ALARM", 60)


def test_schedules_are_made_listed_and_deleted(loop: Loop) -> None:
    bucket = loop.stack.outputs["DataBucketName"]
    done = command("schedule", "nightly", "diagnosis", f"s3://{bucket}/batch/{{date}}/", "--when", "cron(0 3 * * ? *)")
    assert done.returncode == 0, done.stderr
    (found,) = batch("schedules")
    assert datetime.fromisoformat(found.pop("next_run")).hour == 3
    assert found == {
        "schedule": "nightly",
        "model": "diagnosis",
        "input": f"s3://{bucket}/batch/{{date}}/",
        "when": "cron(0 3 * * ? *)",
        "timezone": "UTC",
        "state": "enabled",
    }
    assert command("unschedule", "nightly").returncode == 0
    assert batch("schedules") == []


@pytest.mark.usefixtures("calls_on_record")
def test_a_schedule_predicts_the_files_of_its_day(loop: Loop, table: pa.Table) -> None:
    bucket = loop.stack.outputs["DataBucketName"]
    source = f"s3://{bucket}/batch/scheduled/{{date}}/"
    content = BytesIO()
    pq.write_table(table, content)
    now = datetime.now(UTC)
    for day in (now, now + timedelta(days=1)):  # local AWS's clock may be past midnight
        key = f"batch/scheduled/{day:%Y-%m-%d}/patients.parquet"
        loop.stack.s3.put_object(Bucket=bucket, Key=key, Body=content.getvalue())
    # A rate begins at once.
    done = command("schedule", "daily", "diagnosis", source, "--when", "rate(1 day)")
    assert done.returncode == 0, done.stderr
    try:
        assert wait_until(lambda: any(each["input"] == source for each in batch("status")), 60)
        (started,) = [each["batch"] for each in batch("status") if each["input"] == source]
        assert wait_until(lambda: batch("status", started)["status"] != "RUNNING", 120)
    finally:
        assert command("unschedule", "daily").returncode == 0
    status = batch("status", started)
    assert status["status"] == "SUCCEEDED", status
    assert f"{table.num_rows} of {table.num_rows} rows answered" in command("results", started).stdout
