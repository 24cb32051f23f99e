"""Parses the expressions and references of a template."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from localaws.vtl.scanner import NAME, Scanner
from localaws.vtl.syntax import (
    Binary,
    Call,
    Expression,
    Index,
    Interpolated,
    ListOf,
    Literal,
    MapOf,
    Node,
    Property,
    RangeOf,
    Reference,
    Unary,
)

# Operators from the weakest to the strongest; each has its name in words too.
_LEVELS = (
    {"||": "||", "or": "||"},
    {"&&": "&&", "and": "&&"},
    {"==": "==", "eq": "==", "!=": "!=", "ne": "!="},
    {"<=": "<=", ">=": ">=", "<": "<", ">": ">", "le": "<=", "ge": ">=", "lt": "<", "gt": ">"},
    {"+": "+", "-": "-"},
    {"*": "*", "/": "/", "%": "%"},
)
_WORDS = {"true": True, "false": False, "null": None}


class Expressions:
    """Parses expressions at a scanner's position; `parse` parses a string in double quotes."""

    def __init__(self, scanner: Scanner, parse: Callable[[str, int], list[Node]]) -> None:
        self._scanner, self._parse = scanner, parse

    def expression(self, level: int = 0) -> Expression:
        """The expression that comes next; raises VtlError."""
        if level == len(_LEVELS):
            return self._unary()
        left = self.expression(level + 1)
        while operator := self._scanner.token(*_LEVELS[level]):
            line = self._scanner.line
            left = Binary(_LEVELS[level][operator], left, self.expression(level + 1), line)
        return left

    def reference(self) -> Reference:
        """The reference that comes next; raises VtlError."""
        scanner = self._scanner
        start, line = scanner.position, scanner.line
        if not scanner.take("$"):
            raise scanner.error("a reference, such as $name, is missing")
        quiet, braced = scanner.take("!"), scanner.take("{")
        name = scanner.match(NAME)
        if name is None:
            raise scanner.error("a reference has no name")
        steps: list[Property | Call | Index] = []
        while step := self._step():
            steps.append(step)
        if braced:
            scanner.demand("}")
        return Reference(line, name, steps, scanner.text[start : scanner.position], quiet)

    def _step(self) -> Property | Call | Index | None:
        scanner = self._scanner
        if scanner.at(".") and NAME.match(scanner.text, scanner.position + 1):
            scanner.take(".")
            name = scanner.match(NAME)
            assert name
            return Call(name, self._items(")")) if scanner.take("(") else Property(name)
        if scanner.take("["):
            index = self.expression()
            scanner.demand("]")
            return Index(index)
        return None

    def _unary(self) -> Expression:
        line = self._scanner.line
        operator = self._scanner.token("!", "not", "-")
        if operator is None:
            return self._primary()
        return Unary("!" if operator == "not" else operator, self._unary(), line)

    def _primary(self) -> Expression:
        scanner = self._scanner
        number = scanner.number()
        if number is not None:
            return Literal(number)
        if scanner.take("'"):
            return Literal(scanner.until("'"))
        if scanner.take('"'):
            return self._interpolated()
        if scanner.take("("):
            inner = self.expression()
            scanner.demand(")")
            return inner
        if scanner.take("["):
            return self._list()
        if scanner.take("{"):
            return self._map()
        word = scanner.token(*_WORDS)
        return Literal(_WORDS[word]) if word else self.reference()

    def _interpolated(self) -> Expression:
        line, scanner = self._scanner.line, self._scanner
        text = scanner.until('"')
        # A quote is written twice in a string.
        while scanner.take('"'):
            text += '"' + scanner.until('"')
        return Interpolated(self._parse(text, line))

    def _list(self) -> Expression:
        if self._scanner.token("]"):
            return ListOf([])
        first = self.expression()
        if self._scanner.token(".."):
            last = self.expression()
            self._scanner.demand("]")
            return RangeOf(first, last)
        if self._scanner.token(","):
            return ListOf([first, *self._items("]")])
        self._scanner.demand("]")
        return ListOf([first])

    def _items(self, end: str) -> Sequence[Expression]:
        """Expressions separated by commas, up to `end`."""
        if self._scanner.token(end):
            return []
        items = [self.expression()]
        while self._scanner.token(","):
            items.append(self.expression())
        self._scanner.demand(end)
        return items

    def _map(self) -> Expression:
        items: list[tuple[Expression, Expression]] = []
        while not self._scanner.token("}"):
            if items:
                self._scanner.demand(",")
            key = self.expression()
            self._scanner.demand(":")
            items.append((key, self.expression()))
        return MapOf(items)
