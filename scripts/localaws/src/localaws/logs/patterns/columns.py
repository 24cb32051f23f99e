"""Patterns for space-delimited messages: `[ip, user, ..., status = 4* || status = 5*, bytes > 1000]`.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
A message must have as many fields as the pattern or, if the pattern has `...`, at least as many as it names.
Text in double quotes or square brackets is one field.
"""

import re
from dataclasses import dataclass
from itertools import groupby

from localaws.logs.errors import MalformedPattern
from localaws.logs.patterns.comparison import Test, Tokens, Word, read_test

_FIELD = re.compile(r"""(?:"((?:[^"\\]|\\.)*)"|\[([^\]]*)\])(?=\s|$)|(\S+)""")


@dataclass(frozen=True)
class _Column:
    """One field of a pattern: its name, "" if it has none, and its condition."""

    name: str
    test: Test


@dataclass(frozen=True)
class ColumnsPattern:
    """A compiled pattern: the fields before the `...`, and those after it, None if there's no `...`."""

    head: list[_Column]
    tail: list[_Column] | None

    def __call__(self, message: str) -> bool:
        fields = split(message)
        named = len(self.head) + len(self.tail or ())
        if len(fields) < named or (self.tail is None and len(fields) > named):
            return False
        return all(column.test(Word(field)) for column, field in self._pairs(fields))

    @property
    def names(self) -> frozenset[str]:
        """The names of the pattern's fields."""
        return frozenset(column.name for column in [*self.head, *(self.tail or [])] if column.name)

    def extract(self, message: str) -> dict[str, str]:
        """The fields of a matching message: by name as $name, unnamed ones by position as $1, $2…"""
        fields = split(message)
        names = [column.name for column in self.head]
        tail = [column.name for column in self.tail or []]
        names += [""] * (len(fields) - len(names) - len(tail)) + tail
        named = enumerate(zip(names, fields, strict=True), 1)
        return {f"${name or position}": field for position, (name, field) in named}

    def _pairs(self, fields: list[str]) -> list[tuple[_Column, str]]:
        pairs = [*zip(self.head, fields, strict=False)]
        if self.tail:
            pairs += zip(self.tail, fields[-len(self.tail) :], strict=True)
        return pairs


def compile_columns(pattern: str) -> ColumnsPattern:
    """A test for messages. Raises MalformedPattern."""
    tokens = Tokens(pattern)
    tokens.expect("[")
    if tokens.current.text == "]":
        raise tokens.unexpected("a field's name")
    head: list[_Column] = []
    tail: list[_Column] | None = None
    while True:
        if tokens.accept("..."):
            if tail is not None:
                raise MalformedPattern(f"A pattern may contain only one '...': {pattern}")
            tail = []
        else:
            (head if tail is None else tail).extend(_columns(tokens))
        if not tokens.accept(","):
            break
    tokens.expect("]")
    if tokens.current.kind != "end":
        raise tokens.unexpected("the end of the pattern")
    return ColumnsPattern(head, tail)


def split(message: str) -> list[str]:
    """The fields of a space-delimited message, without the quotes or brackets around them."""
    return [match[match.lastindex or 0] for match in _FIELD.finditer(message)]


def _columns(tokens: Tokens) -> list[_Column]:
    """The part between two commas: empty, a name, conditions on one name, or on several fields with &&."""
    if tokens.current.text in (",", "]"):
        return [_Column("", lambda _field: True)]
    units = [_named(tokens)]
    while tokens.accept("&&"):
        units.append(_named(tokens))
    if tokens.accept("||"):
        names = {name for name, _ in units}
        first, rest = _conjunction([test for _, test in units]), _either(tokens, names)
        return [_Column(_only(names, tokens), lambda field: first(field) or rest(field))]
    by_name = [(name, [test for _, test in group]) for name, group in groupby(units, key=lambda unit: unit[0])]
    return [_Column(name, _conjunction(tests)) for name, tests in by_name]


def _named(tokens: Tokens) -> tuple[str, Test]:
    names: set[str] = set()
    test = _unit(tokens, names)
    return _only(names, tokens), test


def _only(names: set[str], tokens: Tokens) -> str:
    if len(names) != 1:
        raise MalformedPattern(f"A field has one name, not {' and '.join(sorted(names))}: {tokens.pattern}")
    return next(iter(names))


def _conjunction(tests: list[Test]) -> Test:
    return lambda field: all(test(field) for test in tests)


def _either(tokens: Tokens, names: set[str]) -> Test:
    tests = [_all(tokens, names)]
    while tokens.accept("||"):
        tests.append(_all(tokens, names))
    return lambda field: any(test(field) for test in tests)


def _all(tokens: Tokens, names: set[str]) -> Test:
    tests = [_unit(tokens, names)]
    while tokens.accept("&&"):
        tests.append(_unit(tokens, names))
    return _conjunction(tests)


def _unit(tokens: Tokens, names: set[str]) -> Test:
    if tokens.accept("("):
        test = _either(tokens, names)
        tokens.expect(")")
        return test
    if tokens.current.kind != "word" or not tokens.current.text.replace("_", "").replace("-", "").isalnum():
        raise tokens.unexpected("a field's name")
    names.add(tokens.take().text)
    if tokens.current.kind != "symbol" or tokens.current.text in (",", "]", ")", "&&", "||"):
        return lambda _field: True
    negated, test = read_test(tokens)
    return (lambda field: not test(field)) if negated else test
