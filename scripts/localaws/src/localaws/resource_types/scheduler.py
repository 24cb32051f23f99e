"""EventBridge Scheduler: schedules and their groups."""

from __future__ import annotations

from typing import Any, ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, tag_list
from localaws.resource_types.support import DONE, FLEXIBLE_WINDOW, SCHEDULE_TRIED_ONCE, Rules, done

_OPTIONAL = (
    "ActionAfterCompletion",
    "Description",
    "EndDate",
    "GroupName",
    "ScheduleExpressionTimezone",
    "StartDate",
    "State",
)


class Schedule:
    """AWS::Scheduler::Schedule."""

    name = "AWS::Scheduler::Schedule"
    replaced_by = frozenset({"Name", "GroupName"})
    attributes = ("Arn",)
    properties: ClassVar[Rules] = {
        **done(
            "Description",
            "EndDate",
            "GroupName",
            "Name",
            "ScheduleExpression",
            "ScheduleExpressionTimezone",
            "StartDate",
        ),
        "ActionAfterCompletion": ["DELETE", "NONE"],
        "FlexibleTimeWindow": FLEXIBLE_WINDOW,
        "State": ["ENABLED", "DISABLED"],
        "Target": {
            "Arn": DONE,
            "DeadLetterConfig": done("Arn"),
            "EventBridgeParameters": done("DetailType", "Source"),
            "Input": DONE,
            "RetryPolicy": SCHEDULE_TRIED_ONCE,
            "RoleArn": DONE,
            "SqsParameters": done("MessageGroupId"),
        },
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the schedule; its name is the value of Ref."""
        name = properties.get("Name") or scope.generated_name()
        arn = scope.clients("scheduler").create_schedule(Name=name, **_options(properties))["ScheduleArn"]
        return Deployed(name, {"Arn": arn})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the schedule; its rate counts from now."""
        arn = scope.clients("scheduler").update_schedule(Name=physical_id, **_options(new))["ScheduleArn"]
        return Deployed(physical_id, {"Arn": arn})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the schedule; it's no error if it deleted itself."""
        scheduler = scope.clients("scheduler")
        group = {"GroupName": properties["GroupName"]} if "GroupName" in properties else {}
        try:
            scheduler.delete_schedule(Name=physical_id, **group)
        except scheduler.exceptions.ResourceNotFoundException:
            return


class ScheduleGroup:
    """AWS::Scheduler::ScheduleGroup."""

    name = "AWS::Scheduler::ScheduleGroup"
    replaced_by = frozenset({"Name"})
    attributes = ("Arn", "State")
    properties: ClassVar[Rules] = done("Name", "Tags")

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the group; its name is the value of Ref."""
        name = properties.get("Name") or scope.generated_name()
        tags = tag_list(properties.get("Tags"))
        arn = scope.clients("scheduler").create_schedule_group(Name=name, Tags=tags)["ScheduleGroupArn"]
        return Deployed(name, {"Arn": arn, "State": "ACTIVE"})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Do nothing: only tags change in place."""
        arn = scope.clients("scheduler").get_schedule_group(Name=physical_id)["Arn"]
        return Deployed(physical_id, {"Arn": arn, "State": "ACTIVE"})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the group and the schedules in it."""
        scheduler = scope.clients("scheduler")
        try:
            scheduler.delete_schedule_group(Name=physical_id)
        except scheduler.exceptions.ResourceNotFoundException:
            return


def _options(properties: Properties) -> dict[str, Any]:
    return {
        "ScheduleExpression": properties["ScheduleExpression"],
        "FlexibleTimeWindow": dict(properties.get("FlexibleTimeWindow") or {"Mode": "OFF"}),
        "Target": dict(properties["Target"]),
        **{key: properties[key] for key in _OPTIONAL if key in properties},
    }
