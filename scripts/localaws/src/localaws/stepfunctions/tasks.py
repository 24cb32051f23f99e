"""Task states: calls an API, waits for what it started if the resource says so, and keeps to the state's timeouts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from localaws.stepfunctions.calls import Clients, call
from localaws.stepfunctions.execution import Execution, Machine
from localaws.stepfunctions.flow import State
from localaws.stepfunctions.jobs import SERVICES, Ask, job_of
from localaws.stepfunctions.language.data_flow import DataFlow
from localaws.stepfunctions.language.errors import HEARTBEAT_TIMEOUT, TASK_FAILED, TIMEOUT, StateError
from localaws.stepfunctions.language.intrinsics import compact
from localaws.stepfunctions.language.resources import Resource, read_resource
from localaws.stepfunctions.limits import expired, silent, within_limits
from localaws.stepfunctions.sizes import demand_payload
from localaws.stepfunctions.strand import Strand
from localaws.stepfunctions.tokens import Tokens
from localaws.stepfunctions.workers import Workers


class Executions(Protocol):
    """The executions that tasks start and wait for."""

    async def ended(self, arn: str) -> Execution:
        """An execution, once it has ended."""

    def stop(self, arn: str, error: str | None, cause: str | None) -> None:
        """Stop an execution, if it runs."""


class TaskRunner:
    """Runs the tasks of all executions. `described` is an execution as a `.sync` task's result has it.

    `work` does the tasks of activities.
    """

    def __init__(
        self,
        clients: Clients,
        tokens: Tokens,
        work: Workers,
        region: str,
        workers: Executor,
        executions: Callable[[], Executions],
        described: Callable[[Execution], dict[str, Any]],
    ) -> None:
        self._clients, self._tokens, self._region = clients, tokens, region
        self._of_activities = work
        self._executions, self._described = executions, described
        self._workers = workers

    async def run(self, state: State, data: DataFlow, value: Any, context: dict[str, Any], strand: Strand) -> Any:
        """The result of a task; raises StateError."""
        machine = strand.execution.machine
        resource = read_resource(state["Resource"], machine.kind)
        if resource.activity:
            return await self._of_activities.run(resource.activity, data, value, strand)
        token = self._tokens.open() if resource.pattern == "waitForTaskToken" else None
        if token:
            context["Task"] = {"Token": token}
        try:
            parameters = await data.arguments(value)
            demand_payload(parameters, f"The parameters of the task {state['Resource']} are JSON")
            timeout, beat = [await data.number(name, value) for name in ("TimeoutSeconds", "HeartbeatSeconds")]
            events = _Events(strand, resource, state["Resource"], self._region)
            events.scheduled(parameters, timeout, beat)
            work = self._work(machine, resource, parameters, token, events)
            limits = [expired(strand, timeout)] if timeout else []
            if token and beat:
                limits.append(silent(strand, self._tokens.waiting(token), beat))
            try:
                result = await within_limits(strand, work, *limits)
                demand_payload(result, f"The task {state['Resource']} returned a result")
            except StateError as error:
                events.failed(error)
                raise
            events.succeeded(result)
        finally:
            if token:
                self._tokens.close(token)
        return result

    async def _work(
        self, machine: Machine, resource: Resource, parameters: Any, token: str | None, events: _Events
    ) -> Any:
        loop = asyncio.get_running_loop()
        starting = loop.run_in_executor(
            self._workers, partial(call, self._clients, machine, resource, _with_input(resource, parameters))
        )
        try:
            started = await asyncio.shield(starting)
        except asyncio.CancelledError:
            await self._abandon(machine, resource, parameters, starting)
            raise
        if token:
            events.submitted(started)
            return await self._tokens.waiting(token).result
        if not resource.pattern:
            return started
        events.submitted(started)
        if resource.service in SERVICES:
            job = job_of(resource.service, parameters, started)
            try:
                return await job.ended(self._ask(machine, resource))
            except asyncio.CancelledError:
                await job.stop(self._ask(machine, resource))
                raise
        return await self._ended(started["ExecutionArn"], parse=resource.pattern == "sync:2")

    def _ask(self, machine: Machine, resource: Resource) -> Ask:
        """Calls the service of a resource."""
        loop = asyncio.get_running_loop()

        async def ask(action: str, parameters: Mapping[str, Any]) -> Any:
            asked = partial(call, self._clients, machine, Resource(resource.service, action), parameters)
            return await loop.run_in_executor(self._workers, asked)

        return ask

    async def _abandon(
        self, machine: Machine, resource: Resource, parameters: Any, starting: asyncio.Future[Any]
    ) -> None:
        """Stop a job whose start was under way when the task ended."""
        if resource.service not in SERVICES or resource.pattern != "sync":
            return
        with suppress(StateError):  # it started nothing
            job = job_of(resource.service, parameters, await starting)
            await job.stop(self._ask(machine, resource))

    async def _ended(self, arn: str, *, parse: bool) -> Any:
        """The result of an execution that a task has started; it's stopped if the task is."""
        executions = self._executions()
        try:
            execution = await executions.ended(arn)
        except asyncio.CancelledError:
            executions.stop(arn, None, "The execution that started it has ended.")
            raise
        described = self._described(execution)
        if execution.status != "SUCCEEDED":
            raise StateError(TASK_FAILED, compact(described))
        if parse:
            described |= {name: json.loads(described[name]) for name in ("Input", "Output")}
        return described


def _with_input(resource: Resource, parameters: Any) -> Any:
    """The parameters of an API; an execution without an input gets `{}`."""
    if resource.service == "states" and isinstance(parameters, dict):
        return {"Input": {}, **parameters}
    return parameters


class _Events:
    """The events of one attempt of a task, which for a function's ARN have names of their own."""

    def __init__(self, strand: Strand, resource: Resource, arn: str, region: str) -> None:
        self._strand, self._arn, self._region = strand, arn, region
        self._is_function = bool(resource.function)
        action = f"{resource.action}.{resource.pattern}" if resource.pattern else resource.action
        kind = f"aws-sdk:{resource.service}" if resource.sdk else resource.service
        self._named = {} if self._is_function else {"resourceType": kind, "resource": action}

    def scheduled(self, parameters: Any, timeout: float | None, beat: float | None) -> None:
        seconds = None if timeout is None else int(timeout)
        if self._is_function:
            text = compact(parameters)
            self._note("LambdaFunctionScheduled", resource=self._arn, input=text, timeoutInSeconds=seconds)
        else:
            times = {"timeoutInSeconds": seconds, "heartbeatInSeconds": None if beat is None else int(beat)}
            self._note("TaskScheduled", region=self._region, parameters=compact(parameters), **times)
        self._note(f"{self._prefix}Started")

    def submitted(self, started: Any) -> None:
        self._note("TaskSubmitted", output=compact(started))

    def succeeded(self, result: Any) -> None:
        self._note(f"{self._prefix}Succeeded", output=compact(result))

    def failed(self, error: StateError) -> None:
        ending = "TimedOut" if error.error in (TIMEOUT, HEARTBEAT_TIMEOUT) else "Failed"
        self._note(f"{self._prefix}{ending}", **error.details)

    @property
    def _prefix(self) -> str:
        return "LambdaFunction" if self._is_function else "Task"

    def _note(self, kind: str, **details: Any) -> None:
        # LambdaFunctionStarted is the one event of a task without details.
        named = {} if kind == "LambdaFunctionStarted" else self._named
        self._strand.note(kind, **named, **details)
