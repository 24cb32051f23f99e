"""What a console's pages of trainings, batches and queues look at: a bucket of datasets, and fakes of two services."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import obstore
from botocore.exceptions import ClientError
from obstore.store import MemoryStore

from mlops.console.readers.batches import BatchReader
from mlops.console.readers.cache import Cache
from mlops.console.readers.operations import Operations
from mlops.console.readers.queues import QueueReader
from mlops.console.readers.trainings import Trainings
from mlops.operations.batches import Batches
from mlops.operations.history import History
from mlops.operations.queues import Queues, list_places

URLS = {
    f"{name}{end}Url": f"https://sqs.test/123456789012/mlops-{name}{end}"
    for name in ("Train", "Ingest", "Monitor")
    for end in ("Queue", "DeadLetters")
}
TRAIN, TRAIN_DEAD, MONITOR_DEAD = URLS["TrainQueueUrl"], URLS["TrainDeadLettersUrl"], URLS["MonitorDeadLettersUrl"]
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:mlops-batch"


@dataclass
class OperationsWorld:
    """The datasets, queues and batches that a console's pages show; a training is tried three times."""

    data: MemoryStore = field(default_factory=MemoryStore)
    answers: MemoryStore = field(default_factory=MemoryStore)
    sqs: "FakeSqs" = field(default_factory=lambda: FakeSqs())
    machine: "FakeStepFunctions" = field(default_factory=lambda: FakeStepFunctions())

    def open(self, cache: Cache, records: MemoryStore, now: Callable[[], datetime]) -> Operations:
        """The readers of a console."""
        pool, history = ThreadPoolExecutor(4), History(records, now)
        queues = Queues(list_places(URLS), self.sqs, FakeAges(), now)
        batches = Batches(self.machine, MACHINE, self.answers)
        return Operations(
            trainings=Trainings(self.data, cache, pool, now, 3, 60),
            batches=BatchReader(batches, history, cache, pool),
            queues=QueueReader(queues, history, cache),
        )

    def add_training(
        self,
        key: str,
        now: datetime,
        *,
        steps: Sequence[str] = ("fetch the dataset and the spec",),
        state: str = "running",
        attempt: int = 1,
        reason: str | None = None,
        report: Mapping[str, Any] | None = None,
    ) -> None:
        """A dataset that is trained on, a step every ten seconds until now; with a report it has ended."""
        obstore.put(self.data, key, b"a,b\n")
        began = now - timedelta(seconds=10 * len(steps))
        entries = [
            {"step": step, "at": (began + timedelta(seconds=10 * place)).isoformat()}
            for place, step in enumerate(steps)
        ]
        progress = {
            "s3_version": "v1",
            "state": "ended" if report else state,
            "attempt": attempt,
            "began_at": began.isoformat(),
            "at": entries[-1]["at"] if entries else began.isoformat(),
            "steps": entries,
            "reason": reason,
            "memory_mb": 412,
            "memory_limit_mb": 3008,
            "seconds_left": 640.0,
        }
        obstore.put(self.data, f"{key}.progress.json", json.dumps(progress).encode())
        if report:
            document = {"s3_version": "v1", "checked_at": now.isoformat(), **report}
            obstore.put(self.data, f"{key}.report.json", json.dumps(document).encode())

    def add_batch(
        self,
        name: str,
        now: datetime,
        *,
        status: str = "SUCCEEDED",
        chunks: Mapping[str, int] | None = None,
        error: str | None = None,
        cause: str | None = None,
        failures: Sequence[str] = (),
        manifest: Mapping[str, Any] | None = None,
        request: Mapping[str, Any] | None = None,
    ) -> None:
        """A batch of churn of ten chunks. One that succeeded has a manifest, whose fields `manifest` may replace."""
        run = f"run-of-{len(self.machine.executions)}"
        asked = {"model": "churn", "input": "s3://data/batch/churn/", **(request or {})}
        output = f"answers/model=churn/day=2026-11-29/run={run}/"
        place = f"s3://answers/{output}_manifest.json"
        planned = {"run": run, "version": 4, "bucket": "answers", "manifest": place, "chunks": 10}
        states = ("pending", "running", "succeeded", "failed", "timedOut", "aborted")
        counts = {**dict.fromkeys(states, 0), "total": 10, **(chunks or {"succeeded": 10})}
        self.machine.executions[name] = Execution(
            name, json.dumps(asked), status, now - timedelta(minutes=4), now, error, cause, planned, counts
        )
        for number, reason in enumerate(failures):
            content = json.dumps({"chunk": number, "reason": reason}).encode()
            obstore.put(self.answers, f"runs/{run}/failures/{number:06d}.json", content)
        if status == "SUCCEEDED":
            content = json.dumps({**make_manifest(run, output), **(manifest or {})}).encode()
            obstore.put(self.answers, f"{output}_manifest.json", content)


