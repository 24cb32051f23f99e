"""Evaluates a parsed template."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from localaws.vtl.errors import VtlError
from localaws.vtl.syntax import (
    Assignment,
    Binary,
    Branches,
    Call,
    Expression,
    Index,
    Interpolated,
    Leave,
    ListOf,
    Literal,
    Loop,
    MapOf,
    Node,
    Property,
    RangeOf,
    Reference,
    Text,
    Unary,
)
from localaws.vtl.values import call, member, to_text

_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "%": lambda left, right: left - right * int(left / right),
}
_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
# A template that loops over its own output would never end.
_MOST_ROUNDS = 1000


class _Left(Exception):
    """Control leaves a loop or the template."""

    def __init__(self, how: str) -> None:
        self.how = how


def render(nodes: Sequence[Node], names: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The output of a template, and the variables after it; `names` are the given ones. Raises VtlError."""
    evaluator = _Evaluator(dict(names))
    output: list[str] = []
    with suppress(_Left):
        evaluator.run(nodes, output)
    return "".join(output), evaluator.names


class _Evaluator:
    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names

    def run(self, nodes: Sequence[Node], output: list[str]) -> None:
        for node in nodes:
            if isinstance(node, Text):
                output.append(node.text)
            elif isinstance(node, Reference):
                output.append(self._printed(node))
            elif isinstance(node, Assignment):
                self._assign(node)
            elif isinstance(node, Branches):
                self._branch(node, output)
            elif isinstance(node, Loop):
                self._loop(node, output)
            elif isinstance(node, Leave):
                raise _Left(node.how)

    def _printed(self, node: Reference) -> str:
        value = self.value(node)
        if value is None:
            return "" if node.quiet else node.source
        return to_text(value)

    def _assign(self, node: Assignment) -> None:
        value, target = self.value(node.value), node.target
        if value is None:
            return  # as in Velocity 1.7
        if not target.steps:
            self.names[target.name] = value
            return
        owner = self._reached(Reference(target.line, target.name, target.steps[:-1], target.source, target.quiet))
        last = target.steps[-1]
        if isinstance(owner, dict) and isinstance(last, Property):
            owner[last.name] = value
        elif isinstance(owner, dict | list) and isinstance(last, Index):
            owner[self.value(last.of)] = value
        else:
            raise VtlError(target.line, f"{target.source} can't be set")

    def _branch(self, node: Branches, output: list[str]) -> None:
        for condition, body in node.branches:
            if condition is None or _holds(self.value(condition)):
                self.run(body, output)
                return

    def _loop(self, node: Loop, output: list[str]) -> None:
        items = self.value(node.items)
        if items is None:
            return
        values = list(items.values()) if isinstance(items, Mapping) else items
        if not isinstance(values, list):
            raise VtlError(node.line, f"#foreach can't iterate over {to_text(values)}")
        outer = {name: self.names.get(name) for name in (node.name, "foreach", "velocityCount")}
        for index, item in enumerate(values[:_MOST_ROUNDS]):
            self.names[node.name], self.names["velocityCount"] = item, index + 1
            self.names["foreach"] = {
                "index": index,
                "count": index + 1,
                "first": index == 0,
                "last": index + 1 == len(values),
                "hasNext": index + 1 < len(values),
                "parent": outer["foreach"],
            }
            try:
                self.run(node.body, output)
            except _Left as left:
                if left.how != "break":
                    raise
                break
        for name, value in outer.items():
            self.names.pop(name, None)
            if value is not None:
                self.names[name] = value

    def value(self, node: Expression) -> Any:
        """The value of an expression; None if it has none."""
        if isinstance(node, Literal):
            return node.value
        if isinstance(node, Reference):
            return self._reached(node)
        if isinstance(node, Interpolated):
            output: list[str] = []
            self.run(node.parts, output)
            return "".join(output)
        if isinstance(node, ListOf):
            return [self.value(item) for item in node.items]
        if isinstance(node, MapOf):
            return {to_text(self.value(key)): self.value(item) for key, item in node.items}
        if isinstance(node, RangeOf):
            first, last = self.value(node.first), self.value(node.last)
            return list(range(first, last + 1) if first <= last else range(first, last - 1, -1))
        if isinstance(node, Unary):
            inner = self.value(node.operand)
            return not _holds(inner) if node.operator == "!" else self._number(inner, node.line) * -1
        return self._binary(node)

    def _reached(self, node: Reference) -> Any:
        value = self.names.get(node.name)
        for step in node.steps:
            if value is None:
                return None
            try:
                value = self._step(value, step)
            except ValueError as error:
                raise VtlError(node.line, f"{node.source}: {error}") from None
        return value

    def _step(self, value: Any, step: Property | Call | Index) -> Any:
        if isinstance(step, Property):
            return member(value, step.name)
        if isinstance(step, Call):
            return call(value, step.name, [self.value(argument) for argument in step.arguments])
        return call(value, "get", [self.value(step.of)])

    def _binary(self, node: Binary) -> Any:
        if node.operator in ("&&", "||"):
            left = _holds(self.value(node.left))
            if left == (node.operator == "||"):
                return left
            return _holds(self.value(node.right))
        left, right = self.value(node.left), self.value(node.right)
        if node.operator in ("==", "!="):
            return _equal(left, right) == (node.operator == "==")
        if node.operator == "+" and (isinstance(left, str) or isinstance(right, str)):
            return to_text(left) + to_text(right)
        if node.operator in _ORDER and isinstance(left, str) and isinstance(right, str):
            return _ORDER[node.operator](left, right)
        left, right = self._number(left, node.line), self._number(right, node.line)
        if node.operator in _ORDER:
            return _ORDER[node.operator](left, right)
        if node.operator == "/":
            return self._quotient(left, right, node.line)
        return _ARITHMETIC[node.operator](left, right)

    @staticmethod
    def _quotient(left: Any, right: Any, line: int) -> Any:
        if right == 0:
            raise VtlError(line, "division by zero")
        return left / right if isinstance(left, float) or isinstance(right, float) else int(left / right)

    @staticmethod
    def _number(value: Any, line: int) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise VtlError(line, f"{to_text(value)} isn't a number")
        return value


