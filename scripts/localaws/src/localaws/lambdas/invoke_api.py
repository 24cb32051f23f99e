"""The Invoke operation of Lambda's API."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.awslambda.exceptions import LambdaClientError

from localaws.lambdas.asynchronous import AsyncInvoker
from localaws.lambdas.functions import SYNC_LIMIT, Functions

ASYNC_LIMIT = 1024 * 1024
_LONGEST_CONTEXT = 3583
_TAIL = 4096

Answer = tuple[int, dict[str, str], str | bytes]


class RequestTooLarge(LambdaClientError):
    """The payload is over Lambda's limit."""

    code = 413

    def __init__(self, size: int, kind: str, limit: int) -> None:
        super().__init__(
            "RequestTooLargeException",
            f"{size} byte payload is too large for the {kind} invocation type (limit {limit} bytes)",
        )


class InvalidRequestContent(LambdaClientError):
    """The payload isn't JSON."""

    def __init__(self, error: ValueError) -> None:
        super().__init__("InvalidRequestContentException", f"Could not parse request body into json: {error}")


class InvalidClientContext(LambdaClientError):
    """The client context is too long, or isn't JSON in base64."""

    def __init__(self, problem: str) -> None:
        super().__init__("InvalidRequestContentException", f"Client context must be {problem}")


def invoke_operation(functions: Functions, invoker: AsyncInvoker) -> Callable[[Any], Answer]:
    """The method that handles Invoke: RequestResponse, Event or DryRun."""

    def invoke(self: Any) -> Answer:
        name = unquote(self.path.rstrip("/").rsplit("/", 2)[-2])
        qualifier = (self.querystring.get("Qualifier") or [None])[0]
        kind = self.headers.get("X-Amz-Invocation-Type") or "RequestResponse"
        payload: bytes = self.raw_body or b"{}"
        functions.resolve(name, qualifier)
        context = self.headers.get("X-Amz-Client-Context")
        _check_payload(payload, kind)
        if context:
            _check_context(context)
        if kind == "DryRun":
            return 204, {"status": "204"}, ""
        request_id = str(uuid.uuid4())
        headers = {"x-amzn-requestid": request_id, "content-type": "application/json"}
        execution = self.headers.get("X-Amz-Durable-Execution-Name")
        if kind == "Event" and functions.is_durable(name, qualifier):
            started = functions.invoke(name, qualifier, payload, waits=False, execution_name=execution)
            headers["X-Amz-Durable-Execution-Arn"] = str(started.durable_execution)
            return 202, headers | {"status": "202"}, ""
        if kind == "Event":
            invoker.submit(name, qualifier, payload, request_id)
            return 202, headers | {"status": "202"}, ""
        outcome = functions.invoke(name, qualifier, payload, context, request_id, execution_name=execution)
        headers["X-Amz-Executed-Version"] = outcome.version
        if outcome.durable_execution:
            headers["X-Amz-Durable-Execution-Arn"] = outcome.durable_execution
        if outcome.invocation.error:
            headers["X-Amz-Function-Error"] = outcome.invocation.error
        if self.headers.get("X-Amz-Log-Type") == "Tail":
            text = "".join(line.message.rstrip("\n") + "\n" for line in outcome.invocation.log)
            headers["X-Amz-Log-Result"] = base64.b64encode(text.encode()[-_TAIL:]).decode()
        return 200, headers, outcome.invocation.payload

    return invoke


def _check_payload(payload: bytes, kind: str) -> None:
    """Raise for an event that Lambda refuses."""
    limit = ASYNC_LIMIT if kind == "Event" else SYNC_LIMIT
    if len(payload) > limit:
        raise RequestTooLarge(len(payload), kind, limit)
    try:
        json.loads(payload)
    except ValueError as error:
        raise InvalidRequestContent(error) from None


def _check_context(context: str) -> None:
    """Raise for a client context that Lambda refuses."""
    if len(context) > _LONGEST_CONTEXT:
        raise InvalidClientContext(f"at most {_LONGEST_CONTEXT} bytes of Base64-encoded data.")
    try:
        found = json.loads(base64.b64decode(context, validate=True))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InvalidClientContext("a valid Base64-encoded JSON object.")
