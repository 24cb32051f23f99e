"""What a front serves: an HTTP API with its stages and routes, or a function URL."""

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
    """A request that has found its route. `stage` is part of its path unless it's `$default`."""

    found: Found
    stage: str
    variables: Mapping[str, str]


class Site(Protocol):
    """One address and what's behind it. `limit` is a body's in bytes."""

    id: str
    limit: int
    throttled: Response
    failed: Response

    def cors(self) -> Cors | None:
        """Who may call from other origins; None where the function says so itself."""

    def find(self, method: str, path: str) -> Request | None:
        """The route of a request, or None."""

    def measure(self, meter: Meter, answered: Answered) -> None:
        """Report a request in the site's metrics."""


class ApiSite:
    """`api`, one of moto's HTTP APIs, as its stages and routes stand at each request."""

    limit = 10 * 1024 * 1024
    throttled = UNAVAILABLE
    failed = function_failed(500)

    def __init__(self, api: Any) -> None:
        self._api, self.id = api, api.api_id
        self._compiled: tuple[tuple[Any, ...], list[Route]] = ((), [])

    def cors(self) -> Cors | None:
        """The API's own configuration."""
        return Cors.of(self._api.cors_configuration)

    def find(self, method: str, path: str) -> Request | None:
        """A stage that the path begins with comes before `$default`."""
        first, _, rest = path.removeprefix("/").partition("/")
        named = self._api.stages.get(first) if first != "$default" else None
        stage = named or self._api.stages.get("$default")
        if stage is None:
            return None
        found = find(self._routes(), method, f"/{rest}" if named else path)
        return Request(found, stage.name, stage.stage_variables) if found else None

    def measure(self, meter: Meter, answered: Answered) -> None:
        """The metrics of an HTTP API and of its stage."""
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
        """The URL's own configuration."""
        return Cors.of(self.configuration.get("Cors"))

    def find(self, method: str, path: str) -> Request:  # noqa: ARG002 (a URL has one route)
        """Everything goes to the function."""
        return self._request

    def measure(self, meter: Meter, answered: Answered) -> None:
        """The metrics of a function's URL."""
        function, qualifier = split(self._request.found.route.function, None)
        meter.url_answered(function, qualifier, answered.status, answered.latency_ms)
