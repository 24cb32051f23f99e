"""Functions that run in the containers of a `sam local start-lambda`."""

from __future__ import annotations

import http.client
import json
import threading
import time
import uuid
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from localaws.runtime import report
from localaws.runtime.errors import PoolClosed, SandboxNotStarted
from localaws.runtime.function import FunctionConfig, Invocation

_START_SECONDS = 120.0  # for a container to start
_FAILURE = {"errorMessage", "errorType", "requestId", "stackTrace"}


class ContainerPool:
    """One container, so one call at a time, as with `sam local`; its logs reach CloudWatch by another way.

    `endpoint` is the service's URL. `logical_id` returns the logical id of a function name, by which the SAM CLI knows
    it, or None for a function that isn't in its template.
    """

    def __init__(self, config: FunctionConfig, endpoint: str, logical_id: Callable[[str], str | None]) -> None:
        self.config = config
        self._address = urlsplit(endpoint)
        self._logical_id = logical_id
        self._turn = threading.Lock()
        self._closed = False

    def invoke(
        self,
        payload: bytes,
        client_context: str | None = None,  # noqa: ARG002 (the SAM CLI doesn't pass it on)
        request_id: str | None = None,
        arn: str | None = None,  # noqa: ARG002
    ) -> Invocation:
        """Run the function once; in the container, request id, ARN and client context are set by the SAM CLI.

        Raises PoolClosed, SandboxNotStarted.
        """
        name = self._logical_id(self.config.name)
        if name is None:
            raise SandboxNotStarted(f"function {self.config.name} isn't in the template that the SAM CLI serves")
        with self._turn:
            if self._closed:
                raise PoolClosed(f"function {self.config.name} was removed")
            began = time.monotonic()
            body = self._call(name, payload)
        duration = (time.monotonic() - began) * 1000
        identity = request_id or str(uuid.uuid4())
        body, failed = _parse(body, identity)
        return Invocation(
            request_id=identity,
            payload=body,
            error="Unhandled" if failed else None,
            duration_ms=duration,
            billed_ms=report.billed_ms(duration, None),
            init_ms=None,
            max_memory_mb=0,
            log_stream="",
            log=(),
        )

    def close(self) -> None:
        """Accept no more calls. The SAM CLI owns the container."""
        self._closed = True

    def _call(self, name: str, payload: bytes) -> bytes:
        """The response of the service. Raises SandboxNotStarted."""
        timeout = self.config.timeout + _START_SECONDS
        connection = http.client.HTTPConnection(self._address.hostname or "", self._address.port, timeout=timeout)
        try:
            path = f"/2015-03-31/functions/{quote(name)}/invocations"
            connection.request("POST", path, payload, {"content-type": "application/json"})
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise SandboxNotStarted(f"{self._address.geturl()} didn't run {name}: {error}") from error
        finally:
            connection.close()
        if answer.status != 200:
            raise SandboxNotStarted(f"{self._address.geturl()} answered {answer.status} for {name}: {body.decode()}")
        return body


def _parse(body: bytes, request_id: str) -> tuple[bytes, bool]:
    """The payload as Lambda would return it, and whether the function failed.

    The SAM CLI omits the error header for errors with a requestId, such as those of Python's runtime, so errors are
    recognized by their keys. A timeout is reported as plain text; everything that functions return is JSON.
    """
    try:
        answer = json.loads(body)
    except ValueError:
        message = body.decode(errors="replace").strip()
        kind = "Sandbox.Timedout" if message.startswith("Task timed out") else "Runtime.ExitError"
        problem = message or "Runtime exited without providing a reason"
        return report.error_payload(request_id, kind, problem), True
    return body, isinstance(answer, dict) and {"errorMessage", "errorType"} <= answer.keys() <= _FAILURE
