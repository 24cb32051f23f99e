"""Comparisons of conditions: values of different types are neither equal nor in order, and what's missing has no value.

moto takes null for missing, and fails for types without an order.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

from __future__ import annotations

import base64
import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from moto.dynamodb import comparisons

from localaws.dynamodb.projections import plain_value
from localaws.dynamodb.values import Value, type_of
from localaws.moto_patches import MotoPatches

_ORDERED = ("S", "N", "B")
_SIZED = ("S", "B", "SS", "NS", "BS", "L", "M")
# A type and a content that Python compares as DynamoDB does.
Comparable = tuple[str, Any]


def install(patches: MotoPatches) -> None:
    """Replace moto's comparisons."""
    patches.replace_method(comparisons.OpEqual, "expr", lambda call, item: _equal(call.lhs, call.rhs, item))
    patches.replace_method(comparisons.OpNotEqual, "expr", lambda call, item: not _equal(call.lhs, call.rhs, item))
    for call, compare in (
        (comparisons.OpLessThan, operator.lt),
        (comparisons.OpLessThanOrEqual, operator.le),
        (comparisons.OpGreaterThan, operator.gt),
        (comparisons.OpGreaterThanOrEqual, operator.ge),
    ):
        patches.replace_method(call, "expr", _ordering(compare))
    patches.replace_method(comparisons.FuncBetween, "expr", _between)
    patches.add(comparisons.FuncSize, "get_type", lambda call, item: "N")  # noqa: ARG005 (moto's signature)
    patches.replace_method(comparisons.FuncIn, "expr", _in)
    patches.replace_method(comparisons.FuncBeginsWith, "expr", _begins_with)


def comparable(value: Value) -> Comparable:
    """An attribute value as Python compares it."""
    kind = type_of(value)
    content = value[kind]
    if kind in ("L", "M"):
        parts = content.items() if kind == "M" else enumerate(content)
        return kind, {name: comparable(part) for name, part in parts}
    if kind in ("SS", "NS", "BS"):
        return kind, {comparable({kind[0]: each}) for each in content}
    if kind == "N":
        return kind, Decimal(content)
    if kind == "B":
        return kind, base64.b64decode(content) if isinstance(content, str) else bytes(content)
    return kind, content.encode() if kind == "S" else content


def _value(operand: Any, item: Any) -> Comparable | None:
    """The value of an operand, None if it has none."""
    if isinstance(operand, comparisons.FuncSize):
        return _size(operand, item)
    if isinstance(operand, comparisons.AttributePath):
        attribute = operand._get_attr(item)
        return None if attribute is None else comparable(plain_value(attribute))
    return comparable({operand.type: operand.value})


def _size(operand: Any, item: Any) -> Comparable | None:
    found = _value(operand.attr, item)
    if found is None or found[0] not in _SIZED:
        return None
    content = found[1].decode() if found[0] == "S" else found[1]
    return "N", Decimal(len(content))


def _equal(left: Any, right: Any, item: Any) -> bool:
    value = _value(left, item)
    return value is not None and value == _value(right, item)


def _ordering(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda call, item: _ordered(compare, _value(call.lhs, item), _value(call.rhs, item))


def _ordered(compare: Callable[[Any, Any], bool], left: Comparable | None, right: Comparable | None) -> bool:
    if left is None or right is None or left[0] != right[0] or left[0] not in _ORDERED:
        return False
    return compare(left[1], right[1])


def _between(call: Any, item: Any) -> bool:
    low, value, high = (_value(each, item) for each in (call.start, call.attr, call.end))
    return _ordered(operator.le, low, value) and _ordered(operator.le, value, high)


def _in(call: Any, item: Any) -> bool:
    return any(_equal(call.attr, option, item) for option in call.possible_values)


def _begins_with(call: Any, item: Any) -> bool:
    whole, start = _value(call.attr, item), _value(call.substr, item)
    if whole is None or start is None or whole[0] != start[0] or whole[0] not in ("S", "B"):
        return False
    return bool(whole[1].startswith(start[1]))