def _holds(value: Any) -> bool:
    """Whether a condition holds: everything but null and false does."""
    return value is not None and value is not False


def _equal(left: Any, right: Any) -> bool:
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool) or type(left) is not type(right):
        numbers = all(isinstance(item, int | float) and not isinstance(item, bool) for item in (left, right))
        return bool(left == right) if numbers else to_text(left) == to_text(right)
    return bool(left == right)


def references(nodes: Sequence[Node]) -> Iterator[Reference]:
    """All references of a template, those in its expressions too."""
    for node in nodes:
        yield from _references(node)


def _references(node: Any) -> Iterator[Reference]:
    if isinstance(node, Reference):
        yield node
        for step in node.steps:
            inner = step.arguments if isinstance(step, Call) else [step.of] if isinstance(step, Index) else []
            for item in inner:
                yield from _references(item)
    elif isinstance(node, Branches):
        for condition, body in node.branches:
            yield from references([condition, *body] if condition else body)  # type: ignore[list-item]
    elif isinstance(node, Loop):
        yield from references([node.items, *node.body])  # type: ignore[list-item]
    elif isinstance(node, Assignment):
        yield from references([node.target, node.value])  # type: ignore[list-item]
    else:
        yield from _inner_references(node)


def _inner_references(node: Any) -> Iterator[Reference]:
    parts: list[Any] = []
    if isinstance(node, Interpolated):
        parts = list(node.parts)
    elif isinstance(node, ListOf):
        parts = list(node.items)
    elif isinstance(node, RangeOf):
        parts = [node.first, node.last]
    elif isinstance(node, MapOf):
        parts = [item for pair in node.items for item in pair]
    elif isinstance(node, Unary):
        parts = [node.operand]
    elif isinstance(node, Binary):
        parts = [node.left, node.right]
    for part in parts:
        yield from _references(part)


def as_json(value: Any) -> str:
    """A value as JSON, as `$input.json` prints it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
