"""EventBridge: rules and their targets, and buses."""

from __future__ import annotations

import json
from typing import ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, tag_list
from localaws.resource_types.support import NOT_ENFORCED, RULE_TRIED_ONCE, Rules, done
from localaws.resource_types.unenforced import Unenforced


class Rule:
    """AWS::Events::Rule with an event pattern, a schedule, or both."""

    name = "AWS::Events::Rule"
    replaced_by = frozenset({"Name", "EventBusName"})
    attributes = ("Arn",)
    properties: ClassVar[Rules] = {
        **done("Description", "EventBusName", "EventPattern", "Name", "ScheduleExpression", "Tags"),
        "RoleArn": NOT_ENFORCED,
        "State": ["ENABLED", "DISABLED"],
        "Targets": {
            **done(
                "Arn", "DeadLetterConfig", "Id", "Input", "InputPath", "InputTransformer", "RoleArn", "SqsParameters"
            ),
            "RetryPolicy": RULE_TRIED_ONCE,
        },
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the rule and its targets."""
        name = properties.get("Name") or scope.generated_name()
        return self._put(name, properties, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the rule and remove the targets that were removed from the template."""
        kept = {target["Id"] for target in new.get("Targets", [])}
        dropped = [target["Id"] for target in old.get("Targets", []) if target["Id"] not in kept]
        if dropped:
            scope.clients("events").remove_targets(Rule=_name(physical_id), Ids=dropped, **_bus(new))
        return self._put(_name(physical_id), new, scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Remove the rule's targets, then the rule."""
        events = scope.clients("events")
        try:
            targets = events.list_targets_by_rule(Rule=_name(physical_id), **_bus(properties))["Targets"]
        except events.exceptions.ResourceNotFoundException:
            return
        if targets:
            ids = [target["Id"] for target in targets]
            events.remove_targets(Rule=_name(physical_id), Ids=ids, **_bus(properties))
        events.delete_rule(Name=_name(physical_id), **_bus(properties))

    @staticmethod
    def _put(name: str, properties: Properties, scope: Scope) -> Deployed:
        events = scope.clients("events")
        options = {"ScheduleExpression": properties["ScheduleExpression"]} if "ScheduleExpression" in properties else {}
        if "EventPattern" in properties:
            pattern = properties["EventPattern"]
            options["EventPattern"] = pattern if isinstance(pattern, str) else json.dumps(pattern)
        arn = events.put_rule(
            Name=name,
            State=properties.get("State", "ENABLED"),
            Description=properties.get("Description", ""),
            Tags=tag_list(properties.get("Tags")),
            **options,
            **_bus(properties),
        )["RuleArn"]
        targets = properties.get("Targets", [])
        if targets:
            events.put_targets(Rule=name, Targets=targets, **_bus(properties))
        # As on AWS, the id of a rule of a custom bus contains both names.
        bus = properties.get("EventBusName")
        return Deployed(f"{bus}|{name}" if bus else name, {"Arn": arn})


class EventBus:
    """AWS::Events::EventBus."""

    name = "AWS::Events::EventBus"
    replaced_by = frozenset({"Name"})
    attributes = ("Arn", "Name")
    properties: ClassVar[Rules] = done("Description", "Name", "Tags")

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the bus; its name is the value of Ref."""
        name = properties["Name"]
        tags = tag_list(properties.get("Tags"))
        described = {"Description": properties["Description"]} if properties.get("Description") else {}
        arn = scope.clients("events").create_event_bus(Name=name, Tags=tags, **described)["EventBusArn"]
        return Deployed(name, {"Arn": arn, "Name": name})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Do nothing: only tags change in place."""
        arn = scope.clients("events").describe_event_bus(Name=physical_id)["Arn"]
        return Deployed(physical_id, {"Arn": arn, "Name": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the bus."""
        scope.clients("events").delete_event_bus(Name=physical_id)


EVENT_BUS_POLICY = Unenforced(
    "AWS::Events::EventBusPolicy", ("Action", "Condition", "EventBusName", "Principal", "Statement", "StatementId")
)


def _name(physical_id: str) -> str:
    return physical_id.rsplit("|", 1)[-1]


def _bus(properties: Properties) -> dict[str, str]:
    return {"EventBusName": properties["EventBusName"]} if properties.get("EventBusName") else {}
