"""The schedules of a stack, as EventBridge Scheduler has them: of batches, and of monitoring."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mlops.operations.schedule_times import ExpressionInvalid, next_run

ENABLED = "ENABLED"
DEFAULT_GROUP = "default"
"""The group of schedules that name none."""


@dataclass(frozen=True)
class Schedule:
    """A schedule: when it runs, in the time zone of `timezone`, and `request`, what it gives to its target.

    It runs from `start` until `end`, where it has them; a rate counts from `since`.
    """

    name: str
    expression: str
    timezone: str
    state: str
    request: Mapping[str, Any]
    since: datetime
    start: datetime | None = None
    end: datetime | None = None

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> "Schedule":
        """A schedule as GetSchedule answers."""
        start = found.get("StartDate")
        return cls(
            name=found["Name"],
            expression=found["ScheduleExpression"],
            timezone=found.get("ScheduleExpressionTimezone", "UTC"),
            state=found["State"],
            request=_read_request(found["Target"].get("Input", "{}")),
            since=start or found.get("LastModificationDate") or found["CreationDate"],
            start=start,
            end=found.get("EndDate"),
        )

    @property
    def model(self) -> str:
        """The model that a batch is requested of; whoever makes a schedule by hand may name none."""
        return str(self.request.get("model", ""))

    @property
    def unreadable(self) -> str | None:
        """Why nobody here knows when it runs, if that's so."""
        try:
            next_run(self.expression, self.timezone, self.since, self.since)
        except ExpressionInvalid as error:
            return str(error)
        return None

    def next_run(self, after: datetime) -> datetime | None:
        """The first run after a moment; None if there's none: it's disabled, over, or `unreadable`."""
        if self.state != ENABLED or self.unreadable:
            return None
        moment = next_run(self.expression, self.timezone, max(after, self.start) if self.start else after, self.since)
        return None if moment is None or (self.end and moment > self.end) else moment


@dataclass(frozen=True)
class Schedules:
    """The schedules of a group, through boto3's client of EventBridge Scheduler."""

    client: Any
    group: str

    def names(self) -> list[str]:
        """The names of all schedules, sorted."""
        pages = self.client.get_paginator("list_schedules").paginate(GroupName=self.group)
        return sorted(each["Name"] for page in pages for each in page["Schedules"])

    def find(self, name: str) -> Schedule | None:
        """A schedule; None if there's none of that name."""
        try:
            found = self.client.get_schedule(Name=name, GroupName=self.group)
        except self.client.exceptions.ResourceNotFoundException:
            return None
        return Schedule.read(found)

    def list(self) -> "list[Schedule]":
        """All schedules, by name."""
        return [found for name in self.names() if (found := self.find(name))]


def _read_request(text: str) -> Mapping[str, Any]:
    """What a schedule gives to its target: an object, or nothing of interest."""
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
