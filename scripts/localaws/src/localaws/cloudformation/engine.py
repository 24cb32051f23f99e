"""Creates, updates, rolls back and deletes a stack's resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localaws.cloudformation.dynamic import Lookup
from localaws.cloudformation.order import creation_order
from localaws.cloudformation.stack import Output, Plan, Record, Stack
from localaws.errors import LocalAwsError, TemplateError
from localaws.generated_names import Names
from localaws.resource_types import registry
from localaws.resource_types.base import Clients, Scope
from localaws.template.intrinsics import Resolver

# Raised by resource types for an invalid template or a request that a service rejects.
FAILURES = (LocalAwsError, ClientError, BotoCoreError, KeyError, TypeError, ValueError)
_RETAIN = ("Retain", "RetainExceptOnCreate")


class Engine:
    """Deploys plans. `verify` raises TemplateError for unsupported values of a resource's resolved properties."""

    def __init__(
        self,
        clients: Clients,
        region: str,
        account: str,
        exports: Callable[[], Mapping[str, str]],
        verify: Callable[[str, str, Mapping[str, Any]], None],
        names: Names,
    ) -> None:
        self._clients, self._region, self._account = clients, region, account
        self._lookup, self._names = Lookup(clients), names
        self._exports, self._verify = exports, verify

    def deploy(self, stack: Stack, plan: Plan) -> None:
        """Create or update `stack` to `plan`; on failure it's rolled back, and its events have the reason."""
        verb = "UPDATE" if stack.plan.body else "CREATE"
        previous, before, outputs = stack.plan, dict(stack.records), list(stack.outputs)
        stack.plan = plan
        stack.set_status(f"{verb}_IN_PROGRESS", "User Initiated")
        undo: list[Callable[[], None]] = []
        try:
            obsolete = self._apply(stack, plan, before, undo)
            stack.outputs = self._outputs(stack, plan)
        except FAILURES as error:
            stack.outputs = outputs
            self._roll_back(stack, previous, before, undo, verb, _reason(error))
            return
        if verb == "UPDATE":
            stack.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
            stack.updated = datetime.now(UTC)
        for record in reversed(obsolete):
            self._delete(stack, record)
        stack.set_status(f"{verb}_COMPLETE")

    def delete(self, stack: Stack) -> None:
        """Delete the stack's resources in reverse order of creation; if one fails, the stack is DELETE_FAILED."""
        stack.set_status("DELETE_IN_PROGRESS", "User Initiated")
        for logical_id, record in reversed(list(stack.records.items())):
            if record.deletion_policy in _RETAIN:
                stack.add_event(logical_id, record.physical_id, record.kind, "DELETE_SKIPPED")
            elif not self._delete(stack, record):
                stack.set_status("DELETE_FAILED", f"The following resource(s) failed to delete: [{logical_id}].")
                return
            del stack.records[logical_id]
        stack.deleted = datetime.now(UTC)
        stack.set_status("DELETE_COMPLETE")

    def _apply(
        self, stack: Stack, plan: Plan, before: Mapping[str, Record], undo: list[Callable[[], None]]
    ) -> list[Record]:
        """Create and update the resources of `plan`; returns the records of those that are obsolete."""
        resources = plan.body["Resources"]
        values = _Values(stack, plan, self._region, self._account, self._exports(), self._lookup)
        resolver = Resolver(plan.body, values)
        obsolete: list[Record] = []
        kept: set[str] = set()
        stack.records = dict(before)
        for logical_id in creation_order(resources):
            resource = resources[logical_id]
            if "Condition" in resource and not resolver.condition(resource["Condition"]):
                continue
            kept.add(logical_id)
            old = before.get(logical_id)
            record = self._create_or_update(stack, logical_id, resource, resolver, old, undo)
            if old is not None and old.physical_id != record.physical_id and old.replace_policy not in _RETAIN:
                obsolete.append(old)
            # Move it to the end, so that the records are in the order of creation.
            stack.records.pop(logical_id, None)
            stack.records[logical_id] = record
        for logical_id in [name for name in before if name not in kept]:
            removed = stack.records.pop(logical_id)
            if removed.deletion_policy not in _RETAIN:
                obsolete.append(removed)
        return obsolete

    def _create_or_update(
        self,
        stack: Stack,
        logical_id: str,
        resource: Mapping[str, Any],
        resolver: Resolver,
        old: Record | None,
        undo: list[Callable[[], None]],
    ) -> Record:
        kind_name = resource["Type"]
        verb, physical_id = ("UPDATE", old.physical_id) if old else ("CREATE", "")
        try:
            properties = resolver.properties(resource)
            self._verify(logical_id, kind_name, properties)
            policies = {
                "deletion_policy": resolver.resolve(resource.get("DeletionPolicy", "Delete")),
                "replace_policy": resolver.resolve(resource.get("UpdateReplacePolicy", "Delete")),
            }
            if old and old.kind == kind_name and old.properties == properties:
                return replace(old, **policies)
            stack.add_event(logical_id, physical_id, kind_name, f"{verb}_IN_PROGRESS")
            kind, scope = registry.find(kind_name), self._scope(stack, logical_id)
            before = old.properties if old else {}
            changed = {key for key in {*properties, *before} if before.get(key) != properties.get(key)}
            if old and old.kind == kind_name and not changed & kind.replaced_by:
                deployed = kind.update(old.physical_id, old.properties, properties, scope)
                undo.append(lambda: _discard(kind.update(old.physical_id, properties, old.properties, scope)))
            else:
                deployed = kind.create(properties, scope)
                created = Record(logical_id, kind_name, deployed.physical_id, {}, properties, "", **policies)
                undo.append(lambda: self._undo_creation(stack, created))
        except FAILURES as error:
            stack.add_event(logical_id, physical_id, kind_name, f"{verb}_FAILED", _reason(error))
            raise TemplateError(f"The following resource(s) failed to {verb.lower()}: [{logical_id}].") from error
        stack.add_event(logical_id, deployed.physical_id, kind_name, f"{verb}_COMPLETE")
        return Record(
            logical_id, kind_name, deployed.physical_id, deployed.attributes, properties, f"{verb}_COMPLETE", **policies
        )

    def _roll_back(
        self,
        stack: Stack,
        previous: Plan,
        before: dict[str, Record],
        undo: list[Callable[[], None]],
        verb: str,
        reason: str,
    ) -> None:
        prefix = "ROLLBACK" if verb == "CREATE" else "UPDATE_ROLLBACK"
        stack.set_status(f"{prefix}_IN_PROGRESS", reason)
        for step in reversed(undo):
            try:
                step()
            except FAILURES as error:
                stack.set_status(f"{prefix}_FAILED", _reason(error))
                return
        stack.records = before
        # A stack whose creation failed keeps its plan, so that its parameters can be read.
        stack.plan = previous if verb == "UPDATE" else replace(stack.plan, body={})
        stack.set_status(f"{prefix}_COMPLETE")

    def _undo_creation(self, stack: Stack, record: Record) -> None:
        if record.deletion_policy == "Retain":
            stack.add_event(record.logical_id, record.physical_id, record.kind, "DELETE_SKIPPED")
        elif not self._delete(stack, record):
            raise TemplateError(f"The following resource(s) failed to delete: [{record.logical_id}].")

    def _delete(self, stack: Stack, record: Record) -> bool:
        stack.add_event(record.logical_id, record.physical_id, record.kind, "DELETE_IN_PROGRESS")
        try:
            kind = registry.find(record.kind)
            kind.delete(record.physical_id, record.properties, self._scope(stack, record.logical_id))
        except FAILURES as error:
            stack.add_event(record.logical_id, record.physical_id, record.kind, "DELETE_FAILED", _reason(error))
            return False
        stack.add_event(record.logical_id, record.physical_id, record.kind, "DELETE_COMPLETE")
        return True

    def _outputs(self, stack: Stack, plan: Plan) -> list[Output]:
        values = _Values(stack, plan, self._region, self._account, self._exports(), self._lookup)
        resolver = Resolver(plan.body, values)
        mine = {output.export for output in stack.outputs}
        outputs = []
        for key, spec in (plan.body.get("Outputs") or {}).items():
            if "Condition" in spec and not resolver.condition(spec["Condition"]):
                continue
            export = resolver.resolve(spec["Export"]["Name"]) if "Export" in spec else None
            if export and export in self._exports() and export not in mine:
                raise TemplateError(f"Export with name {export} is already exported by another stack.")
            outputs.append(Output(key, str(resolver.resolve(spec["Value"])), spec.get("Description"), export))
        return outputs

    def _scope(self, stack: Stack, logical_id: str) -> Scope:
        return Scope(stack.name, stack.stack_id, logical_id, self._region, self._account, self._clients, self._names)


