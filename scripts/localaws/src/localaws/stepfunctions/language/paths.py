"""JSONPath: paths into a state's input (`$`), its context object (`$$`) and its variables (`$name`).

A path of names and indices only is a reference path and selects one value; any other selects a list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from localaws.stepfunctions.language.scanner import InvalidText, Scanner

_KEY = re.compile(r"[\w\-\u0080-\U0010ffff]+")
_VARIABLE = re.compile(r"[A-Za-z_][\w]*")
_INTEGER = re.compile(r"-?\d+")
_FUNCTION = re.compile(r"(\w+)\(\)")
INPUT, CONTEXT = "", "$"

Select = Callable[[Any], Iterator[Any]]


class PathError(Exception):
    """A path can't be parsed, or leads nowhere."""


@dataclass(frozen=True)
class Segment:
    """One step of a path: `select` yields what it leads to; `key` is the name or index of a definite step.

    `fits` is whether the step can be taken from a value at all. An index beyond a list can, and finds nothing.
    """

    select: Select
    key: str | int | None = None
    fits: Callable[[Any], bool] = lambda _: True


@dataclass(frozen=True)
class Path:
    """A parsed path. `root` is "" for the input, "$" for the context object, or the name of a variable."""

    text: str
    root: str
    segments: tuple[Segment, ...] = field(compare=False)

    @property
    def is_reference(self) -> bool:
        """Whether it selects exactly one value."""
        return all(segment.key is not None for segment in self.segments)

    def read(self, value: Any) -> Any:
        """The value, or the list of values, that it selects.

        Raises PathError if a reference path leads nowhere, and so if a query's names before its first other step do.
        """
        found, is_definite = [value], True
        for segment in self.segments:
            if is_definite and found and not segment.fits(found[0]):
                raise PathError(f"The JSONPath '{self.text}' could not be found.")
            is_definite = is_definite and segment.key is not None
            found = [inner for each in found for inner in segment.select(each)]
        if not is_definite:
            return found
        if not found:
            raise PathError(f"The JSONPath '{self.text}' could not be found.")
        return found[0]

    def write(self, value: Any, new: Any) -> Any:
        """A copy of `value` with `new` at this reference path; raises PathError if it can't be put there."""
        return _written(value, [segment.key for segment in self.segments], new, self.text)


@lru_cache(maxsize=4096)
def parse_path(text: str) -> Path:
    """Parse a path; raises PathError."""
    scanner = Scanner(text)
    try:
        path = read_path(scanner)
        scanner.demand_end()
    except InvalidText as error:
        raise PathError(f"Invalid path '{text}': {error}") from None
    return path


def read_path(scanner: Scanner) -> Path:
    """Read a path from a longer text; raises InvalidText."""
    start = scanner.position
    scanner.demand("$")
    root = CONTEXT if scanner.take("$") else scanner.match(_VARIABLE) or INPUT
    segments = _segments(scanner)
    return Path(scanner.text[start : scanner.position], root, tuple(segments))


def _segments(scanner: Scanner) -> list[Segment]:
    segments = []
    while True:
        if scanner.take(".."):
            inner = _bracket(scanner) if scanner.take("[") else _dotted(scanner)
            segments.append(Segment(_descending(inner.select)))
        elif scanner.take("."):
            segments.append(_bracket(scanner) if scanner.take("[") else _dotted(scanner))
        elif scanner.take("["):
            segments.append(_bracket(scanner))
        else:
            return segments


def _dotted(scanner: Scanner) -> Segment:
    if scanner.take("*"):
        return Segment(_children)
    if function := scanner.match(_FUNCTION):
        raise InvalidText(f"the function {function} isn't supported")
    name = scanner.match(_KEY)
    if name is None:
        raise InvalidText(f"a name is missing at character {scanner.position + 1}")
    return _named(name)


def _bracket(scanner: Scanner) -> Segment:
    if scanner.take("*"):
        scanner.demand("]")
        return Segment(_children)
    if scanner.take("?("):
        condition = _either(scanner)
        scanner.demand(")")
        scanner.demand("]")
        return Segment(
            lambda value: (each for each in _children(value) if condition(each)),
            fits=lambda value: isinstance(value, list | dict),
        )
    if scanner.peek() in ("'", '"'):
        names = [scanner.quoted()]
        while scanner.take(","):
            names.append(scanner.quoted())
        scanner.demand("]")
        if len(names) == 1:
            return _named(names[0])
        return Segment(
            lambda value: (inner for name in names for inner in _member(name)(value)),
            fits=lambda value: isinstance(value, dict),
        )
    return _indices(scanner)


