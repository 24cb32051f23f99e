"""Versions of state machines, and the aliases that name them.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-cd-aliasing-versioning.html
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from random import Random
from typing import Any

from localaws.stepfunctions.errors import Conflict, InvalidName, MachineDoesNotExist, ResourceNotFound, ValidationFailed
from localaws.stepfunctions.execution import Machine
from localaws.stepfunctions.state_machine import StateMachine

_ALIAS = re.compile(r"(?=.*[a-zA-Z_\-.])[\w\-.]{1,80}", re.ASCII)
_WHOLE, _MOST_ROUTES = 100, 2
# What a revision that was never updated can be called.
_INITIAL = "INITIAL"
# The parts of a state machine's ARN without a qualifier.
_PARTS = 7


@dataclass(frozen=True)
class Version:
    """A published snapshot of a state machine."""

    arn: str
    number: int
    machine: StateMachine
    description: str
    created: float


@dataclass(frozen=True)
class Alias:
    """A name for one version or two. `routes` is the ARN of a version → its percentage of the executions."""

    arn: str
    name: str
    description: str
    routes: Mapping[str, int]
    created: float
    updated: float


def unqualified(arn: str) -> str:
    """The ARN of the state machine of a version or an alias; a state machine's own is returned as it is."""
    return ":".join(arn.split(":")[:_PARTS])


def is_qualified(arn: str) -> bool:
    """Whether an ARN is that of a version or an alias."""
    return arn.count(":") >= _PARTS


