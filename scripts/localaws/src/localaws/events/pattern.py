"""EventBridge's event patterns.

https://docs.aws.amazon.com/events/latest/userguide/eb-event-patterns-content-based-filtering.html
"""

from __future__ import annotations

import ipaddress
import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any

Match = Callable[[Any], bool]
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}
# How a numeric range begins and ends, in this order, as in Event Ruler.
_LOWER = frozenset({">", ">="})
_UPPER = frozenset({"<", "<="})
# Beyond it Ruler doesn't compare numbers.
_LARGEST_NUMBER = 5e9
_ABSENT = object()
# As many combinations of $or as a pattern may have.
_MOST_COMBINATIONS = 1000
# A field of an event: its value, and its index in each array that it's part of.
Leaf = tuple[Any, Mapping[int, int]]
# The fields of a pattern, their keys joined by dots, with the rules of each.
Fields = Mapping[str, list[Match]]


class PatternError(ValueError):
    """An invalid event pattern."""


def compile_pattern(pattern: Any) -> Callable[[Mapping[str, Any]], bool]:
    """A function that returns whether an event matches `pattern`; raises PatternError for an invalid one.

    As in EventBridge's Event Ruler, pattern and event are compared as flat fields: keys are joined by dots, only leaves
    of the event count, and arrays are transparent, but two fields of an array must be of the same element.
    https://github.com/aws/event-ruler
    """
    choices = list(_choices(pattern, ""))
    names = frozenset(name for fields in choices for name in fields)

    def matches(event: Mapping[str, Any]) -> bool:
        leaves: dict[str, list[Leaf]] = {name: [] for name in names}
        _flatten(event, "", {}, leaves)
        return any(_consistent(list(fields.items()), leaves, {}) for fields in choices)

    return matches


def _choices(pattern: Any, path: str) -> list[Fields]:
    """The alternatives of a pattern, of which one must match: one, unless it has $or."""
    if not isinstance(pattern, Mapping) or not pattern:
        raise PatternError(f"{path or 'the pattern'} must be a non-empty object")
    combined: list[Fields] = [{}]
    for name, wanted in pattern.items():
        where = f"{path}.{name}" if path else str(name)
        if name == "$or":
            combined = _product(combined, _either(wanted, path))
        elif isinstance(wanted, Mapping):
            combined = _product(combined, _choices(wanted, where))
        elif isinstance(wanted, list) and wanted:
            combined = _product(combined, [{where: [_rule(rule, where) for rule in wanted]}])
        else:
            raise PatternError(f"{where} must be an object or a non-empty array")
    return combined


def _either(choices: Any, path: str) -> list[Fields]:
    if not isinstance(choices, list) or len(choices) < 2:
        raise PatternError(f"{path}.$or must be an array of at least two objects".lstrip("."))
    return [fields for choice in choices for fields in _choices(choice, path)]


def _product(first: list[Fields], second: list[Fields]) -> list[Fields]:
    if len(first) * len(second) > _MOST_COMBINATIONS:
        raise PatternError(f"the pattern has more than {_MOST_COMBINATIONS} combinations of $or")
    # As in Ruler, the last one counts of two with the same name.
    return [{**left, **right} for left, right in itertools.product(first, second)]


