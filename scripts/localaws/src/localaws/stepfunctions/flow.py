"""Runs states, one after the other: a state machine, a branch of a Parallel state or an iteration of a Map state."""

from __future__ import annotations

import asyncio
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import Any, Protocol

from localaws.stepfunctions.concurrency import run_all
from localaws.stepfunctions.distributed.runner import MapVisit
from localaws.stepfunctions.execution import MOST_EVENTS, Reached
from localaws.stepfunctions.language import fields
from localaws.stepfunctions.language.choices import timestamp
from localaws.stepfunctions.language.data_flow import DataFlow, data_flow
from localaws.stepfunctions.language.errors import (
    NO_CHOICE_MATCHED,
    QUERY_EVALUATION_ERROR,
    RUNTIME,
    DataError,
    StateError,
)
from localaws.stepfunctions.language.intrinsics import compact
from localaws.stepfunctions.language.jsonata import Evaluator
from localaws.stepfunctions.language.map_rules import is_distributed
from localaws.stepfunctions.retries import Retries, matching
from localaws.stepfunctions.sizes import demand_payload, demand_variables
from localaws.stepfunctions.strand import Strand

State = Mapping[str, Any]
# Iterations of an inline Map state that run at once if MaxConcurrency is 0.
_MOST_ITERATIONS = 40


class Maps(Protocol):
    """Runs Distributed Maps."""

    async def run(self, visit: MapVisit) -> Any:
        """The result of the state; raises StateError."""


class Tasks(Protocol):
    """Does the work of Task states."""

    async def run(self, state: State, data: DataFlow, value: Any, context: dict[str, Any], strand: Strand) -> Any:
        """The result of a task; raises StateError."""


@dataclass
class Flow:
    """States with the variables that they share. `context` is the context object, but for its `State`."""

    definition: Mapping[str, Any]
    language: str
    context: Mapping[str, Any]
    variables: ChainMap[str, Any]
    strand: Strand
    tasks: Tasks
    maps: Maps
    random: Random
    evaluator: Evaluator
    is_outermost: bool = False

    async def run(self, value: Any, start: str | None = None) -> Any:
        """The output of the last state, from the first or another one on; raises StateError."""
        name: str | None = start or self.definition["StartAt"]
        while name is not None:
            state = self.definition["States"][name]
            if self.is_outermost:
                self.strand.execution.reached = Reached(name, value, dict(self.variables))
            value, name = await Visit(self, name, state).run(value)
        return value

    def inner(self, definition: Mapping[str, Any], context: Mapping[str, Any], strand: Strand) -> Flow:
        """The states of a branch or of an iteration, whose variables are its own."""
        language = definition.get("QueryLanguage", self.language)
        variables = self.variables.new_child()
        return Flow(
            definition, language, context, variables, strand, self.tasks, self.maps, self.random, self.evaluator
        )


