"""Parameters of requests and responses that are mapped from one to the other.

https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from localaws.vtl.paths import JsonPath, PathError
from localaws.vtl.values import to_text

_PLACES = "path|querystring|header|multivaluequerystring|multivalueheader"
_TARGET = re.compile(r"integration\.request\.(path|querystring|header)\.(.+)")
_REQUEST = re.compile(rf"method\.request\.({_PLACES})\.(.+)|method\.request\.body(\..+|\[.+)?")
_RESPONSE_TARGET = re.compile(r"method\.response\.header\.(.+)")
_RESPONSE = re.compile(
    r"integration\.response\.(header|multivalueheader)\.(.+)|integration\.response\.body(\..+|\[.+)?"
)
_OTHER = re.compile(r"'.*'|context\.[\w.-]+|stageVariables\.\w+", re.DOTALL)
_IDENTITY = re.compile(
    r"(?:method\.request\.(header|querystring|multivalueheader|multivaluequerystring)|context|stageVariables)\.(.+)"
)


@dataclass(frozen=True)
class Sources:
    """What parameters are mapped from. `single` and `multiple` have the values by place, such as `header`, and name."""

    single: Mapping[str, Mapping[str, str]]
    multiple: Mapping[str, Mapping[str, list[str]]]
    body: str
    context: Mapping[str, Any]
    variables: Mapping[str, str]


def request_problems(target: str, source: str) -> Iterator[str]:
    """What's wrong with a mapping of a request's parameter."""
    if not _TARGET.fullmatch(target):
        yield f"{target} isn't a parameter of an integration's request"
    yield from _source_problems(source, _REQUEST)


def response_problems(target: str, source: str) -> Iterator[str]:
    """What's wrong with a mapping of a response's header."""
    if not _RESPONSE_TARGET.fullmatch(target):
        yield f"{target} isn't a header of a method's response"
    yield from _source_problems(source, _RESPONSE)


def _source_problems(source: str, pattern: re.Pattern[str]) -> Iterator[str]:
    found = pattern.fullmatch(source)
    if found is None:
        if not _OTHER.fullmatch(source):
            yield f"{source} isn't a mapping expression"
    elif found[3]:
        try:
            JsonPath(f"${found[3]}")
        except PathError as error:
            yield str(error)


def identity_sources(text: str) -> list[str] | None:
    """The identity sources of an authorizer, separated by commas; None if one isn't valid."""
    sources = [source.strip() for source in text.split(",") if source.strip()]
    return sources if all(_IDENTITY.fullmatch(source) for source in sources) else None


def value_of(source: str, sources: Sources) -> str | None:
    """The value of a mapping expression, or None."""
    if source.startswith("'"):
        return source[1:-1]
    if source.startswith("context."):
        return _member(sources.context, source.removeprefix("context."))
    if source.startswith("stageVariables."):
        return sources.variables.get(source.removeprefix("stageVariables."))
    _, _, rest = source.split(".", 2)
    if rest == "body" or rest.startswith(("body.", "body[")):
        return _of_body(rest.removeprefix("body"), sources.body)
    place, _, name = rest.partition(".")
    if place.startswith("multivalue"):
        values = _named(sources.multiple.get(place.removeprefix("multivalue"), {}), name, place)
        return ",".join(values) if values else None
    single: str | None = _named(sources.single.get(place, {}), name, place)
    return single


def _named(values: Mapping[str, Any], name: str, place: str) -> Any:
    """A value by its name; names of headers have no case."""
    if name in values or not place.endswith("header"):
        return values.get(name)
    return next((value for key, value in values.items() if key.lower() == name.lower()), None)


def _of_body(path: str, body: str) -> str | None:
    if not path:
        return body
    try:
        value = JsonPath(f"${path}").find(json.loads(body))
    except ValueError:
        return None
    return value if isinstance(value, str) or value is None else json.dumps(value, separators=(",", ":"))


def _member(context: Mapping[str, Any], path: str) -> str | None:
    value: Any = context
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return None if value is None else to_text(value)


def mapped_request(parameters: Mapping[str, str], sources: Sources) -> dict[str, dict[str, str]]:
    """The integration's parameters: path, querystring and header → name → value."""
    mapped: dict[str, dict[str, str]] = {"path": {}, "querystring": {}, "header": {}}
    for target, source in parameters.items():
        found, value = _TARGET.fullmatch(target), value_of(source, sources)
        if found and value is not None:
            mapped[found[1]][found[2]] = value
    return mapped


def mapped_response(parameters: Mapping[str, str], sources: Sources) -> list[tuple[str, str]]:
    """The headers of a method's response."""
    headers: list[tuple[str, str]] = []
    for target, source in parameters.items():
        found, value = _RESPONSE_TARGET.fullmatch(target), value_of(source, sources)
        if found and value is not None:
            headers.append((found[1], value))
    return headers
