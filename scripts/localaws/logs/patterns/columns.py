"""Patterns for space-delimited messages: `[ip, user, ..., status = 4* || status = 5*, bytes > 1000]`.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
A message has as many fields as the pattern, or, where the pattern has `...`, at least as many as it names.
Text in double quotes or square brackets is one field.
"""

import re
from collections.abc import Callable

from localaws.logs.errors import MalformedPattern
from localaws.logs.patterns.comparison import Test, Tokens, Word, read_test

_FIELD = re.compile(r"""(?:"((?:[^"\\]|\\.)*)"|\[([^\]]*)\])(?=\s|$)|(\S+)""")


def compile_columns(pattern: str) -> Callable[[str], bool]:
    """A test for messages. Raises MalformedPattern."""
    tokens = Tokens(pattern)
    tokens.expect("[")
    head: list[Test] = []
    tail: list[Test] | None = None
    while True:
        if tokens.accept("..."):
            if tail is not None:
                raise MalformedPattern(f"A pattern may hold one '...' only: {pattern}")
            tail = []
        else:
            (head if tail is None else tail).append(_column(tokens))
        if not tokens.accept(","):
            break
    tokens.expect("]")
    if tokens.current.kind != "end":
        raise tokens.unexpected("the end of the pattern")
    return lambda message: _matches(split(message), head, tail)


def split(message: str) -> list[str]:
    """The fields of a space-delimited message, without the quotes or brackets around them."""
    return [match[match.lastindex or 0] for match in _FIELD.finditer(message)]


def _matches(fields: list[str], head: list[Test], tail: list[Test] | None) -> bool:
    named = len(head) + len(tail or ())
    if len(fields) < named or (tail is None and len(fields) > named):
        return False
    pairs = [*zip(head, fields, strict=False)]
    if tail:
        pairs += zip(tail, fields[-len(tail) :], strict=True)
    return all(test(Word(field)) for test, field in pairs)


def _column(tokens: Tokens) -> Test:
    """One field: a name, or conditions on that one name."""
    names: set[str] = set()
    test = _either(tokens, names)
    if len(names) != 1:
        raise MalformedPattern(f"A field has one name, not {' and '.join(sorted(names))}: {tokens.pattern}")
    return test


def _either(tokens: Tokens, names: set[str]) -> Test:
    tests = [_all(tokens, names)]
    while tokens.accept("||"):
        tests.append(_all(tokens, names))
    return lambda field: any(test(field) for test in tests)


def _all(tokens: Tokens, names: set[str]) -> Test:
    tests = [_unit(tokens, names)]
    while tokens.accept("&&"):
        tests.append(_unit(tokens, names))
    return lambda field: all(test(field) for test in tests)


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