def make_manifest(run: str, output: str) -> dict[str, Any]:
    """What a batch did: 100,000 rows of two files, of which 31 broke the contract."""
    message = "'age' is -4; it must be at least 0"
    return {
        "run": run,
        "model": "churn",
        "version": 4,
        "role": "champion",
        "champion_at_end": 4,
        "rows": 100_000,
        "answered": 99_969,
        "labels": {"stays": 90_000, "leaves": 9_969},
        "rejected": {
            "rows": 31,
            "reasons": {"minimum": 30, "type": 1},
            "examples": [{"file": "s3://data/batch/churn/a.csv", "row": 12, "message": message}],
            "all": f"s3://answers/{output}_rejected/",
        },
        "output": f"s3://answers/{output}",
        "parts": [{"name": f"part-{number:06d}.parquet"} for number in range(10)],
        "inputs": [{"uri": "s3://data/batch/churn/a.csv"}, {"uri": "s3://data/batch/churn/b.csv"}],
        "records": 9_997,
        "chunks": 10,
        "function_seconds": 12.5,
    }


@dataclass
class Execution:
    """An execution of the state machine."""

    name: str
    input: str
    status: str
    started: datetime
    stopped: datetime
    error: str | None
    cause: str | None
    planned: Mapping[str, Any]
    counts: Mapping[str, int]


