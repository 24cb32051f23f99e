"""Patterns for JSON messages: `{ $.level = "ERROR" && ($.latency > 300 || $.retry IS TRUE) }`.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
A message that isn't a JSON object or array matches no JSON pattern; a missing property satisfies NOT EXISTS only.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from localaws.logs.patterns.comparison import Test, Tokens, read_test

_STEP = re.compile(r"""\[\s*(?:(\d+)|(\*)|'([^']+)'|"([^"]+)")\s*\]|([\w-]+)|(\*)""")
_EVERY = object()

Condition = Callable[[object], bool]
_CONSTANTS = {"NULL": None, "TRUE": True, "FALSE": False}


@dataclass(frozen=True)
class DocumentPattern:
    """A compiled pattern and its selectors."""

    condition: Condition
    selectors: tuple[str, ...]

    def __call__(self, message: str) -> bool:
        document = _load(message)
        return document is not None and self.condition(document)

    def extract(self, message: str) -> dict[str, str]:
        """The values of the pattern's selectors in a message, as strings."""
        found = {selector: find(selector, message) for selector in self.selectors}
        return {selector: value if isinstance(value, str) else json.dumps(value) for selector, value in found.items()}


def compile_document(pattern: str) -> DocumentPattern:
    """A test for messages. Raises MalformedPattern."""
    tokens = Tokens(pattern)
    tokens.expect("{")
    condition = _either(tokens)
    tokens.expect("}")
    if tokens.current.kind != "end":
        raise tokens.unexpected("the end of the pattern")
    return DocumentPattern(condition, tuple(dict.fromkeys(tokens.texts("selector"))))


def find(selector: str, message: str) -> object:
    """The first value of a selector in a JSON message, or None."""
    document = _load(message)
    found = [] if document is None else _values(document, _steps(selector))
    return found[0] if found else None


def _load(message: str) -> object:
    """The JSON object or array of a message, or None."""
    try:
        document = json.loads(message)
    except ValueError:
        return None
    return document if isinstance(document, dict | list) else None


def _either(tokens: Tokens) -> Condition:
    conditions = [_all(tokens)]
    while tokens.accept("||"):
        conditions.append(_all(tokens))
    return lambda document: any(condition(document) for condition in conditions)


def _all(tokens: Tokens) -> Condition:
    conditions = [_unit(tokens)]
    while tokens.accept("&&"):
        conditions.append(_unit(tokens))
    return lambda document: all(condition(document) for condition in conditions)


def _unit(tokens: Tokens) -> Condition:
    if tokens.accept("("):
        condition = _either(tokens)
        tokens.expect(")")
        return condition
    if tokens.current.kind != "selector":
        raise tokens.unexpected("a property such as $.name")
    steps = _steps(tokens.take().text)
    if tokens.accept("EXISTS"):
        return lambda document: bool(_values(document, steps))
    if tokens.accept("NOT"):
        tokens.expect("EXISTS")
        return lambda document: not _values(document, steps)
    if tokens.accept("IS"):
        return _is(tokens, steps)
    negated, test = read_test(tokens)
    if negated:
        return lambda document: _differ(_values(document, steps), test)
    return lambda document: any(map(test, _values(document, steps)))


def _differ(found: list[object], test: Test) -> bool:
    """Whether there are values and none passes; null, objects and arrays can't be compared."""
    return bool(found) and all(isinstance(value, str | int | float) and not test(value) for value in found)


def _is(tokens: Tokens, steps: list[object]) -> Condition:
    name = tokens.current.text.upper()
    if name not in _CONSTANTS:
        raise tokens.unexpected("NULL, TRUE or FALSE")
    tokens.take()
    constant = _CONSTANTS[name]
    return lambda document: any(value is constant for value in _values(document, steps))


def _steps(selector: str) -> list[object]:
    """Keys, array indices and _EVERY (for *) of a selector, in order."""
    steps: list[object] = []
    for index, every, single, double, name, star in _STEP.findall(selector):
        if index:
            steps.append(int(index))
        else:
            steps.append(_EVERY if every or star else single or double or name)
    return steps


def _values(document: object, steps: list[object]) -> list[object]:
    """The values of a selector: none, one, or several if it contains *."""
    found = [document]
    for step in steps:
        found = [child for value in found for child in _children(value, step)]
    return found


def _children(value: object, step: object) -> list[object]:
    if isinstance(value, dict):
        if step is _EVERY:
            return list(value.values())
        return [value[step]] if step in value else []
    if isinstance(value, list):
        if step is _EVERY:
            return value
        return value[step : step + 1] if isinstance(step, int) else []
    return []
