"""The interface of a resource type: its properties, and how to create, update and delete a resource."""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from localaws.generated_names import Names
from localaws.resource_types.support import Rules

Properties = Mapping[str, Any]


class Nested(Protocol):
    """A nested stack."""

    @property
    def stack_id(self) -> str:
        """Its ARN."""

    @property
    def outputs_by_key(self) -> Mapping[str, str]:
        """The values of its outputs."""


class Stacks(Protocol):
    """Deploys nested stacks; each method raises TemplateError with the reason if a deployment fails."""

    def create_nested(
        self, name: str, url: str, parameters: Mapping[str, str], tags: Mapping[str, str], parent: str
    ) -> Nested:
        """Create the stack of the template at `url` within the stack `parent`."""

    def update_nested(self, stack_id: str, url: str, parameters: Mapping[str, str], tags: Mapping[str, str]) -> Nested:
        """Update a stack to the template at `url`."""

    def delete_nested(self, stack_id: str) -> str | None:
        """Delete a stack; returns the reason if that fails."""


@dataclass(frozen=True)
class Scope:
    """The context of a resource: its stack and logical id. `clients` returns AWS clients for the local endpoint.

    `update_policy` is its UpdatePolicy, resolved. `pause` waits for seconds, during which other stacks go on.
    """

    stack_name: str
    stack_id: str
    logical_id: str
    region: str
    account: str
    clients: Clients
    stacks: Stacks
    names: Names = field(default_factory=Names)
    update_policy: Properties = field(default_factory=dict)
    pause: Callable[[float], None] = time.sleep

    def generated_name(self, max_length: int = 64, *, lower: bool = False) -> str:
        """A name as CloudFormation generates it: stack, logical id and 12 random characters."""
        purpose = f"{self.stack_name}/{self.logical_id}/{max_length}"
        return self.names.of(purpose, lambda: self._new_name(max_length, lower=lower))

    def _new_name(self, max_length: int, *, lower: bool) -> str:
        suffix = "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(12))
        head = f"{self.stack_name}-{self.logical_id}"[: max_length - len(suffix) - 1]
        name = f"{head}-{suffix}"
        return name.lower() if lower else name


class Clients(Protocol):
    """Creates and caches one AWS client per service."""

    def __call__(self, service: str) -> Any:
        """The client for `service`, such as "s3"."""


@dataclass(frozen=True)
class Deployed:
    """A deployed resource: its physical id (the value of Ref) and its attributes (the values of Fn::GetAtt)."""

    physical_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


class Declared(Protocol):
    """The supported properties of a type, with their rules (support.py), and its attributes for Fn::GetAtt."""

    @property
    def name(self) -> str:
        """The type's CloudFormation name."""

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes for Fn::GetAtt."""

    @property
    def properties(self) -> Rules:
        """The rule of each property; one without a rule is refused."""


class ResourceType(Declared, Protocol):
    """One CloudFormation type. A change to a property in `replaced_by` replaces the resource."""

    @property
    def replaced_by(self) -> frozenset[str]:
        """The properties that can't change in place."""

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the resource."""

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the resource in place."""

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the resource; it's no error if it doesn't exist."""


def tag_list(tags: Any) -> list[dict[str, str]]:
    """CloudFormation's tags, a list or a mapping, as a list of Key and Value."""
    if isinstance(tags, Mapping):
        return [{"Key": key, "Value": str(value)} for key, value in tags.items()]
    return [{"Key": tag["Key"], "Value": str(tag["Value"])} for tag in tags or []]


def tag_map(tags: Any) -> dict[str, str]:
    """CloudFormation's tags as a mapping."""
    return {tag["Key"]: tag["Value"] for tag in tag_list(tags)}


def truth(value: Any) -> bool:
    """A boolean of CloudFormation, which may be a string."""
    return value is True or str(value).lower() == "true"
