"""Runs durable executions: invokes a function again and again until it returns its result.

https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html
"""

from __future__ import annotations

import heapq
import itertools
import json
import logging
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException

from localaws.clock import Clock
from localaws.durable.execution import ROOT, RUNNING, Execution, Operation, as_json
from localaws.durable.operations import ChainedCall, Effect, Timer, apply, finish
from localaws.lambdas.concurrency import TooManyRequests
from localaws.lambdas.functions import Functions, Outcome
from localaws.runtime.errors import PoolClosed

logger = logging.getLogger(__name__)
# Seconds before a failed invocation is tried again; each time twice as long, up to the second number.
_RETRY_DELAYS = (1.0, 60.0)
# A failed invocation is tried this often.
_MOST_FAILURES = 5


class DurableExecutions:
    """All executions, with the timers of their operations, on local AWS's clock."""

    def __init__(self, functions: Functions, clock: Clock, region: str, changed: Callable[[], None]) -> None:
        self._functions, self._clock, self._region, self._changed = functions, clock, region, changed
        self._executions: dict[str, Execution] = {}
        self._lock = threading.Lock()
        self._timers: list[tuple[float, int, Execution, Timer]] = []
        self._order = itertools.count()
        self._workers = ThreadPoolExecutor(max_workers=64, thread_name_prefix="durable")

    def start(self, function: Any, qualifier: str | None, payload: bytes, name: str | None = None) -> Execution:
        """Start an execution; one of the same name and function that's there already is returned in its place."""
        name = name or str(uuid.uuid4())
        base = f"{function.function_arn.split(':function:')[0]}:function:{function.function_name}"
        with self._lock:
            for known in self._executions.values():
                if (known.name, known.function) == (name, function.function_name):
                    return known
            execution = Execution(
                arn=f"{base}:{function.version}/durable-execution/{name}/{uuid.uuid4()}",
                name=name,
                function=function.function_name,
                qualifier=qualifier,
                version=str(function.version),
                payload=payload.decode("utf-8"),
                config=dict(function.localaws_settings["DurableConfig"]),
                started=self._clock.now(),
            )
            self._executions[execution.arn] = execution
        timeout = float(execution.config["ExecutionTimeout"])
        self._schedule(execution, [Timer(execution.started + timeout, ROOT, "TIMED_OUT")])
        self._go_on(execution)
        return execution

    def find(self, arn: str) -> Execution | None:
        """The execution of an ARN, or None."""
        return self._executions.get(arn)

    def running(self) -> int:
        """How many executions haven't ended."""
        return sum(execution.status == RUNNING for execution in list(self._executions.values()))

    def of(self, function: str) -> Sequence[Execution]:
        """The executions of a function, newest first."""
        return [each for each in reversed(list(self._executions.values())) if each.function == function]

    def checkpoint(self, execution: Execution, updates: Sequence[Mapping[str, Any]]) -> list[Operation]:
        """Apply updates; returns the operations that changed since the function was told last. Raises InvalidUpdate."""
        with execution.lock:
            effects = [effect for update in updates for effect in apply(execution, update, self._clock.now())]
            changed = execution.take_changed()
        self._schedule(execution, effects)
        return changed

    def finish(self, execution: Execution, operation: str, status: str, **details: Any) -> bool:
        """Let an operation end from outside, such as a callback; False if it has ended already, or isn't there."""
        with execution.lock:
            is_changed = finish(execution, operation, status, self._clock.now(), **details)
        if is_changed:
            self._go_on(execution)
        return is_changed

    def beat(self, execution: Execution, operation: str) -> None:
        """Note the heartbeat of a callback, whose time begins anew."""
        seconds = execution.operations[operation].get("heartbeat")
        if seconds:
            timer = Timer(self._clock.now() + seconds, operation, "TIMED_OUT")
            with self._lock:
                self._timers = [each for each in self._timers if (each[2], each[3].operation) != (execution, operation)]
                heapq.heapify(self._timers)
            self._schedule(execution, [timer])

    def stop(self, execution: Execution, error: dict[str, Any] | None) -> None:
        """Stop an execution."""
        with execution.lock:
            execution.end("STOPPED", self._clock.now(), error=error)

    def forget_all(self) -> None:
        """Stop and forget all executions."""
        with self._lock:
            executions = list(self._executions.values())
            self._executions.clear()
            self._timers.clear()
        for execution in executions:
            self.stop(execution, None)

    def close(self) -> None:
        """Stop everything."""
        self.forget_all()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def next_due(self, after: float) -> float | None:
        """When the next timer is due."""
        with self._lock:
            return max(after, self._timers[0][0]) if self._timers else None

    def run(self, moment: float) -> None:
        """Run the timers that are due."""
        while True:
            with self._lock:
                if not self._timers or self._timers[0][0] > moment:
                    return
                _, _, execution, timer = heapq.heappop(self._timers)
            if timer.operation == ROOT:
                with execution.lock:
                    execution.end("TIMED_OUT", moment, error={"ErrorType": "ExecutionTimedOut"})
            else:
                self.finish(execution, timer.operation, timer.status)

    def _schedule(self, execution: Execution, effects: Sequence[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, ChainedCall):
                self._workers.submit(self._call, execution, effect)
            else:
                with self._lock:
                    heapq.heappush(self._timers, (effect.at, next(self._order), execution, effect))
        self._changed()

    def _go_on(self, execution: Execution) -> None:
        """Invoke the function, unless it's being invoked: then it's told at its end."""
        with execution.lock:
            if execution.is_invoked or execution.status != RUNNING:
                return
            execution.is_invoked = True
        self._workers.submit(self._invoke, execution)

    def _invoke(self, execution: Execution) -> None:
        """Invoke the function until it waits for something that hasn't happened yet, or has ended."""
        goes_on = True
        while goes_on:
            with execution.lock:
                changed = [operation["Id"] for operation in execution.take_changed()]
                event = {
                    "DurableExecutionArn": execution.arn,
                    "CheckpointToken": execution.renew_token(),
                    "InitialExecutionState": {
                        "Operations": [as_json(_shown(operation)) for operation in execution.operations.values()],
                        "NextMarker": "",
                    },
                    "UpdatedOperationIds": changed,
                }
            try:
                outcome = self._functions.invoke_once(
                    execution.function, execution.qualifier, json.dumps(event).encode()
                )
            except (PoolClosed, TooManyRequests, UnknownFunctionException) as error:
                outcome = None
                logger.info("An invocation of %s was not run: %s", execution.arn, error)
            goes_on = self._ended(execution, outcome)

    def _ended(self, execution: Execution, outcome: Outcome | None) -> bool:
        """Take note of how an invocation ended; whether the function is to be invoked again at once."""
        with execution.lock:
            answer = _answer(outcome)
            status = answer.get("Status") if answer else None
            if status in ("SUCCEEDED", "FAILED"):
                execution.end(str(status), self._clock.now(), answer.get("Result"), answer.get("Error"))  # type: ignore[union-attr]
            elif status != "PENDING":
                self._failed(execution, outcome)
            else:
                execution.failures = 0
            if execution.status == RUNNING and status == "PENDING" and execution.changed:
                return True
            execution.is_invoked = False
            return False

    def _failed(self, execution: Execution, outcome: Outcome | None) -> None:
        """An invocation that failed is tried again after a while, a few times."""
        execution.failures += 1
        if execution.failures > _MOST_FAILURES:
            execution.end("FAILED", self._clock.now(), error=_error(outcome))
            return
        first, longest = _RETRY_DELAYS
        timer = threading.Timer(min(longest, first * 2 ** (execution.failures - 1)), self._go_on, (execution,))
        timer.daemon = True
        timer.start()

    def _call(self, execution: Execution, call: ChainedCall) -> None:
        """Invoke the function of a chained call; its result or error ends the operation."""
        try:
            outcome = self._functions.invoke(call.function, None, call.payload.encode())
        except (UnknownFunctionException, TooManyRequests, PoolClosed) as error:
            problem = {"ErrorType": type(error).__name__, "ErrorMessage": str(error)}
            self.finish(execution, call.operation, "FAILED", Error=problem)
            return
        if outcome.invocation.error:
            self.finish(execution, call.operation, "FAILED", Error=_error(outcome))
        else:
            self.finish(execution, call.operation, "SUCCEEDED", Result=outcome.invocation.payload.decode("utf-8"))


def _shown(operation: Operation) -> Operation:
    return {key: value for key, value in operation.items() if key != "heartbeat"}


def _answer(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None or outcome.invocation.error:
        return None
    try:
        answer = json.loads(outcome.invocation.payload)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _error(outcome: Outcome | None) -> dict[str, Any]:
    """The error of an invocation, as an ErrorObject."""
    if outcome is None:
        return {"ErrorType": "InvocationError", "ErrorMessage": "The function could not be invoked."}
    try:
        result = json.loads(outcome.invocation.payload)
    except ValueError:
        result = {}
    if not isinstance(result, dict):
        result = {}
    return {
        "ErrorType": str(result.get("errorType", "InvocationError")),
        "ErrorMessage": str(result.get("errorMessage", "The function returned no status of its execution.")),
    }
