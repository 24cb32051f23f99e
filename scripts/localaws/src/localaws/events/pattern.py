"""EventBridge's event patterns.

https://docs.aws.amazon.com/events/latest/userguide/eb-event-patterns-content-based-filtering.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

Match = Callable[[Any], bool]
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}
_ABSENT = object()


class PatternError(ValueError):
    """An invalid event pattern."""


def compile_pattern(pattern: Any) -> Callable[[Mapping[str, Any]], bool]:
    """A function that returns whether an event matches `pattern`; raises PatternError for an invalid one."""
    fields = _fields(pattern, "")
    return lambda event: _all(fields, event)


def _fields(pattern: Any, path: str) -> list[Match]:
    """One matcher per field of the pattern; each takes the event's mapping at that level."""
    if not isinstance(pattern, Mapping) or not pattern:
        raise PatternError(f"{path or 'the pattern'} must be a non-empty object")
    matchers: list[Match] = []
    for name, wanted in pattern.items():
        where = f"{path}.{name}" if path else str(name)
        if name == "$or":
            matchers.append(_either(wanted, path))
        elif isinstance(wanted, Mapping):
            matchers.append(partial(_nested, str(name), _fields(wanted, where)))
        elif isinstance(wanted, list) and wanted:
            matchers.append(partial(_any, str(name), [_rule(rule, where) for rule in wanted]))
        else:
            raise PatternError(f"{where} must be an object or a non-empty array")
    return matchers


def _all(fields: list[Match], level: Any) -> bool:
    return all(matches(level) for matches in fields)


def _any(name: str, rules: list[Match], level: Any) -> bool:
    values = _values(level, name)
    return any(rule(value) for rule in rules for value in values)


def _nested(name: str, fields: list[Match], level: Any) -> bool:
    inner = level.get(name, _ABSENT) if isinstance(level, Mapping) else _ABSENT
    if isinstance(inner, list):
        return any(_all(fields, item) for item in inner)
    return _all(fields, inner)


def _values(level: Any, name: str) -> list[Any]:
    value = level.get(name, _ABSENT) if isinstance(level, Mapping) else _ABSENT
    return value or [_ABSENT] if isinstance(value, list) else [value]


def _either(choices: Any, path: str) -> Match:
    if not isinstance(choices, list) or len(choices) < 2:
        raise PatternError(f"{path}.$or must be an array of at least two objects".lstrip("."))
    compiled = [_fields(choice, path) for choice in choices]
    return lambda level: any(_all(fields, level) for fields in compiled)


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
        if not items or any(isinstance(item, Mapping | list) for item in items):
            raise PatternError(f"{where}: anything-but takes strings or numbers")
        rules = [_rule(item, where) for item in items]
    return lambda value: value is not _ABSENT and not any(rule(value) for rule in rules)


def _numeric(argument: Any, where: str) -> Match:
    if not isinstance(argument, list) or len(argument) not in (2, 4):
        raise PatternError(f"{where}: numeric takes one or two pairs of comparison and number")
    bounds: list[tuple[Callable[[float, float], bool], float]] = []
    for operator, number in zip(argument[::2], argument[1::2], strict=True):
        if operator not in _COMPARE or isinstance(number, bool) or not isinstance(number, int | float):
            raise PatternError(f"{where}: numeric has {operator!r} {number!r}, not a comparison and a number")
        bounds.append((_COMPARE[operator], number))

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