class Visit:
    """One visit to a state: `data` does what the state says with data, `next` is the state after it."""

    def __init__(self, flow: Flow, name: str, state: State) -> None:
        self._flow, self._name, self._state, self._strand = flow, name, state, flow.strand
        self._kind: str = state["Type"]
        self._language: str = state.get("QueryLanguage", flow.language)
        entered = {"EnteredTime": iso(flow.strand.now()), "Name": name, "RetryCount": 0}
        self.context: dict[str, Any] = {**flow.context, "State": entered}
        self.data = self._data_flow(self.context, flow.strand)
        self.next: str | None = state.get("Next")

    def _data_flow(self, context: Mapping[str, Any], strand: Strand) -> DataFlow:
        flow = self._flow
        return data_flow(self._language, self._state, context, flow.variables, strand.now, flow.evaluator)

    async def run(self, value: Any) -> tuple[Any, str | None]:
        """Run the state; returns its output and the name of the next state."""
        entered = self._strand.note(f"{self._kind}StateEntered", name=self._name, input=compact(value))
        retries = Retries(self._state.get("Retry", ()), self._flow.random)
        while True:
            await self._take_turns()
            try:
                try:
                    output, assigned = await self.attempt(value)
                    demand_payload(output, f"The state/task '{self._name}' returned a result")
                except DataError as error:
                    raise self._located(error, entered) from None
                break
            except StateError as error:
                delay = retries.delay(error)
                if delay is not None:
                    await self._strand.reach(self._strand.now() + delay)
                    self.context["State"]["RetryCount"] = retries.count
                    continue
                output, assigned = await self.catch(value, error)
                break
        text = demand_payload(output, f"The state/task '{self._name}' returned a result")
        demand_variables(assigned, self._flow.variables)
        self._flow.variables.update(assigned)
        shown = {name: compact(given) for name, given in assigned.items()}
        self._strand.note(f"{self._kind}StateExited", name=self._name, output=text, assignedVariables=shown or None)
        return output, self.next

    async def _take_turns(self) -> None:
        """Let other executions go on, since a state may have nothing to wait for; raises StateError in an endless one.

        Nothing catches that for long, since the next state raises it again.
        """
        if self._strand.execution.is_full:
            raise StateError(RUNTIME, f"The execution reached the maximum number of history events ({MOST_EVENTS}).")
        await asyncio.sleep(0)

    def _located(self, error: DataError, entered: int) -> StateError:
        """The error with its place, as the execution's cause has it."""
        if error.error == QUERY_EVALUATION_ERROR:
            self._strand.note("EvaluationFailed", **error.details, location=error.location, state=self._name)
        where = f"An error occurred while executing the state '{self._name}' (entered at the event id #{entered}). "
        return StateError(error.error, where + (error.cause or ""))

    async def catch(self, value: Any, error: StateError) -> tuple[Any, dict[str, Any]]:
        """The output and the variables after an error was caught; raises it if nothing catches it."""
        catchers = self._state.get("Catch", ())
        index = matching(catchers, error)
        if index is None:
            raise error
        catcher = catchers[index]
        self.next = catcher["Next"]
        return await self.data.caught(catcher, value, {"Error": error.error or "", "Cause": error.cause or ""})

    async def attempt(self, value: Any) -> tuple[Any, dict[str, Any]]:
        """Do the state's work once; returns the output and the variables, raises StateError."""
        if self._kind == "Choice":
            self.next, ended = await self.data.choose(value)
            if self.next is None:
                raise DataError(NO_CHOICE_MATCHED, f"Failed to transition out of the state '{self._name}'.")
            return ended
        if self._kind == "Fail":
            raise StateError(*[await self._text(name, value) for name in ("Error", "Cause")])
        result = await self._work(value)
        demand_payload(result, f"The state/task '{self._name}' returned a result")
        return await self.data.end(value, result)

    async def _work(self, value: Any) -> Any:
        if self._kind == "Task":
            return await self._flow.tasks.run(self._state, self.data, value, self.context, self._strand)
        if self._kind == "Parallel":
            return await self._parallel(value)
        if self._kind == "Map":
            return await (self._distributed(value) if is_distributed(self._state) else self._map(value))
        if self._kind == "Wait":
            await self._strand.reach(await self._until(value))
        if self._kind == "Pass" and "Result" in self._state:
            return self._state["Result"]
        return await self.data.arguments(value) if self._kind == "Pass" else self.data.effective(value)

    async def _text(self, name: str, value: Any) -> str | None:
        found = await self.data.field(name, value)
        if found is not None and not isinstance(found, str):
            raise DataError(self.data.failure, f"The field '{name}' must be a string, not {compact(found)}.", name)
        return found

    async def _until(self, value: Any) -> float:
        """The moment at which a Wait state ends."""
        moment = await self.data.field("Timestamp", value)
        if moment is not None:
            found = timestamp(moment)
            if found is None:
                reason = f"The field 'Timestamp' must be a timestamp, not {compact(moment)}."
                raise DataError(self.data.failure, reason, "Timestamp")
            return found.timestamp()
        return self._strand.now() + (await self.data.number("Seconds", value) or 0)

    async def _parallel(self, value: Any) -> list[Any]:
        given = await self.data.arguments(value)
        self._strand.note("ParallelStateStarted")
        strands = [self._strand.fork() for _ in self._state["Branches"]]
        flows = [
            self._inner(branch, self.context, strand)
            for branch, strand in zip(self._state["Branches"], strands, strict=True)
        ]
        try:
            results = await run_all([partial(flow.run, given) for flow in flows], len(flows))
        except StateError as error:
            self._strand.join(strands)
            self._strand.note("ParallelStateFailed", **error.details)
            raise
        self._strand.join(strands)
        self._strand.note("ParallelStateSucceeded")
        return results

    async def _map(self, value: Any) -> list[Any]:
        items = await self.data.items(value)
        limit = await self.data.number("MaxConcurrency", value) or _MOST_ITERATIONS
        processor = self._state.get("ItemProcessor") or self._state["Iterator"]
        self._strand.note("MapStateStarted", length=len(items))
        strands = [self._strand.fork() for _ in items]

        async def iteration(index: int) -> Any:
            strand, item = strands[index], items[index]
            strand.note("MapIterationStarted", name=self._name, index=index)
            context = {**self.context, "Map": {"Item": {"Index": index, "Value": item}}}
            data = self._data_flow(context, strand)
            try:
                output = await self._inner(processor, context, strand).run(await data.item(value, item))
            except StateError:
                strand.note("MapIterationFailed", name=self._name, index=index)
                raise
            strand.note("MapIterationSucceeded", name=self._name, index=index)
            return output

        try:
            results = await run_all([partial(iteration, index) for index in range(len(items))], int(limit))
        except StateError as error:
            self._strand.join(strands)
            self._strand.note("MapStateFailed", **error.details)
            raise
        self._strand.join(strands)
        self._strand.note("MapStateSucceeded")
        return results

    async def _distributed(self, value: Any) -> Any:
        async def select(index: int, item: Any, source: str) -> Any:
            context = {**self.context, "Map": {"Item": {"Index": index, "Value": item, "Source": source}}}
            data = self._data_flow(context, self._strand)
            return await data.item(value, item)

        visit = MapVisit(self._name, self._state, self._language, self.data, value, self._strand, select)
        return await self._flow.maps.run(visit)

    def _inner(self, definition: Mapping[str, Any], context: Mapping[str, Any], strand: Strand) -> Flow:
        inner = self._flow.inner(definition, context, strand)
        if "QueryLanguage" not in definition and self._language == fields.JSONATA:
            inner.language = fields.JSONATA
        return inner


def iso(moment: float) -> str:
    """A time as the context object has it."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