class Versions:
    """All versions and aliases of one region. Its methods may be called from any thread."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._lock = threading.Lock()
        self._versions: dict[str, list[Version]] = {}
        self._numbers: dict[str, int] = {}
        self._aliases: dict[str, Alias] = {}

    def publish(self, machine: StateMachine, description: str | None, revision: str | None, now: float) -> Version:
        """The version of a state machine's present revision, which is published if there's none; raises Conflict."""
        known = {machine.revision} | ({_INITIAL} if machine.updates == 0 else set())
        if revision is not None and revision not in known:
            raise Conflict(
                f"Failed to publish the State Machine version for revision {revision}. The current State Machine "
                f"revision is {machine.revision}."
            )
        with self._lock:
            versions = self._versions.setdefault(machine.arn, [])
            found = next((each for each in versions if each.machine.revision == machine.revision), None)
            if found is None:
                number = self._numbers[machine.arn] = self._numbers.get(machine.arn, 0) + 1
                found = Version(f"{machine.arn}:{number}", number, machine, description or "", now)
                versions.append(found)
            elif description is not None and description != found.description:
                raise Conflict(
                    f"Version with description {found.description} already exists for revision {machine.revision}."
                )
            return found

    def version(self, arn: str) -> Version:
        """A version; raises MachineDoesNotExist."""
        found = next((each for each in self.versions_of(unqualified(arn)) if each.arn == arn), None)
        if found is None:
            raise MachineDoesNotExist(f"State Machine Does Not Exist: '{arn}'")
        return found

    def versions_of(self, machine: str) -> list[Version]:
        """The versions of a state machine, newest first."""
        with self._lock:
            return self._versions.get(machine, [])[::-1]

    def delete_version(self, arn: str) -> None:
        """Delete a version, if it's there; raises Conflict if an alias routes to it."""
        names = [alias.name for alias in self.aliases_of(arn)]
        if names:
            raise Conflict(
                f"Version to be deleted must not be referenced by an alias. Current list of aliases referencing this "
                f"version: [{', '.join(names)}]"
            )
        with self._lock:
            kept = [each for each in self._versions.get(unqualified(arn), []) if each.arn != arn]
            self._versions[unqualified(arn)] = kept

    def create_alias(self, name: str, description: str, routes: Mapping[str, int], now: float) -> Alias:
        """Create an alias; one with the same settings is returned as it is. Raises Conflict for other settings."""
        if not _ALIAS.fullmatch(name):
            raise InvalidName(f"Invalid Name: '{name}'")
        self._check(routes)
        arn = f"{unqualified(next(iter(routes)))}:{name}"
        with self._lock:
            known = self._aliases.get(arn)
            if known is not None and (known.description, known.routes) != (description, routes):
                raise Conflict(
                    "Failed to create alias because an alias with the same name and a different "
                    "routing configuration or description already exists."
                )
            return self._aliases.setdefault(arn, Alias(arn, name, description, routes, now, now))

    def update_alias(self, arn: str, description: str | None, routes: Mapping[str, int] | None, now: float) -> Alias:
        """Change the description or the routes of an alias."""
        alias = self.alias(arn)
        if routes is not None:
            self._check(routes)
            if unqualified(next(iter(routes))) != unqualified(arn):
                raise ValidationFailed("The versions of an alias must be of its state machine.")
        changed = replace(
            alias,
            description=alias.description if description is None else description,
            routes=alias.routes if routes is None else routes,
            updated=now,
        )
        with self._lock:
            self._aliases[arn] = changed
        return changed

    def alias(self, arn: str) -> Alias:
        """An alias; raises ResourceNotFound."""
        if arn not in self._aliases:
            raise ResourceNotFound(f"Request references a resource that does not exist. Resource: '{arn}'")
        return self._aliases[arn]

    def aliases_of(self, arn: str) -> list[Alias]:
        """The aliases of a state machine, or those that route to a version, by name."""
        with self._lock:
            found = [each for each in self._aliases.values() if unqualified(each.arn) == unqualified(arn)]
        chosen = [each for each in found if not is_qualified(arn) or arn in each.routes]
        return sorted(chosen, key=lambda alias: alias.name)

    def delete_alias(self, arn: str) -> None:
        """Delete an alias; raises ResourceNotFound."""
        self.alias(arn)
        with self._lock:
            del self._aliases[arn]

    def as_run(self, arn: str) -> Machine:
        """What an execution that's started by a version's or an alias's ARN runs; raises MachineDoesNotExist."""
        if arn not in self._aliases:
            return replace(self.version(arn).machine.as_run, version=arn)
        routes = self._aliases[arn].routes
        chosen = self._random.choices(list(routes), list(routes.values()))[0]
        return replace(self.version(chosen).machine.as_run, version=chosen, alias=arn)

    def read(self) -> dict[str, Any]:
        """All versions, the last number of each state machine, and all aliases, to save them."""
        with self._lock:
            versions = [asdict(version) for of_machine in self._versions.values() for version in of_machine]
            aliases = [asdict(alias) for alias in self._aliases.values()]
            return {"versions": versions, "numbers": dict(self._numbers), "aliases": aliases}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Restore the versions, and go on from their numbers."""
        with self._lock:
            self._numbers |= kept["numbers"]
            for state in kept["versions"]:
                version = Version(**{**state, "machine": StateMachine(**state["machine"])})
                self._versions.setdefault(version.machine.arn, []).append(version)

    def restore_aliases(self, kept: Mapping[str, Any], machines: Collection[str]) -> None:
        """Restore the aliases of these state machines that there aren't yet."""
        with self._lock:
            for state in kept["aliases"]:
                alias = Alias(**state)
                if unqualified(alias.arn) in machines:
                    self._aliases.setdefault(alias.arn, alias)

    def forget(self, machine: str) -> None:
        """Delete the versions and aliases of a state machine."""
        with self._lock:
            self._versions.pop(machine, None)
            self._numbers.pop(machine, None)
            for arn in [arn for arn in self._aliases if unqualified(arn) == machine]:
                del self._aliases[arn]

    def forget_all(self) -> None:
        """Delete all versions and aliases."""
        with self._lock:
            self._versions.clear()
            self._numbers.clear()
            self._aliases.clear()

    def _check(self, routes: Mapping[str, int]) -> None:
        """Raise ValidationFailed unless routes lead to versions of one state machine and share all executions."""
        if not 1 <= len(routes) <= _MOST_ROUTES:
            raise ValidationFailed("An alias routes to one version or two.")
        if sum(routes.values()) != _WHOLE or not all(0 <= weight <= _WHOLE for weight in routes.values()):
            raise ValidationFailed("Sum of routing configuration weights must equal 100.")
        if len({unqualified(arn) for arn in routes}) > 1:
            raise ValidationFailed("The versions of an alias must be of one state machine.")
        for arn in routes:
            if arn not in [version.arn for version in self.versions_of(unqualified(arn))]:
                raise ResourceNotFound(f"Request references a resource that does not exist. Resource: '{arn}'")


def routing(given: Sequence[Mapping[str, object]]) -> dict[str, int]:
    """The routes of a request's routingConfiguration."""
    routes = {str(each["stateMachineVersionArn"]): int(str(each["weight"])) for each in given}
    if len(routes) != len(given):
        raise ValidationFailed("The versions of an alias must differ.")
    return routes
