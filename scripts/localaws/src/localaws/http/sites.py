"""Sites: HTTP APIs with their stages and routes, and function URLs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from localaws.http.cors import Cors
from localaws.http.response import TOO_MANY, UNAVAILABLE, Response, function_failed
from localaws.http.routes import Found, Route, find
from localaws.http.timing import Answered
from localaws.lambdas.function_names import split
from localaws.metrics import Meter

_FUNCTION_IN_URI = re.compile(r"/functions/(.+)/invocations$")


@dataclass(frozen=True)
class Request:
    """The route and stage of a request. The stage is part of the path unless it's `$default`."""

    found: Found
    stage: str
    variables: Mapping[str, str]


class Site(Protocol):
    """An HTTP API or a function URL. `limit` is the maximum size of a request body in bytes."""

    id: str
    limit: int
    throttled: Response
    failed: Response

    def cors(self) -> Cors | None:
        """The CORS configuration; None if the function handles CORS itself."""

    def find(self, method: str, path: str) -> Request | None:
        """The route of a request, or None."""

    def measure(self, meter: Meter, answered: Answered) -> None:
        """Publish the metrics of a request."""


class ApiSite:
    """One of moto's HTTP APIs, with its current stages and routes."""

    limit = 10 * 1024 * 1024
    throttled = UNAVAILABLE
    failed = function_failed(500)

    def __init__(self, api: Any) -> None:
        self._api, self.id = api, api.api_id
        self._compiled: tuple[tuple[Any, ...], list[Route]] = ((), [])

    def cors(self) -> Cors | None:
        """The API's CORS configuration."""
        return Cors.of(self._api.cors_configuration)

    def find(self, method: str, path: str) -> Request | None:
        """A stage that is the first segment of the path takes precedence over `$default`."""
        first, _, rest = path.removeprefix("/").partition("/")
        named = self._api.stages.get(first) if first != "$default" else None
        stage = named or self._api.stages.get("$default")
        if stage is None:
            return None
        found = find(self._routes(), method, f"/{rest}" if named else path)
        return Request(found, stage.name, stage.stage_variables) if found else None

    def measure(self, meter: Meter, answered: Answered) -> None:
        """Publish the metrics of an HTTP API and its stage."""
        meter.answered(
            self.id, answered.stage, answered.status, answered.latency_ms, answered.function_ms, answered.size
        )

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


class UrlSite:
    """The URL of a function, or of one of its aliases."""

    limit = 6 * 1024 * 1024
    throttled = TOO_MANY
    failed = function_failed(502)
    _LONGEST = 900.0

    def __init__(self, url_id: str, function: str, configuration: Mapping[str, Any]) -> None:
        self.id, self.configuration = url_id, configuration
        self._request = Request(Found(Route("$default", function, self._LONGEST), {}), "$default", {})

    def cors(self) -> Cors | None:
        """The URL's CORS configuration."""
        return Cors.of(self.configuration.get("Cors"))

    def find(self, method: str, path: str) -> Request:  # noqa: ARG002 (a URL has one route)
        """All requests go to the function."""
        return self._request

    def measure(self, meter: Meter, answered: Answered) -> None:
        """Publish the metrics of a function URL."""
        function, qualifier = split(self._request.found.route.function, None)
        meter.url_answered(function, qualifier, answered.status, answered.latency_ms)
