"""State machines: creating, updating and finding them."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from random import Random
from typing import Any

from localaws.iam.guard import Guard
from localaws.iam.sender import Sender
from localaws.settings import ACCOUNT
from localaws.stepfunctions.errors import (
    AccessDenied,
    InvalidArn,
    InvalidDefinition,
    InvalidLogging,
    InvalidName,
    MachineAlreadyExists,
    MachineDoesNotExist,
)
from localaws.stepfunctions.execution import Machine
from localaws.stepfunctions.language.validation import refusal, validate
from localaws.stepfunctions.managed_rules import ACTIONS, managed_rules
from localaws.stepfunctions.state_machine import StateMachine
from localaws.stepfunctions.versions import Versions, is_qualified

PRINCIPAL = "states.amazonaws.com"
_NAME = re.compile(r"[\w\-.]{1,80}")
_ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/.+")
_LOG_GROUP = re.compile(r"arn:[\w-]+:logs:[\w-]+:\d+:log-group:[^:]+(:\*)?")
_LEVELS = frozenset({"ALL", "ERROR", "FATAL", "OFF"})


class StateMachines:
    """All state machines of one region, with their versions and aliases."""

    def __init__(self, region: str, guard: Guard) -> None:
        self.versions = Versions(Random())  # noqa: S311 (it distributes executions over the versions of an alias)
        self._prefix = f"arn:aws:states:{region}:{ACCOUNT}"
        self._guard = guard
        self._machines: dict[str, StateMachine] = {}
        self._expected: dict[str, StateMachine] = {}

    def create(
        self,
        name: str,
        kind: str,
        role: str,
        text: str,
        now: float,
        logging: Mapping[str, Any],
        tags: Mapping[str, str],
    ) -> StateMachine:
        """Create a state machine; one with the same name and settings is returned as it is."""
        if not _NAME.fullmatch(name):
            raise InvalidName(f"Invalid Name: '{name}'")
        arn = f"{self._prefix}:stateMachine:{name}"
        made = self._continued(StateMachine(arn, name, kind, role, text, now, logging, dict(tags)))
        known = self._machines.get(arn)
        if known is not None:
            if (known.kind, known.role, known.text, known.logging) != (kind, role, text, logging):
                raise MachineAlreadyExists(f"State Machine Already Exists: '{arn}'")
            return known
        self._check(made)
        self._expected.pop(arn, None)
        self._machines[arn] = made
        return made

    def update(self, arn: str, changes: Mapping[str, Any]) -> StateMachine:
        """Change the attributes of a state machine that `changes` has; running executions keep what they run.

        Its revision stays the same if nothing is new.
        """
        known = self.find(arn)
        if all(getattr(known, name) == value for name, value in changes.items()):
            return known
        changed = replace(known, **changes, revision=str(uuid.uuid4()), updates=known.updates + 1)
        self._check(changed)
        self._machines[known.arn] = changed
        return changed

    def find(self, arn: str) -> StateMachine:
        """A state machine; raises InvalidArn or MachineDoesNotExist."""
        _demand_arn(arn)
        if arn not in self._machines:
            raise MachineDoesNotExist(f"State Machine Does Not Exist: '{arn}'")
        return self._machines[arn]

    def as_run(self, arn: str) -> Machine:
        """What an execution runs that's started by the ARN of a state machine, a version or an alias.

        Raises MachineDoesNotExist.
        """
        return self.versions.as_run(arn) if is_qualified(arn) else self.find(arn).as_run

    def delete(self, arn: str) -> None:
        """Delete a state machine, if it's there, with its versions and aliases; raises InvalidArn."""
        _demand_arn(arn)
        self._machines.pop(arn, None)
        self.versions.forget(arn)

    def all(self) -> list[StateMachine]:
        """All state machines, by name."""
        return sorted(self._machines.values(), key=lambda machine: machine.name)

    def read(self) -> dict[str, Any]:
        """All state machines with their versions and aliases, to save them."""
        return {"machines": [asdict(machine) for machine in self.all()], **self.versions.read()}

    def expect(self, kept: Mapping[str, Any]) -> None:
        """Let the state machines that are created next go on as those of a saved state with the same names."""
        self._expected = {state["arn"]: StateMachine(**state) for state in kept["machines"]}
        self.versions.restore(kept)

    def restore(self, kept: Mapping[str, Any], of_stacks: Collection[str]) -> None:
        """Restore the state machines and aliases that no stack has created again, and that none had."""
        for arn, machine in self._expected.items():
            if arn in of_stacks:
                self.versions.forget(arn)
            else:
                self._machines[arn] = machine
        self._expected = {}
        self.versions.restore_aliases(kept, self._machines)

    def forget_all(self) -> None:
        """Delete all state machines."""
        self._expected.clear()
        self._machines.clear()
        self.versions.forget_all()

    def _continued(self, made: StateMachine) -> StateMachine:
        """A state machine with the past of the expected one: it's the same revision if nothing has changed."""
        past = self._expected.get(made.arn)
        if past is None:
            return made
        if (past.kind, past.role, past.text, past.logging) == (made.kind, made.role, made.text, made.logging):
            return replace(made, created=past.created, revision=past.revision, updates=past.updates)
        return replace(made, created=past.created, updates=past.updates + 1)

    def _check(self, machine: StateMachine) -> None:
        if not _ROLE.fullmatch(machine.role):
            raise InvalidArn(f"Invalid Role Arn: '{machine.role}'")
        diagnostics = validate(machine.text, machine.kind)
        if diagnostics:
            raise InvalidDefinition(refusal(diagnostics))
        if self._guard.untrusted(Sender(PRINCIPAL, machine.arn, machine.role)):
            raise AccessDenied(
                f"Neither the global service principal {PRINCIPAL}, nor the regional one is authorized to assume the "
                "provided role."
            )
        for rule in managed_rules(json.loads(machine.text)):
            arn = f"{self._prefix.replace(':states:', ':events:')}:rule/{rule}"
            if any(self._guard.denied_to_role(machine.role, "states", action, arn) for action in ACTIONS):
                raise AccessDenied(f"'{machine.role}' is not authorized to create managed-rule.")
        level, destinations = machine.logging.get("level", "OFF"), machine.logging.get("destinations") or []
        if level not in _LEVELS or (level != "OFF" and len(destinations) != 1):
            raise InvalidLogging("Invalid Logging Configuration: Must specify exactly one Log Destination.")
        if level != "OFF" and not _LOG_GROUP.fullmatch(_log_group(destinations[0])):
            raise InvalidLogging("Invalid Logging Configuration: The Log Destination isn't the ARN of a log group.")
        if level != "OFF" and self._guard.denied_to_role(machine.role, "states", "logs:CreateLogDelivery", "*"):
            raise AccessDenied("The state machine IAM Role is not authorized to access the Log Destination")


def _demand_arn(arn: str) -> None:
    """Raise InvalidArn for an ARN of something else."""
    if ":stateMachine:" not in arn:
        raise InvalidArn(f"Invalid Arn: '{arn}'")


def _log_group(destination: Mapping[str, Any]) -> str:
    """The ARN of the log group that logs are delivered to."""
    return str((destination.get("cloudWatchLogsLogGroup") or {}).get("logGroupArn") or "")
