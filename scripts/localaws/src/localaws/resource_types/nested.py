"""Nested stacks.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from localaws.errors import TemplateError
from localaws.resource_types.base import Deployed, Properties, Scope, tag_map
from localaws.resource_types.support import Rules, done
from localaws.template.values import as_text

NAME = "AWS::CloudFormation::Stack"


class NestedStack:
    """AWS::CloudFormation::Stack: a stack of its own, created, updated and deleted with the one that it's in."""

    name = NAME
    replaced_by = frozenset[str]()
    attributes = ("Outputs.*",)
    properties: ClassVar[Rules] = {
        **done("Parameters", "Tags", "TemplateURL"),
        "NotificationARNs": "no notifications of stack events are sent",
        "TimeoutInMinutes": "a stack takes as long as it needs",
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the stack; its id is the value of Ref."""
        tags = tag_map(properties.get("Tags"))
        stacks = scope.stacks
        created = stacks.create_nested(
            scope.generated_name(128), properties["TemplateURL"], _parameters(properties), tags, scope.stack_id
        )
        return Deployed(created.stack_id, _attributes(created.outputs_by_key))

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the stack, also if only its template has changed."""
        tags = tag_map(new.get("Tags"))
        updated = scope.stacks.update_nested(physical_id, new["TemplateURL"], _parameters(new), tags)
        return Deployed(physical_id, _attributes(updated.outputs_by_key))

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the stack; fails if one of its resources can't be deleted."""
        problem = scope.stacks.delete_nested(physical_id)
        if problem:
            raise TemplateError(f"Embedded stack {physical_id} was not successfully deleted: {problem}")


def _parameters(properties: Properties) -> dict[str, str]:
    given: Mapping[str, Any] = properties.get("Parameters") or {}
    return {
        name: ",".join(map(as_text, value)) if isinstance(value, list) else as_text(value)
        for name, value in given.items()
    }


def _attributes(outputs: Mapping[str, str]) -> dict[str, str]:
    return {f"Outputs.{key}": value for key, value in outputs.items()}
