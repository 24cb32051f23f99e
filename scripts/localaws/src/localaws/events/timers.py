"""Runs the schedules of EventBridge rules and of EventBridge Scheduler from the timetable."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from moto.events import models as events
from moto.events.exceptions import ValidationException
from moto.scheduler import models as scheduler
from moto.scheduler.exceptions import ValidationException as SchedulerValidation

from localaws.clock import Timetable
from localaws.events import scheduler_requests
from localaws.events.beginnings import Beginnings, timing
from localaws.events.bus import Bus
from localaws.events.schedule import ScheduleError, compile_schedule
from localaws.iam.sender import Sender
from localaws.moto_patches import MotoPatches
from localaws.settings import ACCOUNT
from localaws.targets import Targets, is_bus, service_of

logger = logging.getLogger(__name__)
_TARGETS = frozenset({"lambda", "sqs", "sns", "events", "states"})
# The values that numbers of a schedule may have.
_RANGES = {
    "MaximumWindowInMinutes": (1, 1440),
    "MaximumRetryAttempts": (0, 185),
    "MaximumEventAgeInSeconds": (60, 86_400),
}
_UNSUPPORTED = ("EcsParameters", "KinesisParameters", "SageMakerPipelineParameters")


class RuleTimer:
    """The scheduled rules of the default bus."""

    def __init__(self, bus: Bus, region: str) -> None:
        self._bus, self._region = bus, region

    def next_due(self, after: float) -> float | None:
        """The next time at which a rule is due."""
        return min((moment for _, moment in self._following(after)), default=None)

    def run(self, moment: float) -> None:
        """Send the event of each rule that's due."""
        for rule, due in list(self._following(moment - 0.001)):
            if due == moment:
                self._bus.send(rule, scheduled_event("aws.events", moment, self._region, rule.arn, {}))

    def _following(self, after: float) -> Iterator[tuple[Any, float]]:
        backend: Any = events.events_backends[ACCOUNT][self._region]
        for rule in list(backend.event_buses["default"].rules.values()):
            if rule.scheduled_expression and rule.state == "ENABLED":
                moment = compile_schedule(rule.scheduled_expression)(after, rule.localaws_since)
                if moment is not None:
                    yield rule, moment


class ScheduleTimer:
    """The schedules of EventBridge Scheduler, in all groups."""

    def __init__(self, targets: Targets, region: str) -> None:
        self._targets, self._region = targets, region

    def next_due(self, after: float) -> float | None:
        """The next time at which a schedule is due."""
        return min((moment for _, _, moment in self._following(after)), default=None)

    def run(self, moment: float) -> None:
        """Call the target of each due schedule; a completed one is deleted if ActionAfterCompletion is DELETE."""
        for group, schedule, due in list(self._following(moment - 0.001)):
            if due != moment:
                continue
            self._call(schedule, moment)
            if schedule.action_after_completion == "DELETE" and _next(schedule, moment) is None:
                group.schedules.pop(schedule.name, None)

    def _call(self, schedule: Any, moment: float) -> None:
        target, execution = schedule.target, str(uuid.uuid4())
        default = json.dumps(scheduled_event("aws.scheduler", moment, self._region, schedule.arn, "{}"))
        body = target.get("Input") or default
        when = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for name, value in (
            ("schedule-arn", schedule.arn),
            ("scheduled-time", when),
            ("execution-id", execution),
            ("attempt-number", "1"),
        ):
            body = body.replace(f"<aws.scheduler.{name}>", value)
        if service_of(target["Arn"]) == "events":
            options = target.get("EventBridgeParameters") or {}
            event = scheduled_event(options.get("Source"), moment, self._region, "", json.loads(body))
            body = json.dumps(event | {"detail-type": options.get("DetailType"), "resources": []})
        group = (target.get("SqsParameters") or {}).get("MessageGroupId")
        sender = Sender("scheduler.amazonaws.com", _group_arn(schedule), target["RoleArn"])
        failure = self._targets.send(sender, target["Arn"], body, {}, group)
        dead_letter_queue = (target.get("DeadLetterConfig") or {}).get("Arn")
        if failure and dead_letter_queue:
            attributes = {
                "SCHEDULE_ARN": schedule.arn,
                "TARGET_ARN": target["Arn"],
                "SCHEDULED_TIME": when,
                "EXECUTION_ID": execution,
                "ERROR_CODE": failure.code,
                "ERROR_MESSAGE": failure.message,
                "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
                "RETRY_ATTEMPTS": "0",
                "IS_PAYLOAD_TRUNCATED": "false",
            }
            self._targets.send(sender, dead_letter_queue, body, attributes)

    def _following(self, after: float) -> Iterator[tuple[Any, Any, float]]:
        backend: Any = scheduler.scheduler_backends[ACCOUNT][self._region]
        for group in list(backend.schedule_groups.values()):
            for schedule in list(group.schedules.values()):
                moment = _next(schedule, after) if schedule.state == "ENABLED" else None
                if moment is not None:
                    yield group, schedule, moment


