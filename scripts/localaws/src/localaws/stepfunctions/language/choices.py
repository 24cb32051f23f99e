"""The rules of a Choice state in JSONPath: comparisons, and `And`, `Or` and `Not` of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from localaws.stepfunctions.language.errors import RUNTIME, DataError
from localaws.stepfunctions.language.paths import PathError, parse_path
from localaws.stepfunctions.language.scope import Scope

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def timestamp(value: Any) -> datetime | None:
    """The time of a timestamp in the profile of RFC 3339 that the States Language takes; None for anything else."""
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Any) -> Any:
    return value if isinstance(value, str) else None


def _number(value: Any) -> Any:
    return value if is_number(value) else None


def _boolean(value: Any) -> Any:
    return value if isinstance(value, bool) else None


# What a comparison makes of a value (None if it has another type), by the beginning of its name.
_TYPES: dict[str, Callable[[Any], Any]] = {
    "Boolean": _boolean,
    "Numeric": _number,
    "String": _text,
    "Timestamp": timestamp,
}
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda left, right: bool(left == right),
    "GreaterThan": lambda left, right: bool(left > right),
    "GreaterThanEquals": lambda left, right: bool(left >= right),
    "LessThan": lambda left, right: bool(left < right),
    "LessThanEquals": lambda left, right: bool(left <= right),
}
_COMPARISONS = {
    f"{kind}{order}": (kind, order) for kind in _TYPES for order in _ORDERS if kind != "Boolean" or order == "Equals"
}
_TESTS: dict[str, Callable[[Any], bool]] = {
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsNull": lambda value: value is None,
    "IsNumeric": is_number,
    "IsString": lambda value: isinstance(value, str),
    "IsTimestamp": lambda value: timestamp(value) is not None,
}
# Each operator → the type of its value in a definition, as `_TYPES` names it, or "Path".
OPERATORS: dict[str, str] = {
    **{name: kind for name, (kind, _) in _COMPARISONS.items()},
    **{f"{name}Path": "Path" for name in _COMPARISONS},
    **dict.fromkeys((*_TESTS, "IsPresent"), "Boolean"),
    "StringMatches": "String",
}


def has_type(kind: str, value: Any) -> bool:
    """Whether a value in a definition has the type of its operator."""
    return _TYPES["String" if kind == "Path" else kind](value) is not None


def holds(rule: Mapping[str, Any], scope: Scope) -> bool:
    """Whether a rule holds; raises DataError if a path in it leads nowhere."""
    if "And" in rule:
        return all(holds(each, scope) for each in rule["And"])
    if "Or" in rule:
        return any(holds(each, scope) for each in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], scope)
    operator = next(name for name in rule if name in OPERATORS)
    expected = rule[operator]
    if operator == "IsPresent":
        return _is_present(rule["Variable"], scope) is expected
    value = _read(rule["Variable"], scope)
    if operator in _TESTS:
        return _TESTS[operator](value) is expected
    if operator == "StringMatches":
        return isinstance(value, str) and _wildcard(expected).fullmatch(value) is not None
    if operator.endswith("Path"):
        operator, expected = operator.removesuffix("Path"), _read(expected, scope)
    kind, order = _COMPARISONS[operator]
    left, right = _TYPES[kind](value), _TYPES[kind](expected)
    return left is not None and right is not None and _ORDERS[order](left, right)


def _read(path: str, scope: Scope) -> Any:
    try:
        return scope.read(parse_path(path))
    except PathError:
        raise DataError(
            RUNTIME, f"Invalid path '{path}': The choice state's condition path references an invalid value."
        ) from None


def _is_present(path: str, scope: Scope) -> bool:
    try:
        scope.read(parse_path(path))
    except PathError:
        return False
    return True


@lru_cache(maxsize=1024)
def _wildcard(pattern: str) -> re.Pattern[str]:
    """`*` matches any characters; `\\*` is a star and `\\\\` a backslash."""
    pieces = re.findall(r"\\.|\*|[^*\\]+|\\", pattern, flags=re.DOTALL)
    return re.compile(
        "".join(
            ".*" if piece == "*" else re.escape(piece[1:] if len(piece) == 2 and piece[0] == "\\" else piece)
            for piece in pieces
        ),
        re.DOTALL,
    )
