"""The tokens and comparisons of JSON and space-delimited patterns."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from localaws.logs.errors import MalformedPattern
from localaws.logs.patterns.regex import compile_regex

_TOKENS = re.compile(
    r"""(?P<blank>\s+)
    |(?P<selector>\$(?:\.?\[\s*(?:\d+|\*|'[^']+'|"[^"]+")\s*\]|\.(?:[\w-]+|\*))+)
    |(?P<text>"(?:[^"\\]|\\.)*")
    |(?P<regex>%[^%]*%)
    |(?P<dots>\.\.\.)
    |(?P<symbol>&&|\|\||!=|<=|>=|[=<>(){}\[\],])
    |(?P<word>[\w.*+-]+)""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
OPERATORS = ("=", "!=", "<", "<=", ">", ">=")
_MAX_REGEXES = 2

Test = Callable[[object], bool]


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int


class Tokens:
    """The tokens of a pattern. Raises MalformedPattern for an invalid character."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._tokens: list[Token] = []
        position = 0
        while position < len(pattern):
            match = _TOKENS.match(pattern, position)
            if match is None or match.lastgroup is None:
                raise MalformedPattern(
                    f"Invalid character {pattern[position]!r} at character {position + 1}: {pattern}"
                )
            if match.lastgroup != "blank":
                self._tokens.append(Token(match.lastgroup, match[0], position))
            position = match.end()
        self._tokens.append(Token("end", "the end", len(pattern)))
        self._next = 0
        if sum(token.kind == "regex" for token in self._tokens) > _MAX_REGEXES:
            raise MalformedPattern(f"A pattern may contain at most {_MAX_REGEXES} regular expressions: {pattern}")

    @property
    def all(self) -> list[Token]:
        """All tokens, the end included."""
        return list(self._tokens)

    def texts(self, kind: str) -> list[str]:
        """The texts of all tokens of a kind."""
        return [token.text for token in self._tokens if token.kind == kind]

    @property
    def current(self) -> Token:
        return self._tokens[self._next]

    def take(self) -> Token:
        token = self.current
        self._next += 1
        return token

    def accept(self, *texts: str) -> bool:
        """Whether the next token is one of these symbols or words (in any case); if so, it's consumed."""
        if self.current.kind in ("symbol", "word", "dots") and self.current.text.upper() in texts:
            self._next += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.unexpected(f"'{text}'")

    def unexpected(self, wanted: str) -> MalformedPattern:
        place = f"at character {self.current.start + 1}: {self.pattern}"
        return MalformedPattern(f"Expected {wanted} but found {self.current.text} {place}")


def read_test(tokens: Tokens) -> tuple[bool, Test]:
    """Parse an operator and its operand: whether it's negated (`!=`), and the test for equality."""
    operator = tokens.current.text
    if tokens.current.kind != "symbol" or operator not in OPERATORS:
        raise tokens.unexpected("a comparison (= != < <= > >=)")
    tokens.take()
    operand = tokens.take()
    if operand.kind not in ("text", "regex", "word"):
        raise MalformedPattern(f"{operator} needs a value, not {operand.text}: {tokens.pattern}")
    number = float(operand.text) if operand.kind == "word" and _NUMBER.fullmatch(operand.text) else None
    if operator in ("=", "!="):
        return operator == "!=", _equality(operand, number)
    if number is None:
        raise MalformedPattern(f"{operator} compares with a number, not with {operand.text}: {tokens.pattern}")
    return False, _ordering(operator, number)


def _equality(operand: Token, number: float | None) -> Test:
    if number is not None:
        return lambda value: as_number(value) == number
    if operand.kind == "regex":
        search = compile_regex(operand.text[1:-1]).search
        return lambda value: (text := as_text(value)) is not None and search(text) is not None
    quoted = operand.kind == "text"
    wanted = re.sub(r"\\(.)", r"\1", operand.text[1:-1]) if quoted else operand.text
    match = re.compile(".*".join(re.escape(part) for part in wanted.split("*")), re.DOTALL).fullmatch
    return lambda value: (text := as_text(value)) is not None and match(text) is not None


def _ordering(operator: str, bound: float) -> Test:
    def test(value: object) -> bool:
        number = as_number(value)
        if number is None:
            return False
        match operator:
            case "<":
                return number < bound
            case "<=":
                return number <= bound
            case ">":
                return number > bound
            case _:
                return number >= bound

    return test


@dataclass(frozen=True)
class Word:
    """A field of a space-delimited message: a string that is also a number if it can be parsed as one."""

    text: str


def as_number(value: object) -> float | None:
    """The value as a number; a JSON string isn't one, a field of a space-delimited message may be."""
    if isinstance(value, Word):
        return float(value.text) if _NUMBER.fullmatch(value.text) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def as_text(value: object) -> str | None:
    """The value as a string; None for null, objects and arrays."""
    if isinstance(value, Word):
        return value.text
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, bool | int | float) else None
