"""The HTTP server of one site: an ASGI application that invokes its functions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Executor
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException

from localaws.clock import Clock
from localaws.http.request import payload
from localaws.http.response import INTERNAL_ERROR, NOT_FOUND, TOO_LARGE, UNAVAILABLE, Response, from_payload
from localaws.http.sites import Request, Site
from localaws.http.timing import Answered
from localaws.identifiers import new_request_id
from localaws.lambdas.concurrency import TooManyRequests
from localaws.lambdas.functions import Functions
from localaws.metrics import Meter
from localaws.runtime.errors import PoolClosed

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

logger = logging.getLogger(__name__)


class Front:
    """Serves `site`: finds the route of each request and returns its function's response."""

    def __init__(self, site: Site, functions: Functions, workers: Executor, meter: Meter, clock: Clock) -> None:
        self._site, self._functions, self._workers, self._meter = site, functions, workers, meter
        self._clock = clock

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            raise ValueError(f"HTTP APIs don't support {scope['type']}")
        answered = Answered()
        body = await _read(receive, self._site.limit)
        response = TOO_LARGE if body is None else await self._answer(scope, body, answered)
        answered.end(response.status, len(body or b"") + len(response.body))
        self._site.measure(self._meter, answered)
        headers = [*response.headers, (b"content-length", str(len(response.body)).encode())]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})

    async def _answer(self, scope: MutableMapping[str, Any], body: bytes, answered: Answered) -> Response:
        cors = self._site.cors()
        origin = _header(scope, b"origin") if cors else None
        if cors and origin and scope["method"] == "OPTIONS" and _header(scope, b"access-control-request-method"):
            return Response(204, cors.preflight(origin), b"")
        path = scope["raw_path"].split(b"?")[0].decode("ascii")
        request = self._site.find(scope["method"], path)
        if request is None:
            return NOT_FOUND
        answered.stage = request.stage
        request_id = new_request_id()
        event = payload(scope, body, request, self._site.id, request_id, self._clock.now())
        loop = asyncio.get_running_loop()
        call = loop.run_in_executor(self._workers, self._invoke, request, event)
        with answered.integration():
            try:
                response = await asyncio.wait_for(call, request.found.route.timeout)
            except TimeoutError:
                response = UNAVAILABLE
        headers = cors.applied(origin, response.headers) if cors else response.headers
        return Response(response.status, [*headers, (b"apigw-requestid", request_id.encode())], response.body)

    def _invoke(self, request: Request, event: bytes) -> Response:
        route = request.found.route
        try:
            invocation = self._functions.invoke(route.function, None, event).invocation
        except (UnknownFunctionException, PoolClosed):
            return INTERNAL_ERROR
        except TooManyRequests:
            return self._site.throttled
        except Exception:
            logger.exception("Function %s could not be run for %s.", route.function, route.key)
            return INTERNAL_ERROR
        return self._site.failed if invocation.error else from_payload(invocation.payload, self._site.failed)


def _header(scope: MutableMapping[str, Any], wanted: bytes) -> str | None:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name.lower() == wanted), None)


async def _read(receive: Receive, limit: int) -> bytes | None:
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
