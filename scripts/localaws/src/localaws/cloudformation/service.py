"""The CloudFormation service: stacks and change sets by name."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.exceptions import ServiceException

from localaws.cloudformation.change_sets import NO_CHANGES, ChangeSet, planned_changes
from localaws.cloudformation.engine import Engine
from localaws.cloudformation.errors import AlreadyExists, NoChanges, ValidationError
from localaws.cloudformation.stack import Plan, Stack
from localaws.errors import LocalAwsError
from localaws.settings import ACCOUNT, Settings
from localaws.template import parameters as parameter_values

_DELETED = ("DELETE_COMPLETE",)
_CREATABLE = ("REVIEW_IN_PROGRESS",)


class CloudFormation:
    """Stacks of one account and region.

    `read` checks and expands the text of a template, `look_up` returns the value of an SSM parameter.
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
        """Create a stack; for an invalid template it's rolled back, with the reason in its events."""
        with self._lock:
            if any(stack.name == name for stack in self.active_stacks()):
                raise AlreadyExists(f"Stack [{name}] already exists")
            stack = Stack(name, self._region, self._account, tags)
            self._stacks.append(stack)
            try:
                plan = self.plan(text, given)
            except LocalAwsError as error:
                stack.plan = Plan(text, {}, {})
                stack.set_status("CREATE_IN_PROGRESS", "User Initiated")
                stack.set_status("CREATE_FAILED", str(error))
                stack.set_status("ROLLBACK_COMPLETE", str(error))
                return stack
            self._engine.deploy(stack, plan)
            return stack

    def update_stack(self, name: str, text: str | None, given: Mapping[str, str]) -> Stack:
        """Update a stack; raises ValidationError if nothing changes or the template is invalid."""
        with self._lock:
            stack = self.stack(name)
            self._check_updatable(stack)
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
            for stack in self.active_stacks():
                if name in (stack.name, stack.stack_id):
                    self._engine.delete(stack)

    def forget_all(self) -> None:
        """Forget all stacks and change sets; their resources aren't deleted."""
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
        """Plan a change; for an invalid template the change set is FAILED, with the reason."""
        with self._lock:
            found = [stack for stack in self.active_stacks() if stack_name in (stack.name, stack.stack_id)]
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
                stack.set_status("REVIEW_IN_PROGRESS", "User Initiated")
                self._stacks.append(stack)
            plan: Plan | None = None
            changes: list[dict[str, Any]] = []
            reason: str | None = None
            try:
                plan = self.plan(text or stack.plan.text, given)
                changes = planned_changes(stack, plan)
                reason = NO_CHANGES if plan == stack.plan else None
            except LocalAwsError as error:
                reason = str(error)
                stack.add_event(stack.name, stack.stack_id, "AWS::CloudFormation::Stack", stack.status, reason)
            status, execution = ("FAILED", "UNAVAILABLE") if reason else ("CREATE_COMPLETE", "AVAILABLE")
            change_set = ChangeSet(
                name, stack, kind, plan, changes, status, reason, execution, given, tags, description
            )
            self._change_sets.append(change_set)
            return change_set

    def execute_change_set(self, name: str, stack_name: str | None) -> None:
        """Execute a change set."""
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
        """Delete a change set."""
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

    def active_stacks(self) -> list[Stack]:
        """The stacks that aren't deleted."""
        return [stack for stack in self._stacks if stack.status not in _DELETED]

    def all_stacks(self) -> list[Stack]:
        """All stacks, including deleted ones."""
        return list(self._stacks)

    def stack(self, name: str) -> Stack:
        """The stack with this name, or with this id even if it's deleted."""
        for stack in self.active_stacks():
            if name == stack.name:
                return stack
        for stack in self._stacks:
            if name == stack.stack_id:
                return stack
        raise ValidationError(f"Stack with id {name} does not exist")

    def exports(self) -> dict[str, str]:
        """Export name → value, of all active stacks."""
        return {
            output.export: output.value for stack in self.active_stacks() for output in stack.outputs if output.export
        }

    def plan(self, text: str, given: Mapping[str, str]) -> Plan:
        """The plan for a template and its parameters; raises LocalAwsError if it's invalid."""
        body = self._read(text, given)
        return Plan(text, body, parameter_values.resolve(body, given, self._look_up))

    @staticmethod
    def _check_updatable(stack: Stack) -> None:
        if stack.status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS"):
            raise ValidationError(f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated.")
