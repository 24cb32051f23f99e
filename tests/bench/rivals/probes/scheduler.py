"""Probes of EventBridge Scheduler."""

from __future__ import annotations

import datetime
from typing import Any

from tests.bench.rivals.cloud import Cloud, refused, until
from tests.bench.rivals.probe import Differs, expect, probe

_GUIDE = "scheduler/latest/UserGuide"
# A schedule starts within a minute of its time.
_PRECISION = 65.0


def _schedule(cloud: Cloud, expression: str, **options: Any) -> tuple[str, str, str]:
    """A new schedule: its name and ARN, and the URL of its queue."""
    name, (url, arn) = cloud.name(), cloud.queue()
    target = {"Arn": arn, "RoleArn": cloud.role, "Input": "<aws.scheduler.schedule-arn>"}
    found = cloud("scheduler").create_schedule(
        Name=name,
        ScheduleExpression=expression,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
        **options,
    )
    return name, found["ScheduleArn"], url


def _soon() -> str:
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=3)
    return f"at({moment:%Y-%m-%dT%H:%M:%S})"


@probe(f"{_GUIDE}/schedule-types.html")
def once(cloud: Cloud) -> None:
    """A one-time schedule invokes its target within a minute, with the schedule's ARN in its input"""
    _, arn, url = _schedule(cloud, _soon())
    expect([message["Body"] for message in cloud.messages(url, 1, _PRECISION)], [arn])


@probe(f"{_GUIDE}/managing-schedule-delete.html")
def deleted(cloud: Cloud) -> None:
    """A one-time schedule with ActionAfterCompletion DELETE is gone after it ran"""
    name, _, url = _schedule(cloud, _soon(), ActionAfterCompletion="DELETE")
    expect(len(cloud.messages(url, 1, _PRECISION)), 1, "messages")

    def is_gone() -> bool:
        try:
            cloud("scheduler").get_schedule(Name=name)
        except cloud("scheduler").exceptions.ResourceNotFoundException:
            return True
        return False

    if not until(is_gone):
        raise Differs("the schedule is still there")


@probe(f"{_GUIDE}/schedule-types.html")
def rate(cloud: Cloud) -> None:
    """A rate-based schedule without a start date starts at once"""
    _, _, url = _schedule(cloud, "rate(1 hour)")
    expect(len(cloud.messages(url, 1, _PRECISION)), 1, "messages")


@probe("scheduler/latest/APIReference/API_CreateSchedule.html")
def invalid(cloud: Cloud) -> None:
    """An expression that's none is refused with ValidationException"""
    for expression in ("rate(1 fortnight)", "cron(0 12 * * *)", "at(tomorrow)"):
        refused("ValidationException", lambda text=expression: _schedule(cloud, text))


@probe("scheduler/latest/APIReference/API_CreateSchedule.html")
def conflict(cloud: Cloud) -> None:
    """A name that's taken is refused with ConflictException"""
    name, _, _ = _schedule(cloud, "rate(1 day)", State="DISABLED")
    found = cloud("scheduler").get_schedule(Name=name)
    given = {key: found[key] for key in ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
    refused("ConflictException", cloud("scheduler").create_schedule, **given)
