"""The rules of composite alarms: `ALARM("a") AND NOT (OK(b) OR INSUFFICIENT_DATA(arn:…))`.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html (AlarmRule).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from localaws.metrics.alarms.state import STATES

MAX_ELEMENTS, MAX_CHILDREN = 500, 100
_PRECEDENCE = {"OR": 1, "AND": 2, "NOT": 3}
_TOKEN = re.compile(
    rf"""\s*(?:
        (?P<state>{"|".join(STATES)})\s*\(\s*(?:"(?P<quoted>[^"]+)"|(?P<plain>[^"()]+?))\s*\)
      | (?P<constant>(?i:TRUE|FALSE))\b
      | (?P<symbol>AND\b|OR\b|NOT\b|\(|\))
    )\s*""",
    re.VERBOSE,
)


class InvalidRule(ValueError):
    """A rule has a wrong syntax, or is too long."""


@dataclass(frozen=True)
class Check:
    """Whether the alarm with a name or ARN is in a state."""

    state: str
    alarm: str


# Operands and operators in postfix order: operators follow their operands.
_Postfix = tuple[Check | bool | str, ...]


@dataclass(frozen=True)
class Rule:
    """A parsed rule. `children` are the names and ARNs of its alarms, in the rule's order."""

    children: tuple[str, ...]
    postfix: _Postfix

    def holds(self, state_of: Callable[[str], str | None]) -> bool:
        """Whether the rule is true; `state_of` returns the state of an alarm by its name or ARN."""
        stack: list[bool] = []
        for item in self.postfix:
            if isinstance(item, bool):
                stack.append(item)
            elif isinstance(item, Check):
                stack.append(state_of(item.alarm) == item.state)
            elif item == "NOT":
                stack.append(not stack.pop())
            else:
                right, left = stack.pop(), stack.pop()
                stack.append((left and right) if item == "AND" else (left or right))
        (result,) = stack
        return result


def parse_rule(text: str) -> Rule:
    """Parse a rule. Raises InvalidRule."""
    tokens = list(_tokens(text))
    if sum(token not in _PRECEDENCE for token in tokens) > MAX_ELEMENTS:
        raise InvalidRule(f"it has more than {MAX_ELEMENTS} elements")
    children = tuple(dict.fromkeys(token.alarm for token in tokens if isinstance(token, Check)))
    if len(children) > MAX_CHILDREN:
        raise InvalidRule(f"it has more than {MAX_CHILDREN} alarms")
    return Rule(children, _postfix(tokens))


def _tokens(text: str) -> Iterator[Check | bool | str]:
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if not found:
            raise InvalidRule(f"unexpected {text[position : position + 20]!r} at position {position}")
        position = found.end()
        if found["state"]:
            yield Check(found["state"], found["quoted"] or found["plain"])
        elif found["constant"]:
            yield found["constant"].upper() == "TRUE"
        else:
            yield found["symbol"]


def _postfix(tokens: Iterable[Check | bool | str]) -> _Postfix:
    """Order tokens by precedence (NOT, AND, OR), without recursion, since rules can be nested deeply."""
    output: list[Check | bool | str] = []
    waiting: list[str] = []
    has_operand = False
    for item in tokens:
        is_operator_between = item in ("AND", "OR", ")")
        if is_operator_between != has_operand:
            raise InvalidRule("an operator lacks an operand" if is_operator_between else "an operator is missing")
        if not isinstance(item, str):
            output.append(item)
            has_operand = True
        elif item == ")":
            while waiting and waiting[-1] != "(":
                output.append(waiting.pop())
            if not waiting:
                raise InvalidRule("a parenthesis is closed that isn't open")
            waiting.pop()
        else:
            while is_operator_between and waiting and _PRECEDENCE.get(waiting[-1], 0) >= _PRECEDENCE[item]:
                output.append(waiting.pop())
            waiting.append(item)
            has_operand = False
    if not has_operand:
        raise InvalidRule("an operator lacks an operand" if output or waiting else "it's empty")
    if "(" in waiting:
        raise InvalidRule("a parenthesis isn't closed")
    return (*output, *reversed(waiting))
