"""Sites: HTTP APIs with their stages and routes, and function URLs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote

from localaws.http.authorization.requirement import Requirement
from localaws.http.cors import Cors
from localaws.http.response import FORBIDDEN_URL, INTERNAL_ERROR, TOO_MANY, UNAVAILABLE, URL_FAILED, Response
from localaws.http.routes import Found, Route, find
from localaws.http.service_calls import ServiceCall
from localaws.http.throttling import ACCOUNT_LIMIT, NO_LIMIT, Limit, route_limit
from localaws.http.timing import Answered
from localaws.iam.guard import Guard
from localaws.iam.sender import Sender
from localaws.lambdas.function_names import split
from localaws.metrics import Meter
from localaws.settings import ACCOUNT

_FUNCTION_IN_URI = re.compile(r"/functions/(.+)/invocations$")


@dataclass(frozen=True)
class Request:
    """The route and stage of a request. The stage is part of the path unless it's `$default`.

    `path` is the path within the stage, `limit` the throttling of the route. `of_api` is whether it's for an HTTP API,
    whose events have the path without percent-encoding and always a `content-length`.
    """

    found: Found
    stage: str
    variables: Mapping[str, str]
    limit: Limit = ACCOUNT_LIMIT
    of_api: bool = True
    path: str = "/"


class Site(Protocol):
    """An HTTP API or a function URL. `limit` is the maximum size of a request body in bytes.

    `limits_head` is whether API Gateway's limit of the request line and the headers applies.
    """

    id: str
    limit: int
    limits_head: bool
    throttled: Response
    failed: Response
    denied: Response

    def cors(self) -> Cors | None:
        """The CORS configuration; None if the function handles CORS itself."""

    def find(self, method: str, path: str) -> Request | None:
        """The route of a request, or None."""

    def measure(self, meter: Meter, answered: Answered) -> None:
        """Publish the metrics of a request."""

    def access_log(self, path: str) -> Mapping[str, str]:
        """The settings of the access log of the stage that a path leads to; empty if there is none."""

    def permission(self, request: Request, method: str) -> tuple[str, str]:
        """The action and the resource that a signed request needs permission for."""

    def refused(self, response: Response) -> Response:
        """The response to a request without authorization; `response` is that of an HTTP API."""

    def may_call(self, guard: Guard, request: Request, method: str) -> bool:
        """Whether the policy of the route's function lets the function be called, or IAM is off."""


class ApiSite:
    """One of moto's HTTP APIs, with its current stages and routes."""

    limit = 10 * 1024 * 1024
    limits_head = True
    throttled = UNAVAILABLE
    failed = denied = INTERNAL_ERROR

    def __init__(self, api: Any) -> None:
        self._api, self.id = api, api.api_id
        self._compiled: tuple[tuple[Any, ...], list[Route]] = ((), [])

    def cors(self) -> Cors | None:
        """The API's CORS configuration."""
        return Cors.of(self._api.cors_configuration)

    def find(self, method: str, path: str) -> Request | None:
        """A stage that is the first segment of the path takes precedence over `$default`."""
        stage, rest = self._stage(path)
        if stage is None:
            return None
        found = find(self._routes(), method, rest)
        if found is None:
            return None
        limit = route_limit(stage, found.route.key)
        return Request(found, stage.name, stage.stage_variables, limit, path=unquote(rest))

    def measure(self, meter: Meter, answered: Answered) -> None:
        """Publish the metrics of an HTTP API and its stage."""
        meter.answered(
            self.id, answered.stage, answered.status, answered.latency_ms, answered.function_ms, answered.size
        )

    def access_log(self, path: str) -> Mapping[str, str]:
        """The settings of the stage, if it has any."""
        stage, _ = self._stage(path)
        return (stage and stage.access_log_settings) or {}

    def permission(self, request: Request, method: str) -> tuple[str, str]:
        """To invoke the API, by the path of the request."""
        return "execute-api:Invoke", f"{self._arn(request)}/{method}{request.path}"

    def refused(self, response: Response) -> Response:
        """The response as it is."""
        return response

    def may_call(self, guard: Guard, request: Request, method: str) -> bool:
        """Whether API Gateway may call it for a route of a stage."""
        _, _, path = request.found.route.key.partition(" ")
        place = f"{method}{path}" if path else request.found.route.key
        sender = Sender("apigateway.amazonaws.com", f"{self._arn(request)}/{place}")
        return guard.denied(sender, "lambda:InvokeFunction", request.found.route.function) is None

    def _arn(self, request: Request) -> str:
        return f"arn:aws:execute-api:{self._api.backend.region_name}:{ACCOUNT}:{self.id}/{request.stage}"

    def _stage(self, path: str) -> tuple[Any, str]:
        """The stage of a path, if there's one, and the path within it."""
        first, _, rest = path.removeprefix("/").partition("/")
        named = self._api.stages.get(first) if first != "$default" else None
        return (named, f"/{rest}") if named else (self._api.stages.get("$default"), path)

    def _routes(self) -> list[Route]:
        now = tuple(
            (
                route.route_key,
                _Integration.of(self._api.integrations[route.target.removeprefix("integrations/")]),
                route.authorization_type or "NONE",
                self._api.authorizers.get(route.authorizer_id),
                tuple(route.authorization_scopes or ()),
            )
            for route in self._api.routes.values()
        )
        if now != self._compiled[0]:
            self._compiled = (
                now,
                [made.route(key, _requirement(*authorization)) for key, made, *authorization in now],
            )
        return self._compiled[1]