def _flatten(value: Any, name: str, places: Mapping[int, int], leaves: dict[str, list[Leaf]]) -> None:
    """Add the leaves of `value` that are asked for; `places` has its index in each array around it, by array."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _flatten(inner, f"{name}.{key}" if name else str(key), places, leaves)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _flatten(inner, name, {**places, id(value): index}, leaves)
    elif name in leaves:
        leaves[name].append((value, places))


def _consistent(
    fields: list[tuple[str, list[Match]]], leaves: Mapping[str, list[Leaf]], places: Mapping[int, int]
) -> bool:
    """Whether each field has a leaf that matches, without two of different elements of one array."""
    if not fields:
        return True
    (name, rules), *rest = fields
    for value, own in leaves[name] or [(_ABSENT, {})]:
        agrees = all(places.get(array, index) == index for array, index in own.items())
        if agrees and any(rule(value) for rule in rules) and _consistent(rest, leaves, {**places, **own}):
            return True
    return False


def _rule(rule: Any, where: str) -> Match:
    """A matcher of one value."""
    if not isinstance(rule, Mapping):
        if isinstance(rule, list):
            raise PatternError(f"{where} must contain values or matching rules, not arrays")
        return lambda value: _equal(value, rule)
    if len(rule) != 1:
        raise PatternError(f"{where} has a matching rule with {len(rule)} operators; it must have one")
    operator, argument = next(iter(rule.items()))
    make = _OPERATORS.get(operator)
    if make is None:
        known = ", ".join(sorted(_OPERATORS))
        raise PatternError(f"{where} uses {operator!r}, which isn't one of the operators {known}")
    return make(argument, where)


def _equal(value: Any, wanted: Any) -> bool:
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    return bool(value == wanted) and value is not _ABSENT


def _text(argument: Any, where: str, operator: str) -> str:
    if not isinstance(argument, str):
        raise PatternError(f"{where}: {operator} takes a string, not {argument!r}")
    return argument


def _prefix(argument: Any, where: str) -> Match:
    if isinstance(argument, Mapping):
        folded = _ignore_case(argument, where, "prefix")
        return lambda value: isinstance(value, str) and value.lower().startswith(folded)
    text = _text(argument, where, "prefix")
    return lambda value: isinstance(value, str) and value.startswith(text)


def _suffix(argument: Any, where: str) -> Match:
    if isinstance(argument, Mapping):
        folded = _ignore_case(argument, where, "suffix")
        return lambda value: isinstance(value, str) and value.lower().endswith(folded)
    text = _text(argument, where, "suffix")
    return lambda value: isinstance(value, str) and value.endswith(text)


def _ignore_case(argument: Mapping[str, Any], where: str, operator: str) -> str:
    if set(argument) != {"equals-ignore-case"}:
        raise PatternError(f"{where}: {operator} takes a string or equals-ignore-case, not {dict(argument)!r}")
    return _text(argument["equals-ignore-case"], where, "equals-ignore-case").lower()


def _equals_ignore_case(argument: Any, where: str) -> Match:
    text = _text(argument, where, "equals-ignore-case").lower()
    return lambda value: isinstance(value, str) and value.lower() == text


def _wildcard(argument: Any, where: str) -> Match:
    text = _text(argument, where, "wildcard")
    if "**" in text:
        raise PatternError(f"{where}: wildcard doesn't allow consecutive *")
    expression, position = "", 0
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 1
            if text[position : position + 1] not in ("*", "\\"):
                raise PatternError(f"{where}: wildcard has a \\ that escapes neither * nor \\")
            expression += re.escape(text[position])
        else:
            expression += ".*" if character == "*" else re.escape(character)
        position += 1
    compiled = re.compile(expression, re.DOTALL)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _anything_but(argument: Any, where: str) -> Match:
    if isinstance(argument, Mapping):
        if len(argument) != 1 or next(iter(argument)) not in _NEGATABLE:
            raise PatternError(f"{where}: anything-but takes values or one of {', '.join(sorted(_NEGATABLE))}")
        operator, inner = next(iter(argument.items()))
        items = inner if isinstance(inner, list) else [inner]
        rules = [_OPERATORS[operator](item, where) for item in items]
    else:
        items = argument if isinstance(argument, list) else [argument]
        kinds = {_kind(item) for item in items}
        if len(kinds) != 1 or None in kinds:
            raise PatternError(f"{where}: anything-but takes strings only, or numbers only")
        rules = [_rule(item, where) for item in items]
    return lambda value: value is not _ABSENT and not any(rule(value) for rule in rules)


def _kind(value: Any) -> str | None:
    """Whether a value is a string or a number; None if it's neither."""
    if isinstance(value, str):
        return "string"
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else None


def _numeric(argument: Any, where: str) -> Match:
    if not isinstance(argument, list) or len(argument) not in (2, 4):
        raise PatternError(f"{where}: numeric takes one or two pairs of comparison and number")
    bounds: list[tuple[Callable[[float, float], bool], float]] = []
    for operator, number in zip(argument[::2], argument[1::2], strict=True):
        if operator not in _COMPARE or isinstance(number, bool) or not isinstance(number, int | float):
            raise PatternError(f"{where}: numeric has {operator!r} {number!r}, not a comparison and a number")
        if abs(number) > _LARGEST_NUMBER:
            raise PatternError(f"{where}: numeric has {number!r}, which isn't between -5.0e9 and 5.0e9")
        bounds.append((_COMPARE[operator], number))
    if len(argument) == 4 and (argument[0] not in _LOWER or argument[2] not in _UPPER):
        raise PatternError(f"{where}: numeric has a range that doesn't begin with > or >= and end with < or <=")
    if len(argument) == 4 and argument[1] >= argument[3]:
        raise PatternError(f"{where}: numeric has a range whose bottom isn't less than its top")

    def matches(value: Any) -> bool:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and all(compare(value, bound) for compare, bound in bounds)

    return matches


def _exists(argument: Any, where: str) -> Match:
    if not isinstance(argument, bool):
        raise PatternError(f"{where}: exists takes true or false, not {argument!r}")
    return lambda value: (value is not _ABSENT) is argument


def _cidr(argument: Any, where: str) -> Match:
    try:
        network = ipaddress.ip_network(_text(argument, where, "cidr"), strict=False)
    except ValueError as error:
        raise PatternError(f"{where}: {error}") from None

    def matches(value: Any) -> bool:
        try:
            return isinstance(value, str) and ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return matches


_OPERATORS: dict[str, Callable[[Any, str], Match]] = {
    "anything-but": _anything_but,
    "cidr": _cidr,
    "equals-ignore-case": _equals_ignore_case,
    "exists": _exists,
    "numeric": _numeric,
    "prefix": _prefix,
    "suffix": _suffix,
    "wildcard": _wildcard,
}
_NEGATABLE = frozenset({"prefix", "suffix", "wildcard", "equals-ignore-case"})
