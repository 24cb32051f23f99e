"""The HTTP server of a REST API: an ASGI application that runs its methods.

The checks have API Gateway's order: method, resource policy, authorizer, API key, throttling, validation, integration.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import Callable, MutableMapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

from localaws.clock import Clock
from localaws.http.front import Receive, Send, read_body
from localaws.http.head import too_large
from localaws.http.header_names import NAMES
from localaws.http.timing import Answered
from localaws.identifiers import new_trace
from localaws.lambdas.log_writer import LogWriter
from localaws.metrics import Meter
from localaws.rest import access_log
from localaws.rest.authorizers import Authorizers
from localaws.rest.cache import ResponseCache
from localaws.rest.encodings import unpacked
from localaws.rest.exchange import Exchange, Incoming, Pairs, extended_id
from localaws.rest.gateway_responses import Refused, Rendered, render
from localaws.rest.integrations import Backends, run
from localaws.rest.keys import ApiKeys, method_setting
from localaws.rest.mapping import value_of
from localaws.rest.resource_policy import ResourcePolicies
from localaws.rest.signatures import Signatures
from localaws.rest.snapshot import Snapshot
from localaws.rest.store import Definition, Document, RestApi
from localaws.rest.validation import validate

_LIMIT = 10 * 1024 * 1024
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parts:
    """What the servers of all APIs share. `snapshot` finds the deployment of a stage."""

    region: str
    clock: Clock
    meter: Meter
    workers: Executor
    backends: Backends
    authorizers: Authorizers
    policies: ResourcePolicies
    signatures: Signatures
    keys: ApiKeys
    logs: LogWriter
    cache: ResponseCache
    snapshot: Callable[[RestApi, Document], Snapshot]


@dataclass(frozen=True)
class Mount:
    """Where a request goes: the API and stage, and the path without what names them."""

    api: RestApi
    stage: Document | None
    path: str
    shown_path: str


class RestFront:
    """Serves one API, or a custom domain; `mount` finds the API and the stage of a path, or returns None."""

    def __init__(self, mount: Callable[[str], Mount | None], parts: Parts) -> None:
        self._mount, self._parts = mount, parts

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            raise ValueError(f"REST APIs don't support {scope['type']}")
        answered = Answered(self._parts.clock.now())
        body = await read_body(receive, _LIMIT)
        if refusal := too_large(scope):
            await send({"type": "http.response.start", "status": refusal.status, "headers": refusal.headers})
            await send({"type": "http.response.body", "body": refusal.body})
            return
        incoming = _incoming(scope, body or b"")
        mount = self._mount(incoming.path)
        exchange = self._exchange(incoming, mount, answered)
        response, refused = await self._answer(exchange, mount, body is None, answered)
        headers = [*response.headers, ("x-amzn-RequestId", exchange.request_id)]
        headers += [("x-amz-apigw-id", extended_id(exchange.request_id)), ("Connection", "keep-alive")]
        content = response.body
        minimum = exchange.snapshot.settings.get("minimumCompressionSize")
        if minimum is not None and len(content) >= minimum and "gzip" in (incoming.header("accept-encoding") or ""):
            content = gzip.compress(content)
            headers.append(("Content-Encoding", "gzip"))
        headers.append(("Content-Length", str(len(content))))
        answered.end(response.status, len(incoming.body) + len(content))
        if exchange.stage:
            self._measure(exchange, answered)
            access_log.write(self._parts.logs, exchange, answered, len(content), refused)
        encoded = [(key.encode("latin-1"), value.encode("latin-1", "replace")) for key, value in headers]
        await send({"type": "http.response.start", "status": response.status, "headers": encoded})
        await send({"type": "http.response.body", "body": content})

    def _measure(self, exchange: Exchange, answered: Answered) -> None:
        name, stage = str(exchange.snapshot.settings.get("name")), exchange.stage["stageName"]
        detailed = exchange.resource and method_setting(exchange, "metricsEnabled")[1].get("metricsEnabled")
        method = (("Method", exchange.incoming.verb), ("Resource", exchange.resource["path"])) if detailed else ()
        self._parts.meter.rest_answered(name, stage, answered.status, answered.latency_ms, answered.function_ms, method)

    def _exchange(self, incoming: Incoming, mount: Mount | None, answered: Answered) -> Exchange:
        now, region, request_id = answered.at, self._parts.region, answered.request_id
        if mount is None or mount.stage is None:
            api, nothing = mount.api if mount else RestApi({}), Snapshot(Definition({}), "")
            path = incoming.path
            return Exchange(incoming, api, {}, nothing, path, path, now, region, request_id)
        snapshot = self._parts.snapshot(mount.api, mount.stage)
        return Exchange(
            incoming, mount.api, mount.stage, snapshot, mount.path, mount.shown_path, now, region, request_id
        )

    async def _answer(
        self, exchange: Exchange, mount: Mount | None, too_large: bool, answered: Answered
    ) -> tuple[Rendered, Refused | None]:
        """The response, and why it's API Gateway's own, if it is."""
        try:
            if mount is None or mount.stage is None:
                raise Refused("INVALID_API_KEY")  # 403 Forbidden
            if too_large:
                raise Refused("REQUEST_TOO_LARGE")
            incoming = exchange.incoming
            exchange.incoming = replace(
                incoming, body=unpacked(incoming.sent_body, incoming.header("content-encoding") or "", _LIMIT)
            )
            return await self._served(exchange, answered), None
        except Refused as refused:
            sources = exchange.sources()
            response = render(
                refused,
                exchange.snapshot.definition.responses,
                exchange.context(),
                exchange.variables,
                lambda source: value_of(source, sources),
                exchange.incoming.header("accept") or "",
            )
            return response, refused

    async def _served(self, exchange: Exchange, answered: Answered) -> Rendered:
        found = exchange.snapshot.find(exchange.incoming.verb, exchange.path)
        if found is None:
            raise Refused("MISSING_AUTHENTICATION_TOKEN")
        exchange.resource, exchange.method, exchange.parameters = found
        self._parts.policies.demand(exchange)
        usage_key = None
        if exchange.method.get("authorizationType") == "CUSTOM":
            answer = await self._in_worker(lambda: self._parts.authorizers.authorize(exchange))
            exchange.authorizer, usage_key = answer.context, answer.usage_key
        elif exchange.method.get("authorizationType") == "AWS_IAM":
            exchange.signer = await self._in_worker(lambda: self._parts.signatures.identify(exchange))
        self._parts.keys.identify(exchange, usage_key)
        self._parts.keys.admit(exchange)
        self._parts.keys.admit_method(exchange)
        validate(exchange)
        integration = exchange.method.get("methodIntegration") or {}
        timeout = float(integration.get("timeoutInMillis") or 29000) / 1000
        with answered.integration():
            work = self._in_worker(
                lambda: self._parts.cache.answer(exchange, lambda: run(exchange, self._parts.backends))
            )
            try:
                return await asyncio.wait_for(work, timeout)
            except TimeoutError:
                raise Refused("INTEGRATION_TIMEOUT") from None

    async def _in_worker[T](self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._parts.workers, work)
        except (Refused, TimeoutError):
            raise
        except Exception:
            logger.exception("A request to a REST API failed.")
            raise Refused("DEFAULT_5XX", status=500) from None


def _incoming(scope: MutableMapping[str, Any], body: bytes) -> Incoming:
    source = scope["client"][0] if scope.get("client") else "127.0.0.1"
    names = scope.get(NAMES) or [name for name, _ in scope["headers"]]
    values = [value for _, value in scope["headers"]]
    headers: Pairs = [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in zip(names, values, strict=True)
    ]
    known = {name.lower() for name, _ in headers}
    added = {
        "X-Amzn-Trace-Id": new_trace().split(";")[0],
        "X-Forwarded-For": source,
        "X-Forwarded-Port": str((scope.get("server") or ("", 80))[1]),
        "X-Forwarded-Proto": str(scope.get("scheme") or "http"),
    }
    headers += [(name, value) for name, value in added.items() if name.lower() not in known]
    path = scope["raw_path"].split(b"?")[0].decode("ascii")
    query = scope["query_string"].decode("ascii")
    return Incoming(scope["method"], path, query, headers, body, source, f"HTTP/{scope['http_version']}", body)
