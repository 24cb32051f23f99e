"""What AWS's model of the API requires of a request: members, types, lengths, ranges and enumerations.

botocore's clients check few of these themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localaws import shape_constraints

# Shapes whose values have errors of their own, such as InvalidName.
_CHECKED_LATER = frozenset({"Arn", "CharacterRestrictedName", "LongArn", "Name"})
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


def violations(shape: Any, value: Any) -> list[str]:
    """What's wrong with the value of a shape of botocore, in AWS's words; raises WrongType."""
    _check_types(shape, value, "")
    return list(shape_constraints.violations(shape, value, _CHECKED_LATER))


def _check_types(shape: Any, value: Any, place: str) -> None:
    expected = _TYPES.get(shape.type_name)
    if expected and (not isinstance(value, expected) or (expected is int and isinstance(value, bool))):
        raise WrongType(f"The value at '{place}' must be of the type {shape.type_name}.")
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if value.get(name) is not None:
                _check_types(member, value[name], f"{place}.{name}".removeprefix("."))
    elif shape.type_name == "list":
        for index, item in enumerate(value, 1):
            _check_types(shape.member, item, f"{place}.{index}.member")
