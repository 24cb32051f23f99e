"""Saves and restores state machines, their versions, aliases and executions, and activities."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from localaws.clock import Clock
from localaws.state.folder import Folder
from localaws.state.part import Part
from localaws.stepfunctions.activities import Activities
from localaws.stepfunctions.engine import Engine
from localaws.stepfunctions.execution import RUNNING, Execution
from localaws.stepfunctions.machines import StateMachines
from localaws.stepfunctions.saved import is_kept, restored, saved


class StepFunctions(Part):
    """The state of Step Functions.

    An execution that has ended doesn't change any more, unless it's redriven: it's written once, as a content.
    """

    def __init__(
        self, machines: StateMachines, activities: Activities, engine: Engine, clock: Clock, folder: Folder
    ) -> None:
        self._machines, self._activities, self._engine, self._clock = machines, activities, engine, clock
        self._folder = folder
        # Execution and number of redrives → content.
        self._written: dict[tuple[str, int], str] = {}

    def read(self) -> dict[str, Any]:
        """State machines, activities, and executions: those that run, and the names of the others' contents."""
        executions = [execution for execution in self._engine.all() if is_kept(execution)]
        ended = [execution for execution in executions if execution.status != RUNNING]
        self._written = {_place(execution): self._write(execution) for execution in ended}
        return {
            "machines": self._machines.read(),
            "activities": self._activities.read(),
            "ended": list(self._written.values()),
            "running": [saved(execution) for execution in executions if execution.status == RUNNING],
        }

    def expect(self, kept: Mapping[str, Any]) -> None:
        """Let the state machines of the stacks go on with their revisions and versions."""
        self._machines.expect(kept["machines"])

    def restore(self, kept: Mapping[str, Any], of_stacks: Collection[str]) -> list[str]:
        """Restore everything else. Executions that ran are aborted."""
        self._machines.restore(kept["machines"], of_stacks)
        self._activities.restore(kept["activities"], of_stacks)
        known = {machine.arn for machine in self._machines.all()}
        ended = [json.loads(self._folder.get(name)) for name in kept["ended"]]
        states = sorted((*ended, *kept["running"]), key=lambda state: state["started"])
        now = self._clock.now()
        self._engine.restore([restored(state, now) for state in states if state["machine"]["arn"] in known])
        aborted = len(kept["running"])
        return [f"{aborted:,} executions of state machines that ran (ABORTED now)"] if aborted else []

    def contents(self) -> set[str]:
        """The names of the executions' contents."""
        return set(self._written.values())

    def _write(self, execution: Execution) -> str:
        known = self._written.get(_place(execution))
        return known or self._folder.put(json.dumps(saved(execution)).encode())


def _place(execution: Execution) -> tuple[str, int]:
    return execution.arn, execution.redrives
