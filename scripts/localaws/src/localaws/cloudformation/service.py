"""The CloudFormation service: stacks and change sets by name."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import ServiceException

from localaws.cloudformation.engine import Engine
from localaws.cloudformation.stack import Plan, Stack
from localaws.errors import LocalAwsError
from localaws.resource_types import registry
from localaws.settings import ACCOUNT, Settings
from localaws.template import parameters as parameter_values

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
_GONE = ("DELETE_COMPLETE",)
_CREATABLE = ("REVIEW_IN_PROGRESS",)


class ValidationError(ServiceException):
    """What CloudFormation says to a request that it can't carry out."""

    code = "ValidationError"


class NoChanges(ValidationError):
    """The stack is what it's to become."""


@dataclass
class ChangeSet:
    """A plan for a stack that waits to be executed."""

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


class CloudFormation:
    """Stacks of one account and region. `read` turns a template's text into the expanded body, `look_up` an
    SSM parameter's name into its value.
    """

    def __init__(
        self,
        engine: Callable[[Callable[[], Mapping[str, str]]], Engine],
        read: Callable[[str, Mapping[str, str]], Mapping[str, Any]],
        look_up: Callable[[str], str],
        settings: Settings,
    ) -> None:
        self._engine = engine(self.exports)
        self._read, self._look_up = read, look_up
        self._region, self._account = settings.region, ACCOUNT
        self._lock = threading.RLock()
        self._stacks: list[Stack] = []
        self._change_sets: list[ChangeSet] = []

    def create_stack(self, name: str, text: str, given: Mapping[str, str], tags: Mapping[str, str]) -> Stack:
        """Create a stack; a template that can't be deployed gives one that rolled back and says why."""
        with self._lock:
            if any(stack.name == name for stack in self.living()):
                raise AlreadyExists(f"Stack [{name}] already exists")
            stack = Stack(name, self._region, self._account, tags)
            self._stacks.append(stack)
            try:
                plan = self.plan(text, given)
            except LocalAwsError as error:
                stack.plan = Plan(text, {}, {})
                stack.become("CREATE_IN_PROGRESS", "User Initiated")
                stack.become("CREATE_FAILED", str(error))
                stack.become("ROLLBACK_COMPLETE", str(error))
                return stack
            self._engine.deploy(stack, plan)
            return stack

    def update_stack(self, name: str, text: str | None, given: Mapping[str, str]) -> Stack:
        """Update a stack; raises ValidationError if nothing changes or the template can't be deployed."""
        with self._lock:
            stack = self.stack(name)
            self._demand_updatable(stack)
            try:
                plan = self.plan(text or stack.plan.text, given)
            except LocalAwsError as error:
                raise ValidationError(str(error)) from None
            if plan == stack.plan:
                raise NoChanges("No updates are to be performed.")
            self._engine.deploy(stack, plan)
            return stack

    def delete_stack(self, name: str) -> None:
        """Delete a stack; one that doesn't exist is no error, as on AWS."""
        with self._lock:
            for stack in self.living():
                if name in (stack.name, stack.stack_id):
                    self._engine.delete(stack)

    def forget_all(self) -> None:
        """Forget every stack, as if none had been made; what they were made of stays for others to clear away."""
        with self._lock:
            self._stacks.clear()
            self._change_sets.clear()

    def create_change_set(
        self,
        name: str,
        stack_name: str,
        kind: str,
        text: str | None,
        given: Mapping[str, str],
        tags: Mapping[str, str],
        description: str | None,
    ) -> ChangeSet:
        """Plan a change; a template that can't be deployed gives a FAILED change set that says why."""
        with self._lock:
            found = [stack for stack in self.living() if stack_name in (stack.name, stack.stack_id)]
            if kind == "CREATE" and found and found[0].status not in _CREATABLE:
                raise AlreadyExists(
                    f"Stack [{stack_name}] already exists and cannot be created again with the changeSet [{name}]."
                )
            if kind != "CREATE" and not found:
                raise ValidationError(f"Stack [{stack_name}] does not exist")
            if found:
                stack = found[0]
            else:
                stack = Stack(stack_name, self._region, self._account, tags)
                stack.become("REVIEW_IN_PROGRESS", "User Initiated")
                self._stacks.append(stack)
            plan: Plan | None = None
            changes: list[dict[str, Any]] = []
            reason: str | None = None
            try:
                plan = self.plan(text or stack.plan.text, given)
                changes = _changes(stack, plan)
                reason = NO_CHANGES if plan == stack.plan else None
            except LocalAwsError as error:
                reason = str(error)
                stack.note(stack.name, stack.stack_id, "AWS::CloudFormation::Stack", stack.status, reason)
            status, execution = ("FAILED", "UNAVAILABLE") if reason else ("CREATE_COMPLETE", "AVAILABLE")
            change_set = ChangeSet(
                name, stack, kind, plan, changes, status, reason, execution, given, tags, description
            )
            self._change_sets.append(change_set)
            return change_set

    def execute_change_set(self, name: str, stack_name: str | None) -> None:
        """Carry out a change set."""
        with self._lock:
            change_set = self.change_set(name, stack_name)
            if change_set.plan is None or change_set.execution_status != "AVAILABLE":
                raise ServiceException(
                    "InvalidChangeSetStatus",
                    f"ChangeSet [{change_set.arn}] cannot be executed in its current status of [{change_set.status}]",
                )
            change_set.execution_status = "EXECUTE_IN_PROGRESS"
            change_set.stack.tags |= change_set.tags
            self._engine.deploy(change_set.stack, change_set.plan)
            failed = "ROLLBACK" in change_set.stack.status
            change_set.execution_status = "EXECUTE_FAILED" if failed else "EXECUTE_COMPLETE"

    def delete_change_set(self, name: str, stack_name: str | None) -> None:
        """Forget a change set."""
        with self._lock:
            self._change_sets.remove(self.change_set(name, stack_name))

    def change_set(self, name: str, stack_name: str | None) -> ChangeSet:
        """The change set with this name or ARN, the newest first."""
        for change_set in reversed(self._change_sets):
            named = name == change_set.name and stack_name in (None, change_set.stack.name, change_set.stack.stack_id)
            if named or name == change_set.arn:
                return change_set
        raise ServiceException("ChangeSetNotFound", f"ChangeSet [{name}] does not exist")

    def change_sets(self, stack_name: str) -> list[ChangeSet]:
        """The change sets of a stack."""
        stack = self.stack(stack_name)
        return [change_set for change_set in self._change_sets if change_set.stack is stack]

    def living(self) -> list[Stack]:
        """The stacks that aren't deleted."""
        return [stack for stack in self._stacks if stack.status not in _GONE]

    def all_stacks(self) -> list[Stack]:
        """Every stack, the deleted ones too."""
        return list(self._stacks)

    def stack(self, name: str) -> Stack:
        """The stack of this name, or of this id even if it's deleted."""
        for stack in self.living():
            if name == stack.name:
                return stack
        for stack in self._stacks:
            if name == stack.stack_id:
                return stack
        raise ValidationError(f"Stack with id {name} does not exist")

    def exports(self) -> dict[str, str]:
        """What the living stacks export."""
        return {output.export: output.value for stack in self.living() for output in stack.outputs if output.export}

    def plan(self, text: str, given: Mapping[str, str]) -> Plan:
        """What `text` with these parameters asks for; raises LocalAwsError if it can't be deployed."""
        body = self._read(text, given)
        return Plan(text, body, parameter_values.resolve(body, given, self._look_up))

    @staticmethod
    def _demand_updatable(stack: Stack) -> None:
        if stack.status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS"):
            raise ValidationError(f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated.")


class AlreadyExists(ServiceException):
    """There's a stack of that name."""

    code = "AlreadyExistsException"


def _changes(stack: Stack, plan: Plan) -> list[dict[str, Any]]:
    """What a plan would change, as DescribeChangeSet tells it."""
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
            changes.append(change | {"Replacement": "True" if replacement else "False"})
    for logical_id, resource in before.items():
        if logical_id not in after:
            record = stack.records.get(logical_id)
            physical_id = record.physical_id if record else None
            changes.append(_change("Remove", logical_id, resource["Type"], physical_id))
    return changes


def _change(action: str, logical_id: str, kind: str, physical_id: str | None = None) -> dict[str, Any]:
    change = {"Action": action, "LogicalResourceId": logical_id, "ResourceType": kind}
    return change | ({"PhysicalResourceId": physical_id} if physical_id else {})