class _Values:
    """The values of references while a stack is deployed."""

    def __init__(
        self, stack: Stack, plan: Plan, region: str, account: str, exports: Mapping[str, str], lookup: Lookup
    ) -> None:
        self._stack, self._exports, self._lookup = stack, exports, lookup
        self._constants = {
            "AWS::AccountId": account,
            "AWS::NotificationARNs": [],
            "AWS::Partition": "aws",
            "AWS::Region": region,
            "AWS::StackId": stack.stack_id,
            "AWS::StackName": stack.name,
            "AWS::URLSuffix": "amazonaws.com",
            **plan.parameters,
        }

    def ref(self, name: str) -> Any:
        return self._constants[name] if name in self._constants else self._stack.records[name].physical_id

    def attribute(self, logical_id: str, name: str) -> Any:
        return self._stack.records[logical_id].attributes[name]

    def imported(self, export: str) -> str:
        return self._exports[export]

    def dynamic(self, reference: str) -> str:
        return self._lookup.dynamic(reference)


def _reason(error: BaseException) -> str:
    if isinstance(error, ClientError):
        details = error.response["Error"]
        return f"{details.get('Message')} (Service: {error.operation_name}; Error Code: {details.get('Code')})"
    if isinstance(error, KeyError):
        return f"Required property {error.args[0]} is missing."
    return str(error)


def _discard(_: object) -> None:
    """Ignore a result."""