def _indices(scanner: Scanner) -> Segment:
    first = scanner.match(_INTEGER)
    if scanner.take(":"):
        bounds = [first, scanner.match(_INTEGER)]
        if scanner.take(":"):
            bounds.append(scanner.match(_INTEGER))
        scanner.demand("]")
        cut = slice(*(None if bound is None else int(bound) for bound in bounds))
        if cut.step is not None and cut.step < 1:
            raise InvalidText("the step of a slice must be positive")
        return Segment(lambda value: iter(value[cut] if _is_list(value) else ()), fits=_is_list)
    if first is None:
        raise InvalidText(f"an index or a name is missing at character {scanner.position + 1}")
    indices = [int(first)]
    while scanner.take(","):
        following = scanner.match(_INTEGER)
        if following is None:
            raise InvalidText(f"an index is missing at character {scanner.position + 1}")
        indices.append(int(following))
    scanner.demand("]")
    if len(indices) == 1:
        return Segment(_item(indices[0]), indices[0], _is_list)
    return Segment(lambda value: (inner for index in indices for inner in _item(index)(value)), fits=_is_list)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _named(name: str) -> Segment:
    return Segment(_member(name), name, lambda value: isinstance(value, dict) and name in value)


def _member(name: str) -> Select:
    def select(value: Any) -> Iterator[Any]:
        if isinstance(value, dict) and name in value:
            yield value[name]

    return select


def _item(index: int) -> Select:
    def select(value: Any) -> Iterator[Any]:
        if isinstance(value, list) and -len(value) <= index < len(value):
            yield value[index]

    return select


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _descending(select: Select) -> Select:
    def everywhere(value: Any) -> Iterator[Any]:
        yield from select(value)
        for child in _children(value):
            yield from everywhere(child)

    return everywhere


def _written(value: Any, keys: Sequence[str | int | None], new: Any, text: str) -> Any:
    if not keys:
        return new
    key, rest = keys[0], keys[1:]
    if isinstance(key, int):
        if not isinstance(value, list) or not 0 <= key < len(value):
            raise PathError(f"Unable to apply '{text}': there's no item {key}.")
        return [*value[:key], _written(value[key], rest, new, text), *value[key + 1 :]]
    if value is not None and not isinstance(value, dict):
        raise PathError(f"Unable to apply '{text}': '{key}' can't be put into a value that isn't an object.")
    known = value or {}
    return {**known, key: _written(known.get(key), rest, new, text)}


# Filters: `?(@.price < 10 && @.kind == 'book')`.

Condition = Callable[[Any], bool]
_MISSING = object()


def _either(scanner: Scanner) -> Condition:
    conditions = [_all(scanner)]
    while scanner.take("||"):
        conditions.append(_all(scanner))
    return lambda value: any(condition(value) for condition in conditions)


def _all(scanner: Scanner) -> Condition:
    conditions = [_single(scanner)]
    while scanner.take("&&"):
        conditions.append(_single(scanner))
    return lambda value: all(condition(value) for condition in conditions)


def _single(scanner: Scanner) -> Condition:
    if scanner.peek() == "!" and not scanner.text.startswith("!=", scanner.position):
        scanner.demand("!")
        inner = _single(scanner)
        return lambda value: not inner(value)
    if scanner.take("("):
        inner = _either(scanner)
        scanner.demand(")")
        return inner
    left = _operand(scanner)
    for operator, holds in _OPERATORS.items():
        if scanner.take(operator):
            right = _operand(scanner)
            return lambda value: holds(left(value), right(value))
    if scanner.take("=~"):
        raise InvalidText("the operator =~ isn't supported")
    return lambda value: left(value) is not _MISSING


def _operand(scanner: Scanner) -> Callable[[Any], Any]:
    if not scanner.take("@"):
        literal = scanner.literal()
        return lambda _: literal
    segments = _segments(scanner)
    path = Path("@", INPUT, tuple(segments))

    def read(value: Any) -> Any:
        try:
            return path.read(value)
        except PathError:
            return _MISSING

    return read


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def holds(left: Any, right: Any) -> bool:
        numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (left, right))
        return (numbers or (isinstance(left, str) and isinstance(right, str))) and compare(left, right)

    return holds


def equal(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal; true isn't 1, at any depth."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(value, right[key]) for key, value in left.items())
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _among(value: Any, items: Any) -> bool:
    return isinstance(items, list) and any(equal(value, item) for item in items)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<=": _ordered(lambda left, right: left <= right),
    ">=": _ordered(lambda left, right: left >= right),
    "<": _ordered(lambda left, right: left < right),
    ">": _ordered(lambda left, right: left > right),
    "nin": lambda left, right: left is not _MISSING and not _among(left, right),
    "in": lambda left, right: left is not _MISSING and _among(left, right),
}
