"""Finds the route of an HTTP API for a request.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from localaws.http.authorization.requirement import Requirement
from localaws.http.service_calls import ServiceCall


@dataclass(frozen=True)
class Route:
    """A route key, such as `GET /items/{id}` or `$default`, and its function, or the service that it calls.

    `requirement` is its authorization; None lets every request pass. `payload` is the format of the function's event
    and response, 1.0 or 2.0.
    """

    key: str
    function: str
    timeout: float = 30.0
    service: ServiceCall | None = None
    requirement: Requirement | None = None
    payload: str = "2.0"
    method: str = field(init=False)
    segments: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        method, _, path = self.key.partition(" ")
        object.__setattr__(self, "method", method)
        object.__setattr__(self, "segments", _segments(path))


@dataclass(frozen=True)
class Found:
    """The route of a request, and the values of its path parameters."""

    route: Route
    parameters: Mapping[str, str]


def find(routes: Iterable[Route], method: str, path: str) -> Found | None:
    """The most specific route for a request, or None.

    The precedence: a full match, then one with a greedy `{proxy+}`; literal segments before variables; a method before
    ANY; `$default` last. A slash at the end counts: `/pets/` isn't `/pets`, but `/pets/{proxy+}` with an empty value.
    """
    segments = _segments(path)
    best: tuple[tuple[object, ...], Found] | None = None
    default: Route | None = None
    for route in routes:
        if route.key == "$default":
            default = route
            continue
        if route.method not in (method, "ANY"):
            continue
        parameters = _match(route.segments, segments)
        if parameters is None:
            continue
        rank = (*map(_rank, route.segments), 2 if len(route.segments) == len(segments) else 3, route.method == "ANY")
        if best is None or rank < best[0]:
            best = (rank, Found(route, parameters))
    if best is not None:
        return best[1]
    return Found(default, {}) if default else None


def _segments(path: str) -> tuple[str, ...]:
    """The parts between slashes; one after a slash at the end is empty. The root has none."""
    return tuple(path.removeprefix("/").split("/")) if path.strip("/") else ()


def _rank(segment: str) -> int:
    if segment.endswith("+}"):
        return 2
    return 1 if segment.startswith("{") else 0


def _match(pattern: tuple[str, ...], segments: tuple[str, ...]) -> dict[str, str] | None:
    parameters: dict[str, str] = {}
    for index, part in enumerate(pattern):
        if part.endswith("+}"):
            if index >= len(segments):
                return None
            parameters[part[1:-2]] = unquote("/".join(segments[index:]))
            return parameters
        if index >= len(segments):
            return None
        if part.startswith("{") and segments[index]:
            parameters[part[1:-1]] = unquote(segments[index])
        elif part != unquote(segments[index]):
            return None
    return parameters if len(pattern) == len(segments) else None
