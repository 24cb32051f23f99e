"""What AWS's model of the API requires of a request: members, types, lengths, ranges and enumerations.

botocore's clients check few of these themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# Shapes whose values have errors of their own, such as InvalidName.
_CHECKED_LATER = frozenset({"Arn", "LongArn", "Name"})
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "boolean": bool,
    "integer": int,
    "list": list,
    "map": dict,
    "string": str,
    "structure": dict,
}


class WrongType(Exception):
    """A value hasn't the type of its member."""


def violations(shape: Any, value: Any, place: str = "") -> Iterator[str]:
    """What's wrong with the value of a shape of botocore, in AWS's words; raises WrongType."""
    expected = _TYPES.get(shape.type_name)
    if expected and (not isinstance(value, expected) or (expected is int and isinstance(value, bool))):
        raise WrongType(f"The value at '{place}' must be of the type {shape.type_name}.")
    if shape.type_name == "structure":
        yield from _of_structure(shape, value, place)
    elif shape.type_name == "list":
        for index, item in enumerate(value):
            yield from violations(shape.member, item, f"{place}.{index + 1}.member")
    elif shape.name not in _CHECKED_LATER:
        for constraint in _broken(shape, value):
            yield f"Value at '{place}' failed to satisfy constraint: Member must {constraint}"


def _of_structure(shape: Any, value: Mapping[str, Any], place: str) -> Iterator[str]:
    for name, member in shape.members.items():
        inner = f"{place}.{name}" if place else name
        if value.get(name) is not None:
            yield from violations(member, value[name], inner)
        elif name in shape.required_members:
            yield f"Value at '{inner}' failed to satisfy constraint: Member must not be null"


def _broken(shape: Any, value: Any) -> Iterator[str]:
    if shape.type_name == "string":
        allowed = getattr(shape, "enum", None)
        if allowed and value not in allowed:
            yield f"satisfy enum value set: [{', '.join(allowed)}]"
        size, what = len(value), "length"
    elif shape.type_name == "integer":
        size, what = value, "value"
    else:
        return
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield f"have {what} greater than or equal to {least}"
    if most is not None and size > most:
        yield f"have {what} less than or equal to {most}"
