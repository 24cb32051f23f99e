"""Change sets: a planned deployment, and the changes that it would make."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from localaws.cloudformation.stack import Plan, Stack
from localaws.resource_types import registry

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
# The sections of a resource whose changes a change set names.
_SCOPES = ("Properties", "Metadata", "CreationPolicy", "UpdatePolicy", "DeletionPolicy", "UpdateReplacePolicy")


@dataclass
class ChangeSet:
    """A plan for a stack that can be executed later."""

    name: str
    stack: Stack
    kind: str
    plan: Plan | None
    changes: list[dict[str, Any]]
    status: str
    reason: str | None
    execution_status: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    description: str | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    arn: str = ""

    def __post_init__(self) -> None:
        prefix = self.stack.stack_id.split(":stack/")[0]
        self.arn = f"{prefix}:changeSet/{self.name}/{uuid.uuid4()}"


def planned_changes(stack: Stack, plan: Plan) -> list[dict[str, Any]]:
    """The changes of a plan, as DescribeChangeSet returns them."""
    before, after = stack.plan.body.get("Resources", {}), plan.body["Resources"]
    parameters_changed = stack.plan.parameters != plan.parameters
    changes: list[dict[str, Any]] = []
    for logical_id, resource in after.items():
        old = before.get(logical_id)
        if old is None:
            changes.append(_change("Add", logical_id, resource["Type"]))
        elif old != resource or parameters_changed:
            record = stack.records.get(logical_id)
            replaced = registry.find(resource["Type"]).replaced_by
            new, previous = resource.get("Properties", {}), old.get("Properties", {})
            replacement = any(new.get(key) != previous.get(key) for key in replaced)
            change = _change("Modify", logical_id, resource["Type"], record.physical_id if record else None)
            details = [
                _detail(name, name in replaced)
                for name in sorted({*new, *previous})
                if new.get(name) != previous.get(name)
            ]
            sections = [name for name in _SCOPES if resource.get(name) != old.get(name)]
            more = {"Scope": sections or ["Properties"], "Details": details}
            changes.append(change | {"Replacement": "True" if replacement else "False"} | more)
    for logical_id, resource in before.items():
        if logical_id not in after:
            record = stack.records.get(logical_id)
            physical_id = record.physical_id if record else None
            changes.append(_change("Remove", logical_id, resource["Type"], physical_id))
    return changes


def _detail(name: str, recreated: bool) -> dict[str, Any]:
    """The change of a property, as DescribeChangeSet returns it."""
    target = {"Attribute": "Properties", "Name": name, "RequiresRecreation": "Always" if recreated else "Never"}
    return {"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification"}


def _change(action: str, logical_id: str, kind: str, physical_id: str | None = None) -> dict[str, Any]:
    change = {"Action": action, "LogicalResourceId": logical_id, "ResourceType": kind}
    return change | ({"PhysicalResourceId": physical_id} if physical_id else {})
