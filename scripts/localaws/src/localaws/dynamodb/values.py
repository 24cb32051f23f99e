"""Attribute values: what is one, and how large it is.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from localaws.dynamodb.errors import InvalidRequest

Value = Mapping[str, Any]

MAX_ITEM_SIZE = 400 * 1024
_MAX_DEPTH = 32
_DIGITS = 38
_LARGEST, _SMALLEST = Decimal("9.9999999999999999999999999999999999999E+125"), Decimal("1E-130")
_TOO_LARGE = "Number overflow. Attempting to store a number with magnitude larger than supported range"
_TOO_SMALL = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
_INVALID = "One or more parameter values were invalid: "
_TYPES = ("S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL")
_SETS = {"SS": "string", "NS": "number", "BS": "binary"}


def type_of(value: Value) -> str:
    """The type of an attribute value, e.g. S; raises InvalidRequest unless it has exactly one."""
    types = [name for name in _TYPES if value.get(name) is not None]
    if not types:
        raise InvalidRequest("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
    if len(types) > 1:
        raise InvalidRequest(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported "
            "datatypes"
        )
    return types[0]


def check_value(value: Value, depth: int = 1) -> None:
    """Raise InvalidRequest if DynamoDB refuses an attribute value, wherever in it."""
    kind = type_of(value)
    if depth > _MAX_DEPTH:
        raise InvalidRequest("Nesting Levels have exceeded supported limits")
    content = value[kind]
    if kind == "N":
        check_number(content)
    elif kind in _SETS:
        _check_set(kind, content)
    elif kind == "NULL" and content is not True:
        raise InvalidRequest(f"{_INVALID}Null attribute value types must have the value of true")
    elif kind in ("M", "L"):
        for each in content.values() if kind == "M" else content:
            check_value(each, depth + 1)


def _check_set(kind: str, content: list[Any]) -> None:
    if not content:
        raise InvalidRequest(f"{_INVALID}An {_SETS[kind]} set  may not be empty")
    if kind == "NS":
        for number in content:
            check_number(number)
        content = [Decimal(number) for number in content]
    if len(set(content)) < len(content):
        raise InvalidRequest(f"{_INVALID}Input collection contains duplicates.")


def check_number(text: str) -> None:
    """Raise InvalidRequest unless a text is a number that DynamoDB can store."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise InvalidRequest(f"The parameter cannot be converted to a numeric value: {text}") from None
    if not number.is_finite():
        raise InvalidRequest(f"The parameter cannot be converted to a numeric value: {text}")
    if len("".join(map(str, number.as_tuple().digits)).strip("0")) > _DIGITS:
        raise InvalidRequest("Attempting to store more than 38 significant digits in a Number")
    if abs(number) > _LARGEST:
        raise InvalidRequest(_TOO_LARGE)
    if number and abs(number) < _SMALLEST:
        raise InvalidRequest(_TOO_SMALL)


def canonical_number(text: str) -> str:
    """A number as DynamoDB returns it: without exponent, and without zeros or signs that mean nothing."""
    number = Decimal(text)
    if not number:
        return "0"
    plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def with_canonical_numbers(value: Any) -> Any:
    """An attribute value, or a structure of them, with all of its numbers canonical."""
    if isinstance(value, Mapping):
        if len(value) == 1 and isinstance(value.get("N"), str):
            return {"N": canonical_number(value["N"])}
        if len(value) == 1 and isinstance(value.get("NS"), list):
            return {"NS": [canonical_number(each) for each in value["NS"]]}
        return {name: with_canonical_numbers(each) for name, each in value.items()}
    return [with_canonical_numbers(each) for each in value] if isinstance(value, list) else value


def item_size(item: Mapping[str, Value]) -> int:
    """The bytes of an item: its names and values.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(_text_size(name) + value_size(value) for name, value in item.items())


def value_size(value: Value) -> int:
    """The bytes of an attribute value."""
    kind = type_of(value)
    content = value[kind]
    if kind in ("BOOL", "NULL"):
        return 1
    if kind == "M":
        return 3 + sum(_text_size(name) + 1 + value_size(each) for name, each in content.items())
    if kind == "L":
        return 3 + sum(1 + value_size(each) for each in content)
    return sum(_scalar_sizes(kind[0], content if kind in _SETS else [content]))


def _scalar_sizes(kind: str, contents: list[Any]) -> Iterator[int]:
    for content in contents:
        if kind == "N":
            digits = "".join(map(str, Decimal(content).as_tuple().digits)).strip("0")
            yield (len(digits) + 1) // 2 + 1 + (Decimal(content) < 0)
        elif kind == "B" and isinstance(content, str):
            # In base64.
            yield len(content) * 3 // 4 - content.count("=")
        else:
            yield _text_size(content)


def _text_size(content: str | bytes) -> int:
    return len(content.encode() if isinstance(content, str) else content)
