"""The front of one HTTP API: an ASGI application that invokes its functions."""

from __future__ import annotations

import asyncio
import logging
import re
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Executor
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException

from localaws.http.request import payload
from localaws.http.response import (
    INTERNAL_ERROR,
    NOT_FOUND,
    TOO_LARGE,
    UNAVAILABLE,
    Response,
    from_payload,
)
from localaws.http.routes import Found, Route, find
from localaws.lambdas.functions import Functions
from localaws.runtime.errors import PoolClosed

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

logger = logging.getLogger(__name__)
_REQUEST_LIMIT = 10 * 1024 * 1024
_FUNCTION_IN_URI = re.compile(r"/functions/(.+)/invocations$")


class Front:
    """Serves `api`, one of moto's HTTP APIs, as its routes stand at each request."""

    def __init__(self, api: Any, functions: Functions, workers: Executor, timeout: float) -> None:
        self._api, self._functions, self._workers, self._timeout = api, functions, workers, timeout
        self._compiled: tuple[tuple[Any, ...], list[Route]] = ((), [])

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise ValueError(f"HTTP APIs don't speak {scope['type']}")
        body = await _read(receive)
        response = TOO_LARGE if body is None else await self._answer(scope, body)
        headers = [*response.headers, (b"content-length", str(len(response.body)).encode())]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})

    async def _answer(self, scope: MutableMapping[str, Any], body: bytes) -> Response:
        stage = self._api.stages.get("$default")
        path = scope["raw_path"].split(b"?")[0].decode("ascii")
        found = find(self._routes(), scope["method"], path) if stage else None
        if found is None:
            return NOT_FOUND
        request_id = str(uuid.uuid4())
        event = payload(scope, body, found, self._api.api_id, request_id, stage.stage_variables)
        loop = asyncio.get_running_loop()
        call = loop.run_in_executor(self._workers, self._invoke, found, event)
        try:
            response = await asyncio.wait_for(call, min(found.route.timeout, self._timeout))
        except TimeoutError:
            response = UNAVAILABLE
        identified = [*response.headers, (b"apigw-requestid", request_id.encode())]
        return Response(response.status, identified, response.body)

    def _invoke(self, found: Found, event: bytes) -> Response:
        try:
            invocation = self._functions.invoke(found.route.function, None, event).invocation
        except (UnknownFunctionException, PoolClosed):
            return INTERNAL_ERROR
        except Exception:
            logger.exception("Function %s could not be run for %s.", found.route.function, found.route.key)
            return INTERNAL_ERROR
        return INTERNAL_ERROR if invocation.error else from_payload(invocation.payload)

    def _routes(self) -> list[Route]:
        now = tuple((route.route_key, route.target) for route in self._api.routes.values())
        if now != self._compiled[0]:
            self._compiled = (now, [self._route(key, target) for key, target in now])
        return self._compiled[1]

    def _route(self, key: str, target: str) -> Route:
        integration = self._api.integrations[target.removeprefix("integrations/")]
        named = _FUNCTION_IN_URI.search(integration.integration_uri)
        function = named.group(1) if named else integration.integration_uri
        return Route(key, function, (integration.timeout_in_millis or 30000) / 1000)


async def _read(receive: Receive) -> bytes | None:
    """The request's body, or None if it's over API Gateway's limit."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        part: bytes = message.get("body", b"")
        size += len(part)
        if size <= _REQUEST_LIMIT:
            parts.append(part)
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return b"".join(parts) if size <= _REQUEST_LIMIT else None
