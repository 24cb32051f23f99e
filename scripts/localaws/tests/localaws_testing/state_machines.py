"""Runs state machines without AWS: tasks are Python functions, and time passes at once."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
from collections import ChainMap
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from localaws.stepfunctions.distributed.runner import MapVisit
from localaws.stepfunctions.evaluators import InPlace
from localaws.stepfunctions.execution import Execution, Machine
from localaws.stepfunctions.flow import Flow
from localaws.stepfunctions.language.data_flow import DataFlow
from localaws.stepfunctions.language.errors import StateError
from localaws.stepfunctions.language.validation import validate_value
from localaws.stepfunctions.strand import Strand

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:work"
# Turns of the event loop in which everything that can happen without waiting has happened.
_IDLE_TURNS = 50
START = 1_767_225_600.0


class SkippingTime:
    """A clock that goes to the next moment that somebody waits for, once nothing else can happen before it."""

    def __init__(self) -> None:
        self.moment = START
        self._waiting: list[tuple[float, int]] = []
        self._order = itertools.count()

    def now(self) -> float:
        return self.moment

    async def reach(self, moment: float) -> None:
        mine = (moment, next(self._order))
        heapq.heappush(self._waiting, mine)
        try:
            idle = 0
            while idle < _IDLE_TURNS:
                await asyncio.sleep(0)
                idle = idle + 1 if self._waiting[0] == mine else 0
            self.moment = max(self.moment, moment)
        finally:
            self._waiting.remove(mine)
            heapq.heapify(self._waiting)


class PythonTasks:
    """Tasks that call a function with their parameters."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        self._work = work

    async def run(
        self, state: Mapping[str, Any], data: DataFlow, value: Any, context: dict[str, Any], strand: Strand
    ) -> Any:
        return self._work(await data.arguments(value))


class NoMaps:
    """Distributed Maps need S3 and child executions."""

    async def run(self, visit: MapVisit) -> Any:
        raise AssertionError(f"{visit.name} is a Distributed Map")


class Ran:
    """What became of an execution."""

    def __init__(self, definition: Mapping[str, Any], value: Any, work: Callable[[Any], Any]) -> None:
        assert validate_value(definition) == []
        machine = Machine("arn:aws:states:us-east-1:1:stateMachine:m", "m", "arn:role", "STANDARD", definition)
        self.execution = Execution("arn:execution", "e", machine, json.dumps(value), START)
        self.time = SkippingTime()
        self.output: Any = None
        self.error: str | None = None
        self.cause = ""
        asyncio.run(self._run(definition, value, work))

    async def _run(self, definition: Mapping[str, Any], value: Any, work: Callable[[Any], Any]) -> None:
        context = {"Execution": {"Id": "arn:execution", "Name": "e", "Input": value}, "StateMachine": {"Name": "m"}}
        strand = Strand(self.execution, self.time)
        language = definition.get("QueryLanguage", "JSONPath")
        try:
            self.output = await Flow(
                definition, language, context, ChainMap(), strand, PythonTasks(work), NoMaps(), Random(1), InPlace()
            ).run(value)
        except StateError as error:
            self.error, self.cause = error.error, error.cause or ""

    @property
    def events(self) -> list[str]:
        """The types of the events of the history."""
        return [event["type"] for event in self.execution.history]

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.time.moment - START


def run(definition: Mapping[str, Any], value: Any = None, work: Callable[[Any], Any] = lambda given: given) -> Ran:
    """Run a state machine; `work` is what its tasks do."""
    return Ran(definition, {} if value is None else value, work)


def run_state(state: Mapping[str, Any], value: Any = None, work: Callable[[Any], Any] = lambda given: given) -> Ran:
    """Run a state machine of one state."""
    ending = {} if state["Type"] in ("Succeed", "Fail", "Choice") else {"End": True}
    return run({"StartAt": "Only", "States": {"Only": {**state, **ending}}}, value, work)


def raising(*errors: str) -> Callable[[Any], Any]:
    """Work that fails with one error after the other, then succeeds."""
    waiting = list(errors)

    def work(given: Any) -> Any:
        if waiting:
            raise StateError(waiting.pop(0), "a cause")
        return given

    return work
