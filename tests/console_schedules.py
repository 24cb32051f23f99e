"""The schedules that a console shows: a fake of EventBridge Scheduler, which has monitoring's own at first."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from mlops.operations.schedules import DEFAULT_GROUP

BATCHES, MONITOR = "mlops-batch", "mlops-monitor"
MADE = datetime(2026, 11, 1, tzinfo=UTC)


class FakeScheduler:
    """The operations of boto3's client that schedules need, by group and name; `failing` makes every one fail."""

    class _ResourceNotFoundError(Exception):
        pass

    def __init__(self) -> None:
        self.schedules: dict[tuple[str, str], dict[str, Any]] = {}
        self.failing = False
        self.exceptions = SimpleNamespace(ResourceNotFoundException=self._ResourceNotFoundError)
        self.add(MONITOR, "cron(20 * * * ? *)", group=DEFAULT_GROUP)

    def add(
        self,
        name: str,
        expression: str,
        *,
        model: str | None = None,
        source: str = "s3://data/batch/{date}/",
        group: str = BATCHES,
        **more: Any,
    ) -> None:
        """Make a schedule, of a model's batches if it's named."""
        given = {"model": model, "input": source, "time": "<aws.scheduler.scheduled-time>"} if model else {}
        self.schedules[group, name] = {
            "Name": name,
            "GroupName": group,
            "ScheduleExpression": expression,
            "ScheduleExpressionTimezone": "UTC",
            "State": "ENABLED",
            "CreationDate": MADE,
            "LastModificationDate": MADE,
            "Target": {"Input": json.dumps(given)},
            **more,
        }

    def get_paginator(self, operation: str) -> "FakeScheduler":
        assert operation == "list_schedules"
        return self

    def paginate(self, *, GroupName: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        self._check()
        found = [{"Name": name} for group, name in self.schedules if group == GroupName]
        yield from ({"Schedules": found[place : place + 2]} for place in range(0, max(1, len(found)), 2))

    def get_schedule(self, *, Name: str, GroupName: str) -> dict[str, Any]:  # noqa: N803
        self._check()
        if (GroupName, Name) not in self.schedules:
            raise self._ResourceNotFoundError
        return self.schedules[GroupName, Name]

    def _check(self) -> None:
        if self.failing:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "no"}}, "Operation")