class FakeStepFunctions:
    """The operations of boto3's client that batches need; the newest execution is the one that was added last."""

    class _NoSuchExecutionError(Exception):
        pass

    class _NotRedrivableError(Exception):
        pass

    def __init__(self) -> None:
        self.executions: dict[str, Execution] = {}
        self.failing = False
        self.redriven: list[str] = []
        self.exceptions = SimpleNamespace(
            ExecutionDoesNotExist=self._NoSuchExecutionError, ExecutionNotRedrivable=self._NotRedrivableError
        )

    def list_executions(self, *, stateMachineArn: str, maxResults: int) -> dict[str, Any]:  # noqa: N803
        assert stateMachineArn == MACHINE
        if self.failing:
            raise _refusal("ThrottlingException")
        return {"executions": [{"name": name} for name in list(self.executions)[::-1][:maxResults]]}

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803
        found = self._find(executionArn)
        ended = {} if found.status == "RUNNING" else {"stopDate": found.stopped}
        reasons = {"error": found.error, "cause": found.cause} if found.error else {}
        return {"status": found.status, "input": found.input, "startDate": found.started, **ended, **reasons}

    def get_paginator(self, operation: str) -> Any:
        assert operation == "get_execution_history"
        return self

    def paginate(self, *, executionArn: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        planned = json.dumps(self._find(executionArn).planned)
        yield {"events": [{"id": 1}, {"stateExitedEventDetails": {"name": "Plan", "output": planned}}]}

    def list_map_runs(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803
        return {"mapRuns": [{"mapRunArn": executionArn}]}

    def describe_map_run(self, *, mapRunArn: str) -> dict[str, Any]:  # noqa: N803
        return {"itemCounts": self._find(mapRunArn).counts}

    def redrive_execution(self, *, executionArn: str) -> None:  # noqa: N803
        found = self._find(executionArn)
        found.status = "RUNNING"
        self.redriven.append(found.name)

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> None:  # noqa: A002, N803
        assert stateMachineArn == MACHINE
        now = datetime.now(UTC)
        self.executions[name] = Execution(name, input, "RUNNING", now, now, None, None, {}, {})

    def _find(self, arn: str) -> Execution:
        name = arn.rpartition(":")[2]
        if name not in self.executions:
            raise self._NoSuchExecutionError
        return self.executions[name]


class FakeSqs:
    """The operations of boto3's client that queues need, on lists; a move is done at once, unless it's `slow`."""

    class _UnsupportedOperationError(Exception):
        pass

    def __init__(self) -> None:
        self.messages: dict[str, list[dict[str, Any]]] = {url: [] for url in URLS.values()}
        self.tasks: list[dict[str, Any]] = []
        self.failing = self.slow = False
        self.exceptions = SimpleNamespace(UnsupportedOperation=self._UnsupportedOperationError)

    def add(self, url: str, body: Any, sent: datetime, attributes: Mapping[str, str] | None = None) -> None:
        """Put a message into a queue."""
        found = {name: {"StringValue": value, "DataType": "String"} for name, value in (attributes or {}).items()}
        self.messages[url].append(
            {
                "MessageId": f"message-{len(self.messages[url])}",
                "Body": body if isinstance(body, str) else json.dumps(body),
                "Attributes": {"SentTimestamp": f"{sent.timestamp() * 1000:.0f}", "ApproximateReceiveCount": "3"},
                "MessageAttributes": found,
            }
        )

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: Sequence[str]) -> dict[str, Any]:  # noqa: N803
        if self.failing:
            raise _refusal("InternalError")
        values = dict.fromkeys(AttributeNames, "0")
        values["ApproximateNumberOfMessages"] = str(len(self.messages[QueueUrl]))
        values["QueueArn"] = QueueUrl
        return {"Attributes": {name: values[name] for name in AttributeNames}}

    def receive_message(self, *, QueueUrl: str, MaxNumberOfMessages: int, **options: Any) -> dict[str, Any]:  # noqa: N803
        assert options["VisibilityTimeout"] == 0, "a look must not hide messages"
        return {"Messages": self.messages[QueueUrl][:MaxNumberOfMessages]}

    def list_message_move_tasks(self, *, SourceArn: str, MaxResults: int) -> dict[str, Any]:  # noqa: N803
        found = [each for each in self.tasks if each["SourceArn"] == SourceArn]
        return {"Results": found[::-1][:MaxResults]}

    def start_message_move_task(self, *, SourceArn: str, DestinationArn: str) -> None:  # noqa: N803
        if any(each["Status"] == "RUNNING" for each in self.tasks):
            raise self._UnsupportedOperationError("There is already a task running.")
        moved = self.messages[SourceArn]
        task = {"SourceArn": SourceArn, "StartedTimestamp": 1_796_000_000_000, "Status": "RUNNING"}
        self.tasks.append({**task, "ApproximateNumberOfMessagesToMove": len(moved)})
        if not self.slow:
            self.messages[DestinationArn] += moved
            self.messages[SourceArn] = []
            self.tasks[-1] |= {"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": len(moved)}


class FakeAges:
    """CloudWatch, for which the oldest message of each queue is 75 seconds old."""

    def get_metric_data(self, *, MetricDataQueries: Sequence[Any], **_: Any) -> dict[str, Any]:  # noqa: N803
        return {"MetricDataResults": [{"Label": each["Label"], "Values": [75.0]} for each in MetricDataQueries]}


def upload(key: str, bucket: str = "data") -> dict[str, Any]:
    """The event of an upload, as EventBridge sends it."""
    return {"source": "aws.s3", "detail": {"bucket": {"name": bucket}, "object": {"key": key}}}


def _refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Operation")


_BEST = "best so far: random-forest, 0.9903"
TRIALS = (
    "search among logistic-regression, random-forest on 455 rows",
    "trial 1 of at most 20: logistic-regression, its own parameters: roc_auc 0.9812",
    f"trial 2 of at most 20: random-forest, n_estimators=100, max_depth=8: roc_auc 0.9903; {_BEST}",
    f"trial 3 of at most 20: random-forest, n_estimators=20: roc_auc 0.9011, pruned after 2 folds; {_BEST}",
    f"trial 4 of at most 20: naive-bayes, its own parameters: it failed with ValueError: negative values; {_BEST}",
)


def fill_operations(world: OperationsWorld, now: datetime) -> None:
    """Trainings that run, wait, failed and ended; batches of each kind; and two dead letters of trainings."""
    world.add_training("datasets/churn/2026-11.csv", now, steps=TRIALS)
    reason = "ClientError: SlowDown"
    world.add_training("datasets/diagnosis/late.csv", now, state="retrying", attempt=2, reason=reason)
    obstore.put(world.data, "datasets/churn/queued.csv", b"a,b\n")
    reports = {
        "promoted": {"outcome": "promoted", "reason": "version 4 passed its gates and is champion now", "version": 4},
        "refused": {"outcome": "refused", "reason": "version 2 failed its gates: roc_auc is worse", "version": 2},
        "rejected": {
            "outcome": "rejected",
            "reason": "the column 'age' is missing",
            "violation_count": 3,
            "rejected": "s3://data/rejected/churn/rejected.csv.jsonl",
        },
    }
    for name, report in reports.items():
        world.add_training(f"datasets/churn/{name}.csv", now, steps=TRIALS, report=report)
    world.add_batch("churn-done", now)
    chunk, cause = "the model's file is gone", json.dumps({"errorMessage": "2 of 10 chunks have no answers"})
    world.add_batch(
        "churn-failed", now, status="FAILED", error="BatchIncomplete", cause=cause, failures=(chunk,),
        chunks={"succeeded": 8, "failed": 2},
    )  # fmt: skip
    world.add_batch("churn-running", now, status="RUNNING", chunks={"succeeded": 3, "running": 4})
    for name in ("broken", "late"):
        world.sqs.add(TRAIN_DEAD, upload(f"datasets/diagnosis/{name}.csv"), now - timedelta(hours=5))
    world.sqs.add(TRAIN, upload("datasets/churn/queued.csv"), now)
