"""What a service's model allows of the members of a request, in AWS's words.

AWS's services check each request by their Smithy models, which botocore has too: lengths, ranges, patterns,
enumerations and required members. https://smithy.io/2.0/spec/constraint-traits.html
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.model import Shape

_TRAITS = ("min", "max", "pattern")
_NUMBERS = ("integer", "long", "float", "double")
# The types whose values are shown in errors.
_SHOWN = frozenset({"string", "boolean", *_NUMBERS})


def describe(found: list[str]) -> str:
    """The message of the error that names the violations `found`."""
    return f"{len(found)} validation error{'s' * (len(found) > 1)} detected: {'; '.join(found)}"


def violations(shape: Any, value: Any, elsewhere: frozenset[str], place: str = "") -> Iterator[str]:
    """What a value violates of the constraints of its shape and its parts, each as AWS describes it.

    Shapes whose name is in `elsewhere` aren't looked at: they have errors of their own.
    """
    if not is_constrained(shape, elsewhere):
        return
    constraint = _broken(shape, value)
    if constraint:
        is_shown = shape.type_name in _SHOWN and not shape.metadata.get("sensitive")
        shown = f"Value '{value}'" if is_shown else "Value"
        yield _failed(shown, place, constraint)
    if shape.type_name == "structure" and isinstance(value, Mapping):
        yield from _of_members(shape, value, elsewhere, place)
    elif shape.type_name == "list" and isinstance(value, list):
        for position, item in enumerate(value, 1):
            yield from violations(shape.member, item, elsewhere, f"{place}.{position}.member")
    elif shape.type_name == "map" and isinstance(value, Mapping):
        for key, item in value.items():
            broken = "" if shape.key.name in elsewhere else _broken(shape.key, key)
            if broken:
                yield _failed("Value", place, f"Map keys must satisfy constraint: [{broken}]")
            yield from violations(shape.value, item, elsewhere, f"{place}.{key}.member")


@cache
def is_constrained(shape: Any, elsewhere: frozenset[str]) -> bool:
    """Whether a shape or a part of it has a constraint that is looked at."""
    if shape.name in elsewhere:
        return False
    if any(trait in shape.metadata for trait in _TRAITS) or shape.metadata.get("enum"):
        return True
    if getattr(shape, "required_members", None):
        return True
    # A shape that has itself as a part adds nothing by it.
    inner = elsewhere | {shape.name}
    return any(is_constrained(part, inner) for part in _parts(shape))


def _parts(shape: Any) -> list[Shape]:
    if shape.type_name == "structure":
        return list(shape.members.values())
    if shape.type_name == "list":
        return [shape.member]
    return [shape.key, shape.value] if shape.type_name == "map" else []


def _of_members(shape: Any, value: Mapping[str, Any], elsewhere: frozenset[str], place: str) -> Iterator[str]:
    for name, member in shape.members.items():
        inner = f"{place}.{_camel(name)}".removeprefix(".")
        given = value.get(name)
        if given == [] and member.serialization.get("location") == "querystring":
            given = None  # moto reads an empty list where nothing was sent
        if given is not None:
            yield from violations(member, given, elsewhere, inner)
        elif name in shape.required_members:
            yield _failed("Value null", inner, "Member must not be null")


def _broken(shape: Any, value: Any) -> str:
    """The first constraint of a shape that a value breaks, "" if none; values of another type break none."""
    if shape.type_name in _NUMBERS:
        return _out_of_bounds(shape, value, "value") if isinstance(value, int | float) else ""
    if shape.type_name == "structure" or not isinstance(value, str | bytes | list | Mapping):
        return ""
    enumeration = getattr(shape, "enum", None)
    if enumeration and value not in enumeration:
        return f"Member must satisfy enum value set: [{', '.join(enumeration)}]"
    bounds = _out_of_bounds(shape, len(value), "length")
    if bounds:
        return bounds
    pattern = shape.metadata.get("pattern")
    if pattern and isinstance(value, str) and not _matches(pattern, value):
        return f"Member must satisfy regular expression pattern: {pattern}"
    return ""


def _matches(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.fullmatch(value) is not None


def _out_of_bounds(shape: Any, measured: float, what: str) -> str:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and measured < least:
        return f"Member must have {what} greater than or equal to {least}"
    if most is not None and measured > most:
        return f"Member must have {what} less than or equal to {most}"
    return ""


def _failed(shown: str, place: str, constraint: str) -> str:
    return f"{shown} at '{place}' failed to satisfy constraint: {constraint}"


def _camel(name: str) -> str:
    """The name of a member as AWS's messages have it."""
    return name[:1].lower() + name[1:]


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """A pattern of a model; None for the few in a syntax that only Java has, such as `\\p{L}`."""
    with warnings.catch_warnings():
        # `[a-zA-Z0-9-_]`, as Java reads it.
        warnings.simplefilter("ignore", FutureWarning)
        try:
            return re.compile(pattern, re.ASCII)
        except re.PatternError:
            return None
