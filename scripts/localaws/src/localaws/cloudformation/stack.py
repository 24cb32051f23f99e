"""A stack's state: its resources, events and outputs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from localaws.resource_types.nested import NAME as NESTED


@dataclass(frozen=True)
class Plan:
    """The target of a deployment: the template as given and as expanded, and the parameters' values."""

    text: str
    body: Mapping[str, Any]
    parameters: Mapping[str, Any]

    @property
    def has_nested(self) -> bool:
        """Whether it has nested stacks, whose templates may have changed."""
        return any(resource["Type"] == NESTED for resource in self.body.get("Resources", {}).values())


@dataclass(frozen=True)
class Event:
    """One event of a stack."""

    stack_id: str
    stack_name: str
    logical_resource_id: str
    physical_resource_id: str
    resource_type: str
    resource_status: str
    resource_status_reason: str | None
    timestamp: datetime = field(default_factory=lambda: datetime.now(UTC))
    event_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True)
class Record:
    """A deployed resource of a stack."""

    logical_id: str
    kind: str
    physical_id: str
    attributes: Mapping[str, Any]
    properties: Mapping[str, Any]
    status: str
    deletion_policy: str = "Delete"
    replace_policy: str = "Delete"
    timestamp: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class Output:
    """An output of a stack; other stacks can import it if it has an export name."""

    key: str
    value: str
    description: str | None
    export: str | None


class Stack:
    """One stack; only the engine changes it. A nested one has the stack that it's in as `parent`."""

    def __init__(
        self, name: str, region: str, account: str, tags: Mapping[str, str], parent: Stack | None = None
    ) -> None:
        self.name = name
        self.parent = parent
        self.stack_id = f"arn:aws:cloudformation:{region}:{account}:stack/{name}/{uuid.uuid4()}"
        self.status = "REVIEW_IN_PROGRESS"
        self.reason: str | None = None
        self.plan = Plan("", {}, {})
        self.tags = dict(tags)
        self.records: dict[str, Record] = {}
        self.outputs: list[Output] = []
        self.imports: frozenset[str] = frozenset()
        self.protected = False
        self.events: list[Event] = []
        self.created = datetime.now(UTC)
        self.updated: datetime | None = None
        self.deleted: datetime | None = None

    @property
    def root(self) -> Stack:
        """The outermost stack that it's in, or itself."""
        return self.parent.root if self.parent else self

    @property
    def outputs_by_key(self) -> dict[str, str]:
        """The values of the outputs."""
        return {output.key: output.value for output in self.outputs}

    def set_status(self, status: str, reason: str | None = None) -> None:
        """Set the status of the stack and add an event for it."""
        self.status, self.reason = status, reason
        self.add_event(self.name, self.stack_id, "AWS::CloudFormation::Stack", status, reason)

    def add_event(self, logical_id: str, physical_id: str, kind: str, status: str, reason: str | None = None) -> None:
        """Add an event."""
        event = Event(self.stack_id, self.name, logical_id, physical_id, kind, status, reason)
        self.events.append(event)
