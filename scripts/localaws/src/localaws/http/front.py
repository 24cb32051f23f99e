"""The HTTP server of one site: an ASGI application that invokes its functions."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Executor
from typing import Any
from urllib.parse import unquote

from moto.awslambda.exceptions import UnknownFunctionException

from localaws.clock import Clock
from localaws.http import access_log, service_calls
from localaws.http.authorization.checks import Authorization
from localaws.http.authorization.requirement import Asked, Granted, NotAuthorized, Requirement
from localaws.http.fetch import SESSION, Replied, Sent
from localaws.http.head import too_large
from localaws.http.payload_1_0 import event_1_0, response_1_0
from localaws.http.request import read_headers, request_context, request_event
from localaws.http.response import (
    INTERNAL_ERROR,
    NOT_FOUND,
    THROTTLED,
    TOO_LARGE,
    UNAVAILABLE,
    Response,
    from_payload,
)
from localaws.http.service_calls import ServiceCall
from localaws.http.sites import Request, Site
from localaws.http.throttling import Throttle
from localaws.http.timing import Answered
from localaws.iam.guard import Guard
from localaws.lambdas.concurrency import TooManyRequests
from localaws.lambdas.functions import SYNC_LIMIT, Functions
from localaws.lambdas.log_writer import LogWriter
from localaws.metrics import Meter
from localaws.runtime.errors import PoolClosed
from localaws.runtime.output import LogLine

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

logger = logging.getLogger(__name__)
# Seconds, as documented for Lambda authorizers.
_AUTHORIZER_TIMEOUT = 10.0


class Front:
    """Serves `site`: finds the route of each request and returns its function's response."""

    def __init__(
        self,
        site: Site,
        functions: Functions,
        workers: Executor,
        meter: Meter,
        clock: Clock,
        logs: LogWriter,
        guard: Guard,
        fetch: Callable[[Sent], Replied],
        authorization: Authorization,
        region: str,
    ) -> None:
        self._site, self._functions, self._workers, self._meter = site, functions, workers, meter
        self._clock, self._logs, self._guard = clock, logs, guard
        self._fetch, self._authorization, self._region = fetch, authorization, region
        self._throttle = Throttle(clock.now)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            raise ValueError(f"HTTP APIs don't support {scope['type']}")
        answered = Answered(self._clock.now())
        body = await read_body(receive, self._site.limit)
        response = self._site.limits_head and too_large(scope)
        response = response or (TOO_LARGE if body is None else await self._answer(scope, body, answered))
        answered.end(response.status, len(body or b"") + len(response.body))
        self._site.measure(self._meter, answered)
        self._log(scope, answered, response)
        headers = [*response.headers, (b"content-length", str(len(response.body)).encode())]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})

    async def _answer(self, scope: MutableMapping[str, Any], body: bytes, answered: Answered) -> Response:
        cors = self._site.cors()
        origin = _header(scope, b"origin") if cors else None
        if cors and origin and scope["method"] == "OPTIONS" and _header(scope, b"access-control-request-method"):
            return Response(204, cors.preflight(origin), b"")
        path = _path(scope)
        request = self._site.find(scope["method"], path)
        if request is None:
            return NOT_FOUND
        answered.stage = request.stage
        if not self._throttle.admits(request.stage, request.found.route.key, request.limit):
            return THROTTLED
        event = request_event(scope, body, request, self._site.id, answered.request_id, answered.at)
        loop = asyncio.get_running_loop()
        if requirement := request.found.route.requirement:
            asked = self._asked(requirement, scope, body, request, event)
            work = loop.run_in_executor(self._workers, self._authorize, asked)
            try:
                granted = await asyncio.wait_for(work, _AUTHORIZER_TIMEOUT)
            except (NotAuthorized, TimeoutError) as refused:
                return self._refused(refused, answered)
            event["requestContext"]["authorizer"] = granted.authorizer
            answered.authorizer = granted.variables
        # A service's parameters are read from the event of format 2.0.
        if request.found.route.payload == "1.0" and not request.found.route.service:
            event = event_1_0(event, scope["headers"])
        call = loop.run_in_executor(self._workers, self._invoke, request, json.dumps(event).encode(), scope["method"])
        with answered.integration():
            try:
                response, answered.function_error = await asyncio.wait_for(call, request.found.route.timeout)
            except TimeoutError:
                response, answered.function_error = UNAVAILABLE, "Endpoint request timed out"
        answered.function_status = None if answered.function_error else response.status
        headers = cors.applied(origin, response.headers) if cors else response.headers
        return Response(response.status, [*headers, (b"apigw-requestid", answered.request_id.encode())], response.body)

    def _asked(
        self,
        requirement: Requirement,
        scope: MutableMapping[str, Any],
        body: bytes,
        request: Request,
        event: dict[str, Any],
    ) -> Asked:
        action, resource = self._site.permission(request, scope["method"])
        query = scope["query_string"].decode("ascii")
        return Asked(
            requirement,
            event,
            self._site.id,
            request.stage,
            self._region,
            {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
            _path(scope) + (f"?{query}" if query else ""),
            body,
            action,
            resource,
        )

    def _authorize(self, asked: Asked) -> Granted:
        try:
            return self._authorization.authorize(asked)
        except NotAuthorized:
            raise
        except Exception:
            logger.exception("The authorizer of %s could not be run.", asked.resource)
            raise NotAuthorized(INTERNAL_ERROR, "The authorizer could not be run.") from None

    def _refused(self, refused: NotAuthorized | TimeoutError, answered: Answered) -> Response:
        """The response to a request that isn't let through; its authorizer's error is for the access log."""
        if isinstance(refused, TimeoutError):
            refused = NotAuthorized(INTERNAL_ERROR, "The authorizer timed out.")
        answered.authorizer = {"error": refused.error}
        response = self._site.refused(refused.response)
        headers = [*response.headers, (b"apigw-requestid", answered.request_id.encode())]
        return Response(response.status, headers, response.body)

    def _invoke(self, request: Request, event: bytes, method: str) -> tuple[Response, str | None]:
        """The response, and the error of the integration that it stands for."""
        route = request.found.route
        if route.service:
            return self._call(route.service, event)
        if not self._site.may_call(self._guard, request, method):
            return self._site.denied, "The API doesn't have permission to invoke the Lambda function."
        if len(event) > SYNC_LIMIT:
            return TOO_LARGE, "The event is too large for the Lambda function."
        try:
            invocation = self._functions.invoke(route.function, None, event).invocation
        except (UnknownFunctionException, PoolClosed):
            return INTERNAL_ERROR, f"The function {route.function} doesn't exist."
        except TooManyRequests:
            return self._site.throttled, "Rate Exceeded."
        except Exception:
            logger.exception("Function %s could not be run for %s.", route.function, route.key)
            return INTERNAL_ERROR, "The function could not be run."
        if invocation.error:
            return self._site.failed, "The Lambda function returned an error."
        read = response_1_0 if route.payload == "1.0" else from_payload
        response = read(invocation.payload, self._site.failed)
        is_malformed = response is self._site.failed
        return response, "The response from the Lambda function is malformed." if is_malformed else None

    def _call(self, service: ServiceCall, event: bytes) -> tuple[Response, str | None]:
        """The answer of an AWS service, which is called as the integration's role."""
        keys = self._guard.credentials.give(service.role, SESSION)
        try:
            return service_calls.run(service, event, self._fetch, keys.access_key), None
        except (OSError, ValueError) as error:
            return INTERNAL_ERROR, str(error)

    def _log(self, scope: MutableMapping[str, Any], answered: Answered, response: Response) -> None:
        """Write the request into the access log of its stage, if that has one."""
        path = _path(scope)
        settings = self._site.access_log(path)
        destination = access_log.ARN.fullmatch(settings.get("destinationArn", ""))
        if not destination:
            return
        headers, _ = read_headers(scope["headers"])
        found = self._site.find(scope["method"], path)
        context = request_context(scope, headers, found, unquote(path), self._site.id, answered.request_id, answered.at)
        line = access_log.line(settings["format"], context, answered, response)
        self._logs.write(destination["group"], self._site.id, [LogLine(int(self._clock.now() * 1000), line)])


def _path(scope: MutableMapping[str, Any]) -> str:
    path: bytes = scope["raw_path"].split(b"?")[0]
    return path.decode("ascii")


def _header(scope: MutableMapping[str, Any], wanted: bytes) -> str | None:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name.lower() == wanted), None)


async def read_body(receive: Receive, limit: int) -> bytes | None:
    """The request's body, or None if it's over the limit."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        part: bytes = message.get("body", b"")
        size += len(part)
        if size <= limit:
            parts.append(part)
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return b"".join(parts) if size <= limit else None
