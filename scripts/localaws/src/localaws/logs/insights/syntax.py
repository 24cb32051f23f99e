"""The syntax tree of a Logs Insights query. Every node has its position, for errors."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Node:
    """A part of a query; `start` and `end` are character offsets."""

    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Field(Node):
    """A field by its name, backticks removed."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Number(Node):
    value: float


@dataclass(frozen=True, kw_only=True)
class Text(Node):
    value: str


@dataclass(frozen=True, kw_only=True)
class Regex(Node):
    pattern: str


@dataclass(frozen=True, kw_only=True)
class Period(Node):
    """A duration: a count and a unit, such as 5 and `m`."""

    count: int
    unit: str


@dataclass(frozen=True, kw_only=True)
class Star(Node):
    """The `*` of `count(*)`."""


@dataclass(frozen=True, kw_only=True)
class Call(Node):
    """A function call; `name` is in lower case, `text` is the original text."""

    name: str
    arguments: tuple[Node, ...]
    text: str


@dataclass(frozen=True, kw_only=True)
class Negate(Node):
    operand: Node


@dataclass(frozen=True, kw_only=True)
class Not(Node):
    operand: Node


@dataclass(frozen=True, kw_only=True)
class Binary(Node):
    """Arithmetic (`+ - * / % ^`), comparison (`= != < <= > >=`) or logic (`and`, `or`)."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, kw_only=True)
class Like(Node):
    """`subject like "part"`, `subject like /regex/`, `subject =~ /regex/`."""

    subject: Node
    pattern: Text | Regex


@dataclass(frozen=True, kw_only=True)
class In(Node):
    subject: Node
    options: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True)
class Named(Node):
    """An expression and the name of its column: the alias, or the original text."""

    expression: Node
    name: str


@dataclass(frozen=True, kw_only=True)
class Command(Node):
    """One step of the pipeline."""


@dataclass(frozen=True, kw_only=True)
class Fields(Command):
    columns: tuple[Named, ...]


@dataclass(frozen=True, kw_only=True)
class Display(Command):
    columns: tuple[Named, ...]


@dataclass(frozen=True, kw_only=True)
class Filter(Command):
    condition: Node


@dataclass(frozen=True, kw_only=True)
class Parse(Command):
    """`groups` are the columns of the pattern's groups, in order; "" is a group without a name."""

    source: Node
    pattern: Regex
    groups: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Stats(Command):
    columns: tuple[Named, ...]
    keys: tuple[Named, ...]


@dataclass(frozen=True, kw_only=True)
class Order(Node):
    expression: Node
    descending: bool


@dataclass(frozen=True, kw_only=True)
class Sort(Command):
    orders: tuple[Order, ...]


@dataclass(frozen=True, kw_only=True)
class Limit(Command):
    count: int


@dataclass(frozen=True, kw_only=True)
class Dedup(Command):
    keys: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True)
class Unnest(Command):
    """A row for each item of a list; the item's column is `name`."""

    source: Field
    name: str
