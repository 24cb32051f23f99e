"""Functions are killed and chunks fail: no row is lost or doubled, and a redrive scores what is left alone."""

import csv
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO, StringIO
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from localaws_testing.processes import descendants
from localaws_testing.waiting import wait_until
from tests.e2e.conftest import Loop, running_loop

CHUNKS, ROWS = 200, 10  # and rows of each
KILLED, FAILING = 20, 5
SECONDS = 600


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    """A loop of its own, whose functions are killed."""
    with running_loop("--no-mlflow") as found:
        yield found


class Killer:
    """Kills functions that score, one after each of so many chunks that were scored, drawn with a seed."""

    def __init__(self, loop: Loop, bucket: str, run: str) -> None:
        self.killed = 0
        self._loop, self._bucket, self._prefix = loop, bucket, f"runs/{run}/parts/"
        self._moments = sorted(Random(20).sample(range(CHUNKS * 3 // 4), KILLED))
        self._ended = Event()
        self._thread = Thread(target=self._kill)

    def __enter__(self) -> "Killer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _kill(self) -> None:
        for moment in self._moments:
            while self._scored() < moment or not self._kill_one():
                if self._ended.wait(0.05):
                    return
            self.killed += 1

    def _scored(self) -> int:
        return len(self._loop.stack.s3.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix).get("Contents", []))

    def _kill_one(self) -> bool:
        for number in processes(self._loop.started.process.pid, b"batch.handler"):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
                return True
        return False


def processes(root: int, word: bytes) -> list[int]:
    """The processes below another one that have a word in their command line."""
    found = []
    for number in descendants(root)[1:]:
        with suppress(OSError):
            if word in Path(f"/proc/{number}/cmdline").read_bytes():
                found.append(number)
    return found


@contextmanager
def denied(loop: Loop, bucket: str, chunks: list[int]) -> Iterator[None]:
    """The answers bucket takes no report of some chunks."""
    before = loop.stack.s3.get_bucket_policy(Bucket=bucket)["Policy"]
    policy = json.loads(before)
    keys = [f"arn:aws:s3:::{bucket}/runs/*/parts/{number:06d}.json" for number in chunks]
    policy["Statement"].append(
        {"Sid": "Broken", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": keys}
    )
    loop.stack.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    try:
        yield
    finally:
        loop.stack.s3.put_bucket_policy(Bucket=bucket, Policy=before)


class Runs:
    """Executions of the stack's state machine."""

    def __init__(self, loop: Loop) -> None:
        self.client: Any = boto3.client("stepfunctions")
        self._machine = loop.stack.outputs["BatchStateMachineArn"]

    def start(self, request: dict[str, Any]) -> str:
        found = self.client.start_execution(stateMachineArn=self._machine, input=json.dumps(request))
        return str(found["executionArn"])

    def describe(self, execution: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.describe_execution(executionArn=execution)
        return found

    def wait(self, execution: str) -> dict[str, Any]:
        assert wait_until(lambda: self.describe(execution)["status"] != "RUNNING", SECONDS)
        return self.describe(execution)

    def plan(self, execution: str) -> dict[str, Any]:
        """What the first step of an execution answered, once it has."""
        found: list[dict[str, Any]] = []

        def look() -> bool:
            events = self.client.get_execution_history(executionArn=execution)["events"]
            exited = [each["stateExitedEventDetails"] for each in events if "stateExitedEventDetails" in each]
            found.extend(json.loads(each["output"]) for each in exited if each["name"] == "Plan")
            return bool(found)

        assert wait_until(look, SECONDS)
        return found[0]

    def counts(self, execution: str) -> dict[str, int]:
        (run,) = self.client.list_map_runs(executionArn=execution)["mapRuns"]
        found: dict[str, int] = self.client.describe_map_run(mapRunArn=run["mapRunArn"])["itemCounts"]
        return found

    def retried(self, execution: str) -> int:
        """How many failures children had that were tried again."""
        (run,) = self.client.list_map_runs(executionArn=execution)["mapRuns"]
        pages = self.client.get_paginator("list_executions").paginate(mapRunArn=run["mapRunArn"])
        children = [each["executionArn"] for page in pages for each in page["executions"]]
        histories = [self.client.get_execution_history(executionArn=each)["events"] for each in children]
        return sum(event["type"] == "TaskFailed" for history in histories for event in history)


@pytest.fixture(scope="module")
def rows(loop: Loop, dataset: bytes) -> list[dict[str, float]]:
    """As many rows as the chunks have, all different."""
    contract = loop.api.get("/models/diagnosis").json()["contract"]
    names = [column["name"] for column in contract["columns"]]
    lines = [*csv.DictReader(StringIO(dataset.decode()))]
    found = []
    for number in range(CHUNKS * ROWS):
        row = {name: float(lines[number % len(lines)][name]) for name in names}
        found.append({**row, names[0]: row[names[0]] + number / 1e6})
    return found


def upload(loop: Loop, name: str, rows: list[dict[str, float]]) -> str:
    bucket = loop.stack.outputs["DataBucketName"]
    content = BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), content, row_group_size=ROWS)
    loop.stack.s3.put_object(Bucket=bucket, Key=f"batch/{name}", Body=content.getvalue())
    return f"s3://{bucket}/batch/{name}"


def read_manifest(loop: Loop, planned: dict[str, Any]) -> dict[str, Any]:
    bucket, _, key = planned["manifest"].removeprefix("s3://").partition("/")
    found: dict[str, Any] = json.load(loop.stack.s3.get_object(Bucket=bucket, Key=key)["Body"])
    return found


def check_answers(loop: Loop, planned: dict[str, Any], rows: list[dict[str, float]]) -> None:
    """Each row has its answer once, in its place, and it's that of /predict."""
    manifest = read_manifest(loop, planned)
    assert (manifest["rows"], manifest["answered"], manifest["chunks"]) == (len(rows), len(rows), CHUNKS)
    bucket, _, prefix = manifest["output"].removeprefix("s3://").partition("/")
    s3 = loop.stack.s3
    parts = [s3.get_object(Bucket=bucket, Key=prefix + part["name"])["Body"].read() for part in manifest["parts"]]
    answers = pa.concat_tables([pq.read_table(BytesIO(part)) for part in parts])
    assert answers["row"].to_pylist() == list(range(len(rows)))
    assert len({*answers["prediction_id"].to_pylist()}) == len(rows)
    predictions = loop.api.post("/predict", json={"rows": rows}).raise_for_status().json()["predictions"]
    assert answers["probabilities"].to_pylist() == [each["probabilities"] for each in predictions]
    records = loop.stack.outputs["RecordsBucketName"]
    place = f"records/kind=prediction/model=diagnosis/day={manifest['planned_at'][:10]}/batch-{planned['run']}"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=records, Prefix=place)
    assert sum(len(page.get("Contents", [])) for page in pages) == CHUNKS


def test_twenty_of_two_hundred_are_killed_and_five_fail_until_the_redrive(
    loop: Loop, rows: list[dict[str, float]]
) -> None:
    runs, answers = Runs(loop), loop.stack.outputs["AnswersBucketName"]
    broken = sorted(Random(5).sample(range(CHUNKS), FAILING))
    request = {"model": "diagnosis", "input": upload(loop, "killed.parquet", rows), "chunk_rows": ROWS}
    with denied(loop, answers, broken):
        first = runs.start(request)
        planned = runs.plan(first)
        assert planned["chunks"] == planned["todo_chunks"] == CHUNKS
        with Killer(loop, answers, planned["run"]) as killer:
            ended = runs.wait(first)
        assert killer.killed == KILLED
        # Five of two hundred are tolerated, so all others went on; but the run isn't whole.
        assert runs.counts(first)["failed"] == FAILING
        assert runs.counts(first)["succeeded"] == CHUNKS - FAILING
        assert (ended["status"], ended["error"]) == ("FAILED", "BatchIncomplete")
        assert f"{FAILING} of {CHUNKS} chunks" in ended["cause"]
        assert runs.retried(first) >= 4 * FAILING  # a chunk that fails is tried four times
        with pytest.raises(loop.stack.s3.exceptions.NoSuchKey):
            read_manifest(loop, planned)
    again = runs.start(request)
    assert runs.wait(again)["status"] == "SUCCEEDED"
    assert runs.plan(again)["todo_chunks"] == runs.counts(again)["succeeded"] == FAILING
    check_answers(loop, planned, rows)


@pytest.mark.usefixtures("calls_on_record")
def test_more_failures_than_are_tolerated_stop_the_run_and_the_redrive_scores_the_rest(
    loop: Loop, rows: list[dict[str, float]]
) -> None:
    runs, answers = Runs(loop), loop.stack.outputs["AnswersBucketName"]
    broken = sorted(Random(6).sample(range(CHUNKS), FAILING))
    request = {
        "model": "diagnosis",
        "input": upload(loop, "stopped.parquet", rows),
        "chunk_rows": ROWS,
        "tolerated_failure_percentage": 1,
    }
    with denied(loop, answers, broken):
        execution = runs.start(request)
        ended = runs.wait(execution)
        assert (ended["status"], ended["error"]) == ("FAILED", "States.ExceedToleratedFailureThreshold")
        before = runs.counts(execution)
        assert before["failed"] > CHUNKS / 100
    planned = runs.plan(execution)
    runs.client.redrive_execution(executionArn=execution)
    ended = runs.wait(execution)
    assert (ended["status"], ended["redriveCount"]) == ("SUCCEEDED", 1)
    assert runs.counts(execution)["succeeded"] == CHUNKS
    check_answers(loop, planned, rows)