@dataclass(frozen=True)
class _Integration:
    """What an integration does, as it is now: it can be updated while its routes stay."""

    function: str
    payload: str
    seconds: float
    service: ServiceCall | None

    @staticmethod
    def of(found: Any) -> _Integration:
        """Read moto's object."""
        seconds = (found.timeout_in_millis or 30000) / 1000
        if found.integration_subtype:
            parameters = found.request_parameters or {}
            call = ServiceCall(found.integration_subtype, parameters, str(found.credentials_arn))
            return _Integration("", "1.0", seconds, call)
        return _Integration(function_of(found.integration_uri), found.payload_format_version, seconds, None)

    def route(self, key: str, requirement: Requirement | None) -> Route:
        """The route of a key with this integration."""
        return Route(key, self.function, self.seconds, self.service, requirement, self.payload)


def function_of(uri: str) -> str:
    """The function in an invocation's URI, which can be its ARN alone."""
    named = _FUNCTION_IN_URI.search(uri)
    return named.group(1) if named else uri


def _requirement(kind: str, authorizer: Any, scopes: tuple[str, ...]) -> Requirement | None:
    return None if kind == "NONE" else Requirement(kind, authorizer, scopes)


# What a request without a signature needs, by the condition keys of function URLs.
_BY_ANYONE: Mapping[str, Mapping[str, str]] = {
    "lambda:InvokeFunctionUrl": {"lambda:FunctionUrlAuthType": "NONE"},
    "lambda:InvokeFunction": {"lambda:InvokedViaFunctionUrl": "true"},
}


class UrlSite:
    """The URL of a function, or of one of its aliases."""

    limit = 6 * 1024 * 1024
    # Lambda documents none.
    limits_head = False
    throttled = TOO_MANY
    failed = URL_FAILED
    denied = FORBIDDEN_URL
    _LONGEST = 900.0

    def __init__(self, url_id: str, function: str, configuration: Mapping[str, Any]) -> None:
        self.id, self.configuration = url_id, configuration
        self._function = function

    def cors(self) -> Cors | None:
        """The URL's CORS configuration."""
        return Cors.of(self.configuration.get("Cors"))

    def find(self, method: str, path: str) -> Request:  # noqa: ARG002 (a URL has one route)
        """All requests go to the function."""
        found = Found(Route("$default", self._function, self._LONGEST, requirement=self._requirement), {})
        return Request(found, "$default", {}, NO_LIMIT, of_api=False)

    def measure(self, meter: Meter, answered: Answered) -> None:
        """Publish the metrics of a function URL."""
        function, qualifier = split(self._function, None)
        meter.url_answered(function, qualifier, answered.status, answered.latency_ms)

    def access_log(self, path: str) -> Mapping[str, str]:  # noqa: ARG002 (a URL has none)
        """A function URL has no access log."""
        return {}

    def permission(self, request: Request, method: str) -> tuple[str, str]:  # noqa: ARG002 (the function decides)
        """To invoke the function, or the alias, by its URL."""
        return "lambda:InvokeFunctionUrl", self._function

    def refused(self, response: Response) -> Response:
        """Lambda's own response, unless something has failed."""
        return FORBIDDEN_URL if response.status == 403 else response

    def may_call(self, guard: Guard, request: Request, method: str) -> bool:  # noqa: ARG002 (a URL has one route)
        """Whether everybody may call it by its URL; with AWS_IAM the signature has decided."""
        return self._requirement is not None or guard.denied_to_anyone(self._function, _BY_ANYONE) is None

    @property
    def _requirement(self) -> Requirement | None:
        return Requirement("AWS_IAM") if self.configuration.get("AuthType") == "AWS_IAM" else None
