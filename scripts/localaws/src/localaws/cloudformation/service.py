"""The CloudFormation service: stacks and change sets by name."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from localaws.cloudformation.background import begin_to_wait
from localaws.cloudformation.change_sets import NO_CHANGES, ChangeSet, planned_changes
from localaws.cloudformation.engine import Engine
from localaws.cloudformation.errors import (
    AlreadyExists,
    ChangeSetNotFound,
    InvalidChangeSetStatus,
    NoChanges,
    ValidationError,
)
from localaws.cloudformation.exports import importers
from localaws.cloudformation.plan_checks import check_plan
from localaws.cloudformation.stack import Plan, Stack
from localaws.errors import LocalAwsError, TemplateError, TransformFailed
from localaws.settings import ACCOUNT, Settings
from localaws.template import parameters as parameter_values
from localaws.template.pseudo_parameters import pseudo_parameters

_DELETED = ("DELETE_COMPLETE",)
_CREATABLE = ("REVIEW_IN_PROGRESS",)


def _first_failure(stack: Stack) -> str:
    """The reason of the last deployment's first failed resource."""
    reasons = [
        event.resource_status_reason
        for event in stack.events
        if event.resource_status.endswith("FAILED") and event.logical_resource_id != stack.name
    ]
    return str(reasons[0] if reasons else stack.reason)


