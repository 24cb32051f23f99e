"""An execution as JSON, to save and to restore it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from localaws.stepfunctions.execution import ABORTED, RUNNING, Execution, Machine, Reached

_PLAIN = (
    "arn",
    "name",
    "input",
    "started",
    "status",
    "ended",
    "output",
    "error",
    "cause",
    "trace_header",
    "redrives",
    "redriven",
    "history",
)
_STOPPED = "Local AWS was stopped while the execution ran."


def is_kept(execution: Execution) -> bool:
    """Whether an execution is saved: that of a standard workflow, but not a child of a Distributed Map."""
    return execution.machine.kind == "STANDARD" and "/" not in execution.machine.arn


def saved(execution: Execution) -> dict[str, Any]:
    """An execution as JSON; without the run of a Distributed Map it can't go on where it failed."""
    reached = execution.reached
    can_go_on = reached is not None and execution.map_run is None
    return {
        **{name: getattr(execution, name) for name in _PLAIN},
        "machine": asdict(execution.machine),
        "reached": {**_members(reached), "variables": dict(reached.variables)} if reached and can_go_on else None,
    }


def restored(state: Mapping[str, Any], now: float) -> Execution:
    """A saved execution; one that ran then was aborted by the end of local AWS."""
    reached = Reached(**state["reached"]) if state["reached"] else None
    plain = {name: state[name] for name in _PLAIN if name in state}  # earlier versions saved fewer
    execution = Execution(**plain, machine=Machine(**state["machine"]), reached=reached)
    last = execution.history[-1]["id"] if execution.history else 0
    execution.ids = itertools.count(last + 1)
    if execution.status == RUNNING:
        execution.status, execution.ended, execution.cause = ABORTED, now, _STOPPED
        execution.note("ExecutionAborted", now, last, {"cause": _STOPPED})
    execution.finished.set()
    return execution


def _members(reached: Reached) -> dict[str, Any]:
    return {field.name: getattr(reached, field.name) for field in fields(reached)}
