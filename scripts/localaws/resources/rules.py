"""EventBridge: rules and their targets."""

from __future__ import annotations

import json

from localaws.resources.base import Deployed, Properties, Scope, tag_list


class Rule:
    """AWS::Events::Rule on the default bus, with an event pattern and SQS or Lambda targets."""

    name = "AWS::Events::Rule"
    replaced_by = frozenset({"Name"})

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Put the rule and its targets."""
        name = properties.get("Name") or scope.generated_name()
        return self._put(name, properties, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Put the rule anew and drop the targets that the template dropped."""
        kept = {target["Id"] for target in new.get("Targets", [])}
        dropped = [target["Id"] for target in old.get("Targets", []) if target["Id"] not in kept]
        if dropped:
            scope.clients("events").remove_targets(Rule=physical_id, Ids=dropped)
        return self._put(physical_id, new, scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Remove the rule's targets, then the rule."""
        events = scope.clients("events")
        try:
            targets = events.list_targets_by_rule(Rule=physical_id)["Targets"]
        except events.exceptions.ResourceNotFoundException:
            return
        if targets:
            events.remove_targets(Rule=physical_id, Ids=[target["Id"] for target in targets])
        events.delete_rule(Name=physical_id)

    @staticmethod
    def _put(name: str, properties: Properties, scope: Scope) -> Deployed:
        events = scope.clients("events")
        arn = events.put_rule(
            Name=name,
            EventPattern=json.dumps(properties["EventPattern"]),
            State=properties.get("State", "ENABLED"),
            Description=properties.get("Description", ""),
            Tags=tag_list(properties.get("Tags")),
        )["RuleArn"]
        targets = properties.get("Targets", [])
        if targets:
            events.put_targets(Rule=name, Targets=targets)
        return Deployed(name, {"Arn": arn})
