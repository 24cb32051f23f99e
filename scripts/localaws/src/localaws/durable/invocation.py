"""Invokes durable functions: a call is an execution."""

from __future__ import annotations

import json
from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException

from localaws.durable.engine import DurableExecutions
from localaws.durable.execution import Execution
from localaws.identifiers import new_request_id
from localaws.lambdas.functions import Outcome
from localaws.runtime.function import Invocation

# The longest execution that a caller can wait for, in seconds.
LONGEST = 15 * 60


class DurableInvoker:
    """Starts executions for the calls of durable functions."""

    def __init__(self, executions: DurableExecutions) -> None:
        self._executions = executions

    def invoke(self, function: Any, qualifier: str | None, payload: bytes, name: str | None, *, waits: bool) -> Outcome:
        """Start an execution and wait for its end; without `waits` the result is null."""
        if waits:
            self.check_waits(function)
        execution = self._executions.start(function, qualifier, payload, name)
        if waits:
            execution.finished.wait(LONGEST)
        return Outcome(_invocation(execution, waits=waits), execution.version, execution.arn)

    def check_waits(self, function: Any) -> None:
        """Raise moto's InvalidParameterValueException if an execution can be longer than a caller can wait."""
        if float(function.localaws_settings["DurableConfig"]["ExecutionTimeout"]) > LONGEST:
            raise InvalidParameterValueException(
                "You cannot synchronously invoke a durable function with an executionTimeout greater than 15 minutes."
            )


def _invocation(execution: Execution, *, waits: bool) -> Invocation:
    failed = waits and execution.status != "SUCCEEDED"
    payload = (execution.result or "null").encode() if waits else b"null"
    if failed:
        error = execution.error or {}
        result = {"errorType": error.get("ErrorType") or execution.status, "errorMessage": error.get("ErrorMessage")}
        payload = json.dumps(result).encode()
    return Invocation(
        request_id=new_request_id(),
        payload=payload,
        error="Unhandled" if failed else None,
        duration_ms=0.0,
        billed_ms=0,
        init_ms=None,
        max_memory_mb=0,
        log_stream="",
        log=(),
    )
