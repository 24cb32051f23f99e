"""Days of local AWS's clock: one passes, its monitoring runs, and what that set going ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from time import monotonic, sleep
from urllib.parse import urlsplit

import boto3

from cli.errors import CommandError
from cli.reports import wait_for_report
from cli.stack import Stack
from localaws.commands.remote import NotRunning, call
from mlops.monitoring.archive import Archive
from mlops.monitoring.facts import WindowFacts
from mlops.monitoring.state import MonitoringState, States
from mlops.registry.store import open_store

MORNING = clock_time(9)
"""When a day's traffic comes."""
DAILY = "cron(20 1 * * ? *)"
_MONITORING_SECONDS = 300
_TRAINING_SECONDS = 600


@dataclass(frozen=True)
class Days:
    """The days of a stack on the local AWS at `endpoint`."""

    stack: Stack
    endpoint: str

    @property
    def now(self) -> datetime:
        """The time of local AWS's clock."""
        return datetime.fromisoformat(self._call("status", {})["now"])

    def begin(self) -> datetime:
        """Move the clock to the morning of the next day; the time then."""
        return self._move_to(self.now.date() + timedelta(days=1))

    def end_day(self, model: str, day: date) -> MonitoringState:
        """Move the clock to the next morning, and wait for the monitoring of the day; the model's state then.

        A dataset that monitoring assembled is trained on before this returns, as it would be within the night. Raises
        CommandError if monitoring or training takes longer than minutes.
        """
        self._move_to(day + timedelta(days=1))
        deadline = monotonic() + _MONITORING_SECONDS
        while not _settled(state := self.state(model), day):
            if monotonic() > deadline:
                raise CommandError(f"Monitoring hasn't looked at {day} yet. `scripts/mlops logs errors` may say why.")
            sleep(0.1)
        retraining = state.incident.retraining if state.incident else None
        if retraining and retraining.key and retraining.outcome is None:
            bucket = self.stack.outputs["DataBucketName"]
            found = self.stack.s3.head_object(Bucket=bucket, Key=retraining.key)
            wait_for_report(self.stack, bucket, retraining.key, found.get("VersionId"), _TRAINING_SECONDS)
        return state

    def state(self, model: str) -> MonitoringState:
        """The state of the model's monitoring."""
        return States(open_store(self._records)).load(model).state

    def facts(self, model: str, day: date) -> WindowFacts:
        """What monitoring found on a day."""
        found = Archive(open_store(self._records)).read_facts(model, day.isoformat())
        assert found is not None
        return found

    @property
    def _records(self) -> str:
        return f"s3://{self.stack.outputs['RecordsBucketName']}"

    @contextmanager
    def monitored_daily(self) -> Iterator[None]:
        """Within it the monitoring schedule runs once a day in place of every hour, so that days pass quickly.

        The alarm that would call that silence notifies nobody meanwhile.
        """
        alarms, cloudwatch = [f"{self.stack.name}-monitoring-silent"], boto3.client("cloudwatch")
        cloudwatch.disable_alarm_actions(AlarmNames=alarms)
        before = self._schedule_monitoring(DAILY)
        try:
            yield
        finally:
            self._schedule_monitoring(before)
            cloudwatch.enable_alarm_actions(AlarmNames=alarms)

    def _schedule_monitoring(self, expression: str) -> str:
        """Change the schedule; the expression before."""
        scheduler, function = boto3.client("scheduler"), self.stack.outputs["MonitorFunctionName"]
        for listed in scheduler.list_schedules()["Schedules"]:
            found = scheduler.get_schedule(Name=listed["Name"], GroupName=listed["GroupName"])
            if function in found["Target"]["Arn"].split(":"):
                kept = ("Name", "GroupName", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "Target", "State")
                given = {name: found[name] for name in kept if name in found}
                scheduler.update_schedule(**given, ScheduleExpression=expression)
                return str(found["ScheduleExpression"])
        raise CommandError(f"The stack has no schedule of {function}.")

    def _move_to(self, day: date) -> datetime:
        target = datetime.combine(day, MORNING, UTC)
        seconds = max(1, round((target - self.now).total_seconds()))
        self._call("tick", {"duration": f"{seconds}s"})
        return target

    def _call(self, operation: str, body: dict[str, str]) -> dict[str, str]:
        return call(urlsplit(self.endpoint).port or 4566, operation, body)


def _settled(state: MonitoringState, day: date) -> bool:
    """Whether the day was looked at, and everything that followed from it was done."""
    return (state.daily or "") >= day.isoformat() and not state.outbox and state.collect_until is None


def find_local(stack: Stack) -> Days | None:
    """The days of the stack if it runs on local AWS, whose clock can be moved; else None."""
    endpoint = boto3.client("cloudformation").meta.endpoint_url
    if urlsplit(endpoint).hostname not in ("localhost", "127.0.0.1"):
        return None
    days = Days(stack, endpoint)
    try:
        _ = days.now
    except NotRunning:
        return None
    return days
