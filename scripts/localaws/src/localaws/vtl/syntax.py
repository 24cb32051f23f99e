"""The nodes of a parsed template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Text:
    """Text that's copied to the output."""

    text: str


@dataclass(frozen=True)
class Property:
    """`.name` after a reference."""

    name: str


@dataclass(frozen=True)
class Call:
    """`.name(arguments)` after a reference."""

    name: str
    arguments: Sequence[Expression]


@dataclass(frozen=True)
class Index:
    """`[expression]` after a reference."""

    of: Expression


@dataclass(frozen=True)
class Reference:
    """`$name` with its steps. `source` is printed if it has no value, unless it's `quiet` (`$!name`)."""

    line: int
    name: str
    steps: Sequence[Property | Call | Index]
    source: str
    quiet: bool


@dataclass(frozen=True)
class Literal:
    """A number, a boolean, null or a string in single quotes."""

    value: Any


@dataclass(frozen=True)
class Interpolated:
    """A string in double quotes, which is a template itself."""

    parts: Sequence[Node]


@dataclass(frozen=True)
class ListOf:
    """`[a, b]`."""

    items: Sequence[Expression]


@dataclass(frozen=True)
class RangeOf:
    """`[first..last]`."""

    first: Expression
    last: Expression


@dataclass(frozen=True)
class MapOf:
    """`{"a": 1}`."""

    items: Sequence[tuple[Expression, Expression]]


@dataclass(frozen=True)
class Unary:
    """`!a` or `-a`."""

    operator: str
    operand: Expression
    line: int


@dataclass(frozen=True)
class Binary:
    """`a + b` and the like."""

    operator: str
    left: Expression
    right: Expression
    line: int


Expression = Reference | Literal | Interpolated | ListOf | RangeOf | MapOf | Unary | Binary


@dataclass(frozen=True)
class Assignment:
    """`#set($name = expression)`."""

    target: Reference
    value: Expression


@dataclass(frozen=True)
class Branches:
    """`#if … #elseif … #else … #end`: conditions with their parts; the condition of `#else` is None."""

    branches: Sequence[tuple[Expression | None, Sequence[Node]]]


@dataclass(frozen=True)
class Loop:
    """`#foreach($name in items) … #end`."""

    line: int
    name: str
    items: Expression
    body: Sequence[Node]


@dataclass(frozen=True)
class Leave:
    """`#break` leaves a loop, `#stop` and `#return` end the template."""

    how: str


Node = Text | Reference | Assignment | Branches | Loop | Leave
