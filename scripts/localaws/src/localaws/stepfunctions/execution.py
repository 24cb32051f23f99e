"""One execution of a state machine: its status and its history of events."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED = "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"
Event = dict[str, Any]
# The events of one STANDARD execution; the last tells how it ended.
MOST_EVENTS = 25_000
# What events have of their data besides it.
ABOUT = {"input": "inputDetails", "output": "outputDetails", "assignedVariables": "assignedVariablesDetails"}
# The events whose details have another name than the event.
_STATE_ENDS = {"StateEntered": "stateEnteredEventDetails", "StateExited": "stateExitedEventDetails"}


@dataclass(frozen=True)
class Machine:
    """A state machine as an execution runs it: later updates don't reach it.

    `version` and `alias` are the ARNs that the execution was started by, if any; `map_run` is the ARN of the run whose
    children it is, `label` that of its Map state.
    """

    arn: str
    name: str
    role: str
    kind: str
    definition: Mapping[str, Any]
    logging: Mapping[str, Any] = field(default_factory=dict)
    revision: str = ""
    version: str = ""
    alias: str = ""
    map_run: str = ""
    label: str = ""


@dataclass(frozen=True)
class Reached:
    """A state that an execution has entered, with its input and the variables."""

    state: str
    value: Any
    variables: Mapping[str, Any]


@dataclass
class Execution:
    """An execution; `input` and `output` are JSON texts. `finished` is set at its end, on the loop that runs it.

    `items` is the number of items of a child of a Distributed Map.
    """

    arn: str
    name: str
    machine: Machine
    input: str
    started: float
    status: str = RUNNING
    ended: float | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    trace_header: str | None = None
    redrives: int = 0
    redriven: float | None = None
    items: int | None = None
    # Where it is: the outermost state with its input and the variables; a run of a Distributed Map there.
    reached: Reached | None = None
    map_run: Any = None
    # The run that a redriven execution goes on with.
    resumed_run: Any = None
    history: list[Event] = field(default_factory=list)
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def is_full(self) -> bool:
        """Whether the history has room for the last event only."""
        return self.machine.kind == "STANDARD" and len(self.history) >= MOST_EVENTS - 1

    @property
    def _has_history(self) -> bool:
        """Whether anybody can read the history; that of an EXPRESS execution, which may be endless, is in its log."""
        return self.machine.kind == "STANDARD" or self.machine.logging.get("level", "OFF") != "OFF"

    def note(self, kind: str, moment: float, previous: int, details: Mapping[str, Any]) -> int:
        """Add an event to the history; returns its id."""
        number = next(self.ids)
        if not self._has_history:
            return number
        event: Event = {"timestamp": moment, "type": kind, "id": number, "previousEventId": previous}
        known = {name: value for name, value in details.items() if value is not None}
        known |= {about: {"truncated": False} for name, about in ABOUT.items() if name in known}
        if known:
            event[_details_of(kind)] = known
        self.history.append(event)
        return number


def _details_of(kind: str) -> str:
    for suffix, name in _STATE_ENDS.items():
        if kind.endswith(suffix):
            return name
    return f"{kind[0].lower()}{kind[1:]}EventDetails"
