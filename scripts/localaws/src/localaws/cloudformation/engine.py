"""Creates, updates, rolls back and deletes a stack's resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localaws.cloudformation.dynamic import Lookup
from localaws.cloudformation.errors import Abandoned
from localaws.cloudformation.exports import check_change, check_deletion, exported
from localaws.cloudformation.order import creation_order
from localaws.cloudformation.stack import Output, Plan, Record, Stack
from localaws.cloudformation.stack_tags import system_tags, with_stack_tags
from localaws.errors import LocalAwsError, TemplateError
from localaws.generated_names import Names
from localaws.resource_types import registry
from localaws.resource_types.base import Clients, Deployed, ResourceType, Scope, Stacks
from localaws.resource_types.custom_names import custom_name, is_same, is_taken, means_taken
from localaws.resource_types.nested import NAME as NESTED
from localaws.template.intrinsics import Resolver
from localaws.template.pseudo_parameters import pseudo_parameters

# Raised by resource types for an invalid template or a request that a service rejects.
FAILURES = (LocalAwsError, ClientError, BotoCoreError, KeyError, TypeError, ValueError)
_RETAIN = ("Retain", "RetainExceptOnCreate")


class Engine:
    """Deploys plans. `stacks` returns all active stacks, and `nested` deploys those within others.

    `verify` raises TemplateError for unsupported values of a resource's resolved properties.
    `localized` replaces the AWS URLs of APIs in a text by their local ones. `pause` waits, and lets other stacks go on.
    """

    def __init__(
        self,
        clients: Clients,
        region: str,
        account: str,
        stacks: Callable[[], Sequence[Stack]],
        nested: Stacks,
        verify: Callable[[str, str, Mapping[str, Any]], None],
        names: Names,
        localized: Callable[[str], str],
        pause: Callable[[float], None],
    ) -> None:
        self._clients, self._region, self._account = clients, region, account
        self._lookup, self._names, self._pause = Lookup(clients), names, pause
        self._stacks, self._nested, self._verify, self._localized = stacks, nested, verify, localized

    def deploy(self, stack: Stack, plan: Plan, *, keeps_failed: bool = False) -> None:
        """Create or update `stack` to `plan`; on failure its events have the reason.

        A failed deployment is rolled back, unless it `keeps_failed` resources. Raises Abandoned if the stack was
        forgotten in the meantime.
        """
        verb = "UPDATE" if stack.plan.body else "CREATE"
        previous, before, outputs, imports = stack.plan, dict(stack.records), list(stack.outputs), stack.imports
        stack.plan = plan
        stack.set_status(f"{verb}_IN_PROGRESS", "User Initiated")
        undo: list[Callable[[], None]] = []
        try:
            values = _Values(stack, plan, self._region, self._account, exported(self._stacks()), self._lookup)
            obsolete = self._apply(stack, plan, before, values, undo)
            stack.outputs = self._outputs(stack, plan, values)
            check_change(stack, outputs, stack.outputs, self._stacks())
            stack.imports = frozenset(values.used)
        except FAILURES as error:
            if stack not in self._stacks():
                # Its resources are gone, and others may have their names by now.
                raise Abandoned(f"Local AWS was reset while stack {stack.name} was deployed.") from error
            stack.outputs, stack.imports = outputs, imports
            if keeps_failed:
                stack.set_status(f"{verb}_FAILED", _reason(error))
                return
            self._roll_back(stack, previous, before, undo, verb, _reason(error))
            return
        if verb == "UPDATE":
            stack.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
            stack.updated = datetime.now(UTC)
        for record in reversed(obsolete):
            self._delete(stack, record)
        stack.set_status(f"{verb}_COMPLETE")

    def delete(self, stack: Stack) -> None:
        """Delete the stack's resources in reverse order of creation; if one fails, the stack is DELETE_FAILED.

        A stack with a value that another one imports keeps its status.
        """
        status = stack.status
        stack.set_status("DELETE_IN_PROGRESS", "User Initiated")
        try:
            check_deletion(stack, self._stacks())
        except TemplateError as error:
            stack.set_status(status, str(error))
            return
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
        self, stack: Stack, plan: Plan, before: Mapping[str, Record], values: _Values, undo: list[Callable[[], None]]
    ) -> list[Record]:
        """Create and update the resources of `plan`; returns the records of those that are obsolete."""
        resources = plan.body["Resources"]
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
            properties = self._local(resolver.properties(resource))
            self._verify(logical_id, kind_name, properties)
            system = system_tags(stack.name, stack.stack_id, logical_id)
            properties = with_stack_tags(registry.find(kind_name), properties, stack.tags, system)
            policies = {
                "deletion_policy": resolver.resolve(resource.get("DeletionPolicy", "Delete")),
                "replace_policy": resolver.resolve(resource.get("UpdateReplacePolicy", "Delete")),
            }
            if old and old.kind == kind_name and old.properties == properties and kind_name != NESTED:
                return replace(old, **policies)
            stack.add_event(logical_id, physical_id, kind_name, f"{verb}_IN_PROGRESS")
            kind, scope = registry.find(kind_name), self._scope(stack, logical_id)
            by_policy = replace(scope, update_policy=resolver.resolve(resource.get("UpdatePolicy", {})))
            before = old.properties if old else {}
            changed = {key for key in {*properties, *before} if before.get(key) != properties.get(key)}
            if old and old.kind == kind_name and not changed & kind.replaced_by:
                deployed = kind.update(old.physical_id, old.properties, properties, by_policy)
                # Without its policy: what was before needs no trial.
                undo.append(lambda: _discard(kind.update(old.physical_id, properties, old.properties, scope)))
            else:
                deployed = self._create(kind, properties, old, scope)
                created = Record(logical_id, kind_name, deployed.physical_id, {}, properties, "", **policies)
                undo.append(lambda: self._undo_creation(stack, created))
        except FAILURES as error:
            stack.add_event(logical_id, physical_id, kind_name, f"{verb}_FAILED", _reason(error))
            raise TemplateError(f"The following resource(s) failed to {verb.lower()}: [{logical_id}].") from error
        stack.add_event(logical_id, deployed.physical_id, kind_name, f"{verb}_COMPLETE")
        attributes = self._local(deployed.attributes)
        return Record(
            logical_id, kind_name, deployed.physical_id, attributes, properties, f"{verb}_COMPLETE", **policies
        )

    def _create(self, kind: ResourceType, properties: Mapping[str, Any], old: Record | None, scope: Scope) -> Deployed:
        """Create a resource; raises TemplateError if another one has its custom name."""
        name = custom_name(kind.name, properties)
        if old and old.kind == kind.name and is_same(kind.name, old.properties, properties):
            raise TemplateError(
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                f"Rename {name} and update the stack again."
            )
        # The content of a kept stack may be there before it.
        if name is not None and not self._names.is_reusing and is_taken(kind.name, properties, scope):
            raise TemplateError(self._taken(name, kind.name, properties))
        try:
            return kind.create(properties, scope)
        except ClientError as error:
            if name is None or not means_taken(error):
                raise
            raise TemplateError(self._taken(name, kind.name, properties)) from error

    def _taken(self, name: str, kind: str, properties: Mapping[str, Any]) -> str:
        """The reason for the failure of a resource whose name is taken."""
        owner = next((stack.stack_id for stack in self._stacks() if _owns(stack, kind, properties)), None)
        return f"{name} already exists" + (f" in stack {owner}" if owner else "")

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

    def _outputs(self, stack: Stack, plan: Plan, values: _Values) -> list[Output]:
        resolver = Resolver(plan.body, values)
        taken = exported(other for other in self._stacks() if other is not stack)
        outputs = []
        for key, spec in (plan.body.get("Outputs") or {}).items():
            if "Condition" in spec and not resolver.condition(spec["Condition"]):
                continue
            export = resolver.resolve(spec["Export"]["Name"]) if "Export" in spec else None
            if export and export in taken:
                raise TemplateError(f"Export with name {export} is already exported by another stack.")
            value = self._localized(str(resolver.resolve(spec["Value"])))
            outputs.append(Output(key, value, spec.get("Description"), export))
        return outputs

    def _local(self, value: Any) -> Any:
        """A value with the URLs of APIs in its texts replaced by their local ones."""
        if isinstance(value, str):
            return self._localized(value)
        if isinstance(value, list):
            return [self._local(item) for item in value]
        if isinstance(value, Mapping):
            return {key: self._local(item) for key, item in value.items()}
        return value

    def _scope(self, stack: Stack, logical_id: str) -> Scope:
        return Scope(
            stack.name,
            stack.stack_id,
            logical_id,
            self._region,
            self._account,
            self._clients,
            self._nested,
            self._names,
            pause=self._pause,
        )


class _Values:
    """The values of references while a stack is deployed."""

    def __init__(
        self, stack: Stack, plan: Plan, region: str, account: str, exports: Mapping[str, str], lookup: Lookup
    ) -> None:
        self._stack, self._exports, self._lookup = stack, exports, lookup
        self._constants = {**pseudo_parameters(stack.name, stack.stack_id, region, account), **plan.parameters}
        # The exports that were imported so far.
        self.used: set[str] = set()

    def ref(self, name: str) -> Any:
        return self._constants[name] if name in self._constants else self._stack.records[name].physical_id

    def attribute(self, logical_id: str, name: str) -> Any:
        return self._stack.records[logical_id].attributes[name]

    def imported(self, export: str) -> str:
        value = self._exports[export]
        self.used.add(export)
        return value

    def dynamic(self, reference: str) -> str:
        return self._lookup.dynamic(reference)


def _owns(stack: Stack, kind: str, properties: Mapping[str, Any]) -> bool:
    """Whether a resource of the stack has the custom name in `properties`."""
    return any(
        record.kind == kind and is_same(kind, record.properties, properties) for record in stack.records.values()
    )


def _reason(error: BaseException) -> str:
    if isinstance(error, ClientError):
        details = error.response["Error"]
        return f"{details.get('Message')} (Service: {error.operation_name}; Error Code: {details.get('Code')})"
    if isinstance(error, KeyError):
        return f"Required property {error.args[0]} is missing."
    return str(error)


def _discard(_: object) -> None:
    """Ignore a result."""