class CloudFormation:
    """Stacks of one account and region.

    `read` checks and expands the text of a template, `look_up` returns the value of an SSM parameter, `fetch` the
    template behind a URL.
    """

    def __init__(
        self,
        engine: Callable[[CloudFormation], Engine],
        read: Callable[[str, Mapping[str, str]], Mapping[str, Any]],
        look_up: Callable[[str], str],
        fetch: Callable[[str], str],
        settings: Settings,
    ) -> None:
        self._engine = engine(self)
        self._read, self._look_up, self.fetch = read, look_up, fetch
        self._region, self._account = settings.region, ACCOUNT
        self._lock = threading.RLock()
        self._others = threading.Condition(self._lock)
        self._stacks: list[Stack] = []
        self._change_sets: list[ChangeSet] = []

    def pause(self, seconds: float) -> None:
        """Wait within the deployment of a stack; the deployments of other stacks go on in the meantime."""
        begin_to_wait()
        with self._others:
            self._others.wait(seconds)

    def create_stack(
        self,
        name: str,
        text: str,
        given: Mapping[str, str],
        tags: Mapping[str, str],
        *,
        parent: Stack | None = None,
        protected: bool = False,
        on_failure: str = "ROLLBACK",
    ) -> Stack:
        """Create a stack; raises ValidationError, and leaves no stack, if the template or a parameter is invalid.

        If the transform or a resource fails, the stack is rolled back, with the reason in its events; `on_failure` may
        also be DELETE or DO_NOTHING.
        """
        with self._lock:
            if any(stack.name == name for stack in self.active_stacks()):
                raise AlreadyExists(f"Stack [{name}] already exists")
            stack = Stack(name, self._region, self._account, tags, parent)
            stack.protected = protected
            try:
                plan = self.plan(text, given, stack)
            except TransformFailed as error:
                self._stacks.append(stack)
                stack.plan = Plan(text, {}, {})
                stack.set_status("CREATE_IN_PROGRESS", "User Initiated")
                stack.set_status("CREATE_FAILED", str(error))
                stack.set_status("ROLLBACK_COMPLETE", str(error))
                return stack
            except LocalAwsError as error:
                raise ValidationError(str(error)) from None
            self._stacks.append(stack)
            self._engine.deploy(stack, plan, keeps_failed=on_failure == "DO_NOTHING")
            if on_failure == "DELETE" and stack.status == "ROLLBACK_COMPLETE":
                self._engine.delete(stack)
            return stack

    def update_stack(
        self,
        name: str,
        text: str | None,
        given: Mapping[str, str],
        tags: Mapping[str, str] | None = None,
        *,
        keeps_failed: bool = False,
    ) -> Stack:
        """Update a stack; raises ValidationError if nothing changes or the template is invalid.

        `tags` replace its tags, unless they are None. If `keeps_failed`, a failed update isn't rolled back.
        """
        with self._lock:
            stack = self.stack(name)
            self._check_updatable(stack)
            try:
                plan = self.plan(text or stack.plan.text, given, stack)
            except LocalAwsError as error:
                raise ValidationError(str(error)) from None
            before, after = stack.tags, stack.tags if tags is None else dict(tags)
            if plan == stack.plan and before == after and not plan.has_nested:
                raise NoChanges("No updates are to be performed.")
            stack.tags = after
            self._engine.deploy(stack, plan, keeps_failed=keeps_failed)
            if "ROLLBACK" in stack.status:
                stack.tags = before
            return stack

    def delete_stack(self, name: str) -> None:
        """Delete a stack; one that doesn't exist is no error, as on AWS."""
        with self._lock:
            for stack in self.active_stacks():
                if name not in (stack.name, stack.stack_id):
                    continue
                self._check_idle(stack)
                if stack.root.protected:
                    raise ValidationError(
                        f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
                    )
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
        """Plan a change; raises ValidationError if the template or a parameter is invalid.

        If the transform fails, the change set is FAILED, with the reason.
        """
        with self._lock:
            found = [stack for stack in self.active_stacks() if stack_name in (stack.name, stack.stack_id)]
            if kind == "CREATE" and found and found[0].status not in _CREATABLE:
                raise AlreadyExists(
                    f"Stack [{stack_name}] already exists and cannot be created again with the changeSet [{name}]."
                )
            for stack in found:
                self._check_idle(stack)
            if kind != "CREATE" and not found:
                raise ValidationError(f"Stack [{stack_name}] does not exist")
            if found:
                stack = found[0]
            else:
                stack = Stack(stack_name, self._region, self._account, tags)
                stack.set_status("REVIEW_IN_PROGRESS", "User Initiated")
                self._stacks.append(stack)
            if any(each.name == name for each in self.change_sets(stack.stack_id)):
                raise AlreadyExists(f"ChangeSet {name} already exists for stack {stack.name}")
            plan: Plan | None = None
            changes: list[dict[str, Any]] = []
            reason: str | None = None
            try:
                plan = self.plan(text or stack.plan.text, given, stack)
                changes = planned_changes(stack, plan)
                reason = NO_CHANGES if plan == stack.plan and not plan.has_nested else None
            except TransformFailed as error:
                reason = str(error)
                stack.add_event(stack.name, stack.stack_id, "AWS::CloudFormation::Stack", stack.status, reason)
            except LocalAwsError as error:
                if not found:
                    self._stacks.remove(stack)
                raise ValidationError(str(error)) from None
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
                raise InvalidChangeSetStatus(
                    f"ChangeSet [{change_set.arn}] cannot be executed in its current status of [{change_set.status}]"
                )
            self._check_idle(change_set.stack)
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
        raise ChangeSetNotFound(f"ChangeSet [{name}] does not exist")

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

    def create_nested(
        self, name: str, url: str, parameters: Mapping[str, str], tags: Mapping[str, str], parent: str
    ) -> Stack:
        """Create a stack within another; raises TemplateError if it's rolled back."""
        try:
            stack = self.create_stack(name, self.fetch(url), parameters, tags, parent=self.stack(parent))
        except (ValidationError, AlreadyExists) as error:
            raise TemplateError(str(error.message)) from None
        if stack.status != "CREATE_COMPLETE":
            reason = _first_failure(stack)
            self._engine.delete(stack)
            raise TemplateError(f"Embedded stack {stack.stack_id} was not successfully created: {reason}")
        return stack

    def update_nested(self, stack_id: str, url: str, parameters: Mapping[str, str], tags: Mapping[str, str]) -> Stack:
        """Update a stack within another; raises TemplateError if it's rolled back."""
        try:
            stack = self.update_stack(stack_id, self.fetch(url), parameters, tags)
        except NoChanges:
            return self.stack(stack_id)
        except ValidationError as error:
            raise TemplateError(str(error.message)) from None
        if stack.status != "UPDATE_COMPLETE":
            raise TemplateError(f"Embedded stack {stack_id} was not successfully updated: {_first_failure(stack)}")
        return stack

    def delete_nested(self, stack_id: str) -> str | None:
        """Delete a stack within another; returns the reason if that fails."""
        stack = self.stack(stack_id)
        self._engine.delete(stack)
        return None if stack.status == "DELETE_COMPLETE" else stack.reason

    def importers(self, export: str) -> list[str]:
        """The names of the stacks that import a value."""
        return importers(self.active_stacks(), export)

    def plan(self, text: str, given: Mapping[str, str], stack: Stack) -> Plan:
        """The plan for a template and its parameters; raises LocalAwsError if it's invalid."""
        body = self._read(text, given)
        values = parameter_values.resolve(body, given, self._look_up)
        pseudo = pseudo_parameters(stack.name, stack.stack_id, self._region, self._account)
        check_plan(body, {**pseudo, **values})
        return Plan(text, body, values)

    @staticmethod
    def _check_idle(stack: Stack) -> None:
        """Raise ValidationError while a stack is deployed."""
        if stack.status.endswith("_IN_PROGRESS") and stack.status not in _CREATABLE:
            raise ValidationError(f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated.")

    def _check_updatable(self, stack: Stack) -> None:
        self._check_idle(stack)
        if stack.status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS"):
            raise ValidationError(f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated.")
