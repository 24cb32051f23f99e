"""Where the contract is tested: local AWS, `sam local`, or a stage that is deployed on AWS."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import httpx

from cli.aws_clock import find_lead
from tests.loops import put_dataset, stack_outputs

LABELS = ("benign", "malignant")
# Lines are written after the time was taken.
AHEAD_SECONDS = 60


@dataclass(frozen=True)
class Target:
    """One place: its API, clients of its AWS, and what of AWS it can't do.

    `unready` is an answer to a prediction from before there was a model, where that could be had. `lacks` names, in the
    words of docs/sam-local.md, the limits that the place doesn't keep.
    """

    name: str
    stack: str
    api: httpx.Client
    clients: Callable[[str], Any]
    patience: float
    unready: httpx.Response | None = None
    lacks: frozenset[str] = frozenset()

    @cached_property
    def outputs(self) -> dict[str, str]:
        return stack_outputs(self.clients("cloudformation"), self.stack)

    @cached_property
    def row(self) -> dict[str, Any]:
        """One good row, the one that the API's own documentation shows."""
        document = self.api.get("/openapi.json").json()
        body = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["example"]
        example: dict[str, Any] = body["rows"][0]
        return example

    def put(self, name: str, content: bytes) -> dict[str, Any]:
        """Upload a dataset, and return its report."""
        return put_dataset(self.clients("s3"), self.outputs["DataBucketName"], name, content, self.patience)

    def query(self, text: str, *groups: str) -> list[dict[str, str]]:
        """The rows that Logs Insights answers, once there are any, or none when the time is up."""
        logs = self.clients("logs")
        answer = logs.describe_query_definitions(maxResults=1)
        lead = find_lead(answer["ResponseMetadata"]["HTTPHeaders"], datetime.now(UTC)).total_seconds()
        end = time.monotonic() + self.patience / 4
        while True:
            now = int(time.time() + lead)
            query = logs.start_query(
                logGroupNames=list(groups),
                startTime=now - 3600,
                endTime=now + AHEAD_SECONDS,
                queryString=text,
                limit=1000,
            )["queryId"]
            while (answer := logs.get_query_results(queryId=query))["status"] in ("Scheduled", "Running"):
                time.sleep(0.2)
            assert answer["status"] == "Complete", answer
            rows = [{cell["field"]: cell["value"] for cell in row} for row in answer["results"]]
            if rows or time.monotonic() > end:
                return rows
            time.sleep(0.5)

    def filtered(self, group: str, pattern: str) -> list[Any]:
        """The JSON records that a filter pattern finds, once there are any, or none when the time is up."""
        end = time.monotonic() + self.patience / 4
        while True:
            found = self.clients("logs").filter_log_events(logGroupName=group, filterPattern=pattern)["events"]
            if found or time.monotonic() > end:
                return [json.loads(event["message"]) for event in found]
            time.sleep(0.5)
