"""What Lambda's API model says about the members of requests: required ones, enumerations, ranges, lengths, patterns.

moto accepts any value. https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.model import Shape
from moto.core.parse import RestJSONParser
from moto.core.routing import get_service_router
from werkzeug.exceptions import HTTPException

# Lambda's own words are another error, and local AWS has none for runtimes other than Python.
_UNCHECKED = frozenset({"Runtime"})


def violations(request: Any) -> list[str]:
    """The constraints that a request breaks, as Lambda's ValidationException lists them; none for what isn't JSON."""
    try:
        operation, parameters = get_service_router("lambda").match(request)
        given = RestJSONParser(operation).parse(
            {
                "method": request.method,
                "values": request.args,
                "headers": request.headers,
                # An event is for the function to read.
                "body": b"" if operation.name == "Invoke" else request.get_data(),
                "url_path": request.path,
                "url_params": parameters,
            }
        )
    except (HTTPException, NotImplementedError, TypeError, ValueError, AttributeError):
        return []
    return [*_broken(operation.input_shape, given, "")] if operation.input_shape else []


def message(broken: list[str]) -> str:
    """Lambda's message for broken constraints."""
    plural = "s" if len(broken) > 1 else ""
    return f"{len(broken)} validation error{plural} detected: {'; '.join(broken)}"


def _broken(shape: Any, value: Any, place: str) -> Iterator[str]:
    if shape.name in _UNCHECKED:
        return
    if shape.type_name == "structure" and isinstance(value, Mapping):
        yield from _of_members(shape, value, place)
    elif shape.type_name == "list" and isinstance(value, list):
        yield from _bounds(shape, len(value), value, place, "length ")
        for number, item in enumerate(value, 1):
            yield from _broken(shape.member, item, f"{place}.{number}.member")
    elif shape.type_name == "map" and isinstance(value, Mapping):
        for key, item in value.items():
            yield from _broken(shape.key, key, place)
            yield from _broken(shape.value, item, f"{place}.{key}.member")
    elif shape.type_name == "string" and isinstance(value, str):
        yield from _of_text(shape, value, place)
    elif shape.type_name in ("integer", "long", "float", "double") and isinstance(value, int | float):
        yield from _bounds(shape, value, value, place, "value ")


def _of_members(shape: Any, value: Mapping[str, Any], place: str) -> Iterator[str]:
    for name, member in shape.members.items():
        inner = f"{place}.{_camel(name)}".removeprefix(".")
        found = value.get(name)
        if found == [] and member.serialization.get("location") == "querystring":
            found = None  # moto reads an empty list where nothing was sent
        if found is not None:
            yield from _broken(member, found, inner)
        elif name in shape.required_members:
            yield f"Value null at '{inner}' failed to satisfy constraint: Member must not be null"


def _of_text(shape: Any, value: str, place: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        allowed = ", ".join(shape.enum)
        yield _failed(value, place, f"Member must satisfy enum value set: [{allowed}]")
    yield from _bounds(shape, len(value), value, place, "length ")
    pattern = shape.metadata.get("pattern")
    compiled = _compiled(pattern) if pattern else None
    if compiled and not compiled.fullmatch(value):
        yield _failed(value, place, f"Member must satisfy regular expression pattern: {pattern}")


def _bounds(shape: Shape, measured: float, value: Any, place: str, kind: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and measured < least:
        yield _failed(value, place, f"Member must have {kind}greater than or equal to {least}")
    if most is not None and measured > most:
        yield _failed(value, place, f"Member must have {kind}less than or equal to {most}")


def _failed(value: Any, place: str, constraint: str) -> str:
    return f"Value '{value}' at '{place}' failed to satisfy constraint: {constraint}"


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """The pattern; None for one that Java has and Python hasn't, such as `\\p{L}`."""
    with warnings.catch_warnings():
        # `[a-zA-Z0-9-_]`, as Java reads it.
        warnings.simplefilter("ignore", FutureWarning)
        try:
            return re.compile(pattern)
        except re.PatternError:
            return None
