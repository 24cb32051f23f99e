"""Batches as the state machine has them: started, looked up by name, how far they are, redriven."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

import obstore

from mlops.batch.layout import report_key, run_prefix
from mlops.errors.operations import BatchNotFound, BatchUnfinished, RedriveRefused
from mlops.operations.history import History
from mlops.registry.store import Store

_ENDED_HERE = ("FAILED", "TIMED_OUT", "ABORTED")
RUNNING = "RUNNING"
INCOMPLETE = "BatchIncomplete"
SUBJECT = "batches"
"""Of the history."""


@dataclass(frozen=True)
class Batch:
    """An execution of the state machine. `error` and `reason` are why it failed."""

    name: str
    arn: str
    status: str
    request: Mapping[str, Any]
    started: datetime
    ended: datetime | None = None
    error: str | None = None
    reason: str | None = None

    @property
    def failed(self) -> bool:
        """Whether it ended without a manifest."""
        return self.status in _ENDED_HERE


@dataclass(frozen=True)
class Batches:
    """The batches of a state machine, through boto3's client of Step Functions; `answers` is the bucket of answers.

    Batches are named after the time of their start by `now`.
    """

    client: Any
    machine: str
    answers: Store
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def start(self, request: Mapping[str, Any]) -> str:
        """Start a batch; returns its name."""
        name = f"{request['model']}-{self.now():%Y%m%d-%H%M%S}-{token_hex(2)}"
        self.client.start_execution(stateMachineArn=self.machine, name=name, input=json.dumps(request))
        return name

    def find(self, name: str) -> Batch:
        """A batch by its name. Raises BatchNotFound."""
        arn = f"{self.machine.replace(':stateMachine:', ':execution:')}:{name}"
        try:
            found = self.client.describe_execution(executionArn=arn)
        except self.client.exceptions.ExecutionDoesNotExist:
            raise BatchNotFound(name) from None
        error = found.get("error")
        return Batch(
            name=name,
            arn=arn,
            status=found["status"],
            request=json.loads(found["input"]),
            started=found["startDate"],
            ended=found.get("stopDate"),
            error=error,
            reason=_explain(error, found.get("cause")),
        )

    def names(self, count: int) -> list[str]:
        """The names of the batches that were started last."""
        found = self.client.list_executions(stateMachineArn=self.machine, maxResults=count)["executions"]
        return [each["name"] for each in found]

    def last(self, count: int) -> list[Batch]:
        """The batches that were started last."""
        return [self.find(name) for name in self.names(count)]

    def plan_of(self, batch: Batch) -> Mapping[str, Any] | None:
        """What the batch's first step answered; None if it didn't."""
        pages = self.client.get_paginator("get_execution_history").paginate(executionArn=batch.arn)
        for page in pages:
            for event in page["events"]:
                exited = event.get("stateExitedEventDetails", {})
                if exited.get("name") == "Plan":
                    planned: dict[str, Any] = json.loads(exited["output"])
                    return planned
        return None

    def count_chunks(self, batch: Batch) -> Mapping[str, int]:
        """How many chunks are in which state, as DescribeMapRun has it; empty before they're started."""
        runs = self.client.list_map_runs(executionArn=batch.arn)["mapRuns"]
        if not runs:
            return {}
        counts: dict[str, int] = self.client.describe_map_run(mapRunArn=runs[-1]["mapRunArn"])["itemCounts"]
        return counts

    def failures(self, planned: Mapping[str, Any] | None) -> list[str]:
        """Why chunks of a planned batch have no answers, each reason once, as their functions left it."""
        if planned is None:
            return []
        prefix = run_prefix(planned["run"])
        found = [json.loads(bytes(obstore.get(self.answers, key).bytes())) for key in self._keys(f"{prefix}failures/")]
        scored = self._keys(f"{prefix}parts/")
        left = [each for each in found if report_key(planned["run"], each["chunk"]) not in scored]
        return [*dict.fromkeys(each["reason"] for each in left)]

    def redrive(self, batch: Batch) -> str:
        """Score what a failed batch has no answers for; returns the name of the batch that does it.

        An execution whose chunks failed goes on with these alone. One that failed at the end starts again: its chunks
        were tolerated, and Step Functions would only repeat the end.
        """
        if batch.error != INCOMPLETE:
            try:
                self.client.redrive_execution(executionArn=batch.arn)
                return batch.name
            except self.client.exceptions.ExecutionNotRedrivable:
                pass  # it's too old for it, and the run's state is in the answers bucket
        return self.start(batch.request)

    def manifest(self, batch: Batch, planned: Mapping[str, Any] | None) -> dict[str, Any]:
        """The manifest of a planned batch. Raises BatchUnfinished if it has none."""
        if planned is not None:
            key = planned["manifest"].removeprefix(f"s3://{planned['bucket']}/")
            try:
                found: dict[str, Any] = json.loads(bytes(obstore.get(self.answers, key).bytes()))
                return found
            except FileNotFoundError:
                pass
        raise BatchUnfinished(batch.name, batch.status, batch.reason)

    def _keys(self, prefix: str) -> set[str]:
        return {each["path"] for page in obstore.list(self.answers, prefix) for each in page}


def redrive_batch(batches: Batches, history: History, name: str, *, by: str, why: str, seen: int | None = None) -> str:
    """Redrive a batch and record who wanted it and why; returns the name of the batch that scores the rest.

    `seen` is how many redrives of it were seen. Raises BatchNotFound, RedriveRefused and RedriveOvertaken.
    """
    batch = batches.find(name)
    if not batch.failed:
        raise RedriveRefused(name, f"Batch {name} is {batch.status}; one that failed can be redriven.")
    return history.redrive(f"{SUBJECT}/{name}", lambda: batches.redrive(batch), by=by, why=why, seen=seen).what


def describe_counts(counts: Mapping[str, int]) -> str:
    """How far the chunks are."""
    failed = counts["failed"] + counts["timedOut"] + counts["aborted"]
    more = f", {failed:,} failed" if failed else ""
    return f"{counts['succeeded']:,} of {counts['total']:,} chunks scored, {counts['running']:,} in work{more}"


def _explain(error: str | None, cause: str | None) -> str | None:
    """The message of a function's error, or of Step Functions' own."""
    if error is None:
        return None
    try:
        message = json.loads(cause or "")["errorMessage"]
    except (ValueError, KeyError, TypeError):
        message = f"{error}: {cause}" if cause else error
    return str(message)