def _group_arn(schedule: Any) -> str:
    """What the Scheduler acts for: the group of a schedule."""
    prefix, _, path = schedule.arn.partition(":schedule/")
    return f"{prefix}:schedule-group/{path.partition('/')[0]}"


def scheduled_event(source: str | None, moment: float, region: str, arn: str, detail: Any) -> dict[str, Any]:
    """The event of a schedule."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": source,
        "account": ACCOUNT,
        "time": datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [arn],
        "detail": detail,
    }


def _next(schedule: Any, after: float) -> float | None:
    start, end = _epoch(schedule.start_date), _epoch(schedule.end_date)
    due = compile_schedule(schedule.schedule_expression, schedule.schedule_expression_timezone, scheduler=True)
    moment = due(after if start is None else max(after, start - 0.001), start or schedule.localaws_since)
    return None if moment is None or (end is not None and moment > end) else moment


def _epoch(date: Any) -> float | None:
    if date is None or isinstance(date, int | float):
        return date
    return datetime.fromisoformat(str(date).replace("Z", "+00:00")).timestamp()


def install(
    patches: MotoPatches, timetable: Timetable, bus: Bus, targets: Targets, region: str, beginnings: Beginnings
) -> None:
    """Run moto's schedules, counted from their beginnings."""
    timetable.add(RuleTimer(bus, region))
    timetable.add(ScheduleTimer(targets, region))

    def put(original: Callable[..., Any]) -> Callable[..., Any]:
        def put_rule(backend: Any, name: str, *args: Any, **options: Any) -> Any:
            expression = options.get("scheduled_expression")
            try:
                if expression:
                    compile_schedule(expression)
            except ScheduleError as error:
                raise ValidationException(str(error)) from None
            with timetable.held() as now:
                rule = original(backend, name, *args, **options)
                rule.localaws_since = beginnings.of(rule.arn, timing(rule), now)
            return rule

        return put_rule

    def scheduled(original: Callable[..., Any]) -> Callable[..., Any]:
        def put_schedule(backend: Any, *args: Any, **options: Any) -> Any:
            _check_supported(options)
            # It raises ScheduleGroupNotFound.
            backend.get_schedule_group(options.get("group_name"))
            with timetable.held() as now:
                schedule = original(backend, *args, **options)
                schedule.localaws_since = beginnings.of(schedule.arn, timing(schedule), now)
            return schedule

        return put_schedule

    scheduler_requests.install(patches)
    patches.replace(events.EventsBackend, "put_rule", put)
    patches.replace(scheduler.EventBridgeSchedulerBackend, "create_schedule", scheduled)
    patches.replace(scheduler.EventBridgeSchedulerBackend, "update_schedule", scheduled)


def _check_supported(options: dict[str, Any]) -> None:
    """Raise for an invalid schedule or an unsupported target."""
    try:
        zone = options.get("schedule_expression_timezone") or "UTC"
        compile_schedule(options["schedule_expression"], zone, scheduler=True)
    except ScheduleError as error:
        raise SchedulerValidation(str(error)) from None
    window, target = options.get("flexible_time_window") or {}, options["target"]
    if window.get("Mode") == "FLEXIBLE" and window.get("MaximumWindowInMinutes") is None:
        raise SchedulerValidation(
            "MaximumWindowInMinutes must be specified if the Mode of FlexibleTimeWindow is FLEXIBLE."
        )
    scheduler_requests.check_times(_epoch(options.get("start_date")), _epoch(options.get("end_date")), window)
    numbers = {**window, **(target.get("RetryPolicy") or {})}
    for name, (least, most) in _RANGES.items():
        if name in numbers and not least <= numbers[name] <= most:
            raise SchedulerValidation(
                f"1 validation error detected: Value '{numbers[name]}' at '{name}' failed to satisfy constraint: "
                f"Member must have value from {least} to {most}"
            )
    service = service_of(target["Arn"])
    if service not in _TARGETS or (service == "events" and not is_bus(target["Arn"])):
        raise SchedulerValidation(
            "Local AWS supports schedules for functions, queues, topics, buses and state machines, not "
            f"{target['Arn']}."
        )
    for name in _UNSUPPORTED:
        if target.get(name):
            raise SchedulerValidation(f"Local AWS doesn't support {name} of a schedule's target.")
