"""Parses metric math: `IF(SUM([m1, m2]) > 5 AND m3 != 0, m1 / PERIOD(m1))`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKENS = re.compile(
    r"""\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)
    |(?P<text>"[^"]*"|'[^']*')
    |(?P<name>[A-Za-z]\w*)
    |(?P<symbol>&&|\|\||==|!=|<=|>=|[-+*/^<>()\[\],]))""",
    re.VERBOSE,
)
_BINDING = {"OR": 1, "AND": 2, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3}
_BINDING |= {"+": 4, "-": 4, "*": 5, "/": 5, "^": 7}
_NEGATE = 6
_WORDS = {"&&": "AND", "||": "OR"}


class Malformed(ValueError):
    """An invalid expression; the message has the reason."""


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Text:
    value: str


@dataclass(frozen=True)
class Name:
    """The id of a query (m1), or a keyword (DESC, REPEAT, the AVG of SORT)."""

    value: str


@dataclass(frozen=True)
class Array:
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Call:
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Negation:
    operand: Node


@dataclass(frozen=True)
class Operation:
    operator: str
    left: Node
    right: Node


Node = Number | Text | Name | Array | Call | Negation | Operation


def parse(text: str) -> Node:
    """Parse an expression. Raises Malformed."""
    if text.lstrip().upper().startswith("SELECT"):
        raise Malformed("Metrics Insights queries (SELECT …) aren't supported by local AWS.")
    parser = _Parser(text)
    node = parser.expression(0)
    if parser.current != "":
        raise parser.unexpected("an operator")
    return node


def names_in(node: Node) -> Iterator[str]:
    """The ids of queries in an expression."""
    match node:
        case Name() if node.value[0].islower():
            yield node.value
        case Array():
            for item in node.items:
                yield from names_in(item)
        case Call():
            for argument in node.arguments:
                yield from names_in(argument)
        case Negation():
            yield from names_in(node.operand)
        case Operation():
            yield from names_in(node.left)
            yield from names_in(node.right)
        case _:
            return


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens: list[tuple[str, str]] = []
        position = 0
        stripped = text.rstrip()
        while position < len(stripped):
            match = _TOKENS.match(stripped, position)
            if match is None or match.lastgroup is None:
                raise Malformed(f"Unexpected character {stripped[position:].strip()[0]!r} in the expression {text}")
            self._tokens.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()
        self._tokens.append(("end", ""))
        self._next = 0

    @property
    def current(self) -> str:
        kind, value = self._tokens[self._next]
        return "" if kind == "text" else value

    def take(self) -> tuple[str, str]:
        token = self._tokens[self._next]
        self._next += 1
        return token

    def accept(self, symbol: str) -> bool:
        if self.current == symbol:
            self._next += 1
            return True
        return False

    def expect(self, symbol: str) -> None:
        if not self.accept(symbol):
            raise self.unexpected(f"'{symbol}'")

    def unexpected(self, wanted: str) -> Malformed:
        found = self._tokens[self._next][1] or "its end"
        return Malformed(f"Expected {wanted} but found {found} in the expression {self.text}")

    def expression(self, binding: int) -> Node:
        left = self._operand()
        while True:
            operator = _WORDS.get(self.current, self.current)
            strength = _BINDING.get(operator, 0)
            if strength <= binding:
                return left
            self.take()
            # ^ is right-associative: 2 ^ 3 ^ 2 is 2 ^ (3 ^ 2).
            left = Operation(operator, left, self.expression(strength - 1 if operator == "^" else strength))

    def _operand(self) -> Node:
        kind, value = self.take()
        if kind == "number":
            return Number(float(value))
        if kind == "text":
            return Text(value[1:-1])
        if kind == "name":
            return Call(value, self._items(")")) if self.accept("(") else Name(value)
        if value == "(":
            inner = self.expression(0)
            self.expect(")")
            return inner
        if value == "[":
            return Array(self._items("]"))
        if value == "-":
            return Negation(self.expression(_NEGATE))
        self._next -= 1
        raise self.unexpected("a value")

    def _items(self, closing: str) -> tuple[Node, ...]:
        items: list[Node] = []
        while not self.accept(closing):
            if items:
                self.expect(",")
            items.append(self.expression(0))
        return tuple(items)
