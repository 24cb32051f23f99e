"""Splits a Logs Insights query into tokens, each with its position."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from localaws.logs.errors import MalformedQuery


class Kind(Enum):
    """The kind of a token."""

    NAME = auto()
    QUOTED_NAME = auto()
    NUMBER = auto()
    PERIOD = auto()
    STRING = auto()
    REGEX = auto()
    SYMBOL = auto()
    END = auto()


@dataclass(frozen=True)
class Token:
    """One token; `value` has quotes and escapes resolved, `start` and `end` are its position."""

    kind: Kind
    value: str
    start: int
    end: int

    def is_symbol(self, *symbols: str) -> bool:
        return self.kind is Kind.SYMBOL and self.value in symbols

    def is_word(self, *words: str) -> bool:
        """Whether it's one of these keywords, in any case: keywords are ordinary names where a keyword is expected."""
        return self.kind is Kind.NAME and self.value.lower() in words

    def __str__(self) -> str:
        return "the end of the query" if self.kind is Kind.END else f"{self.value!r}"


_BLANK = re.compile(r"(?:\s+|#[^\n]*)+")
_PATTERNS = (
    (Kind.NUMBER, re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w@])")),
    (Kind.PERIOD, re.compile(r"\d+[A-Za-z]+")),
    # A path: parts joined by dots, list items by index: events[0].`a-b`.c; `in[1, 2]` is the keyword.
    (Kind.NAME, re.compile(r"[A-Za-z_@][\w@]*(?:\.(?:[\w@]+|`[^`]+`)|(?<!\bin)(?<!\bIN)\[\d+\])*", re.ASCII)),
    (Kind.QUOTED_NAME, re.compile(r"`[^`]+`(?:\.(?:`[^`]+`|[\w@]+))*")),
    (Kind.STRING, re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL)),
    (Kind.SYMBOL, re.compile(r"!=|<=|>=|=~|[|,()\[\]=<>+\-*/%^]")),
)
_REGEX = re.compile(r"/((?:[^/\\\n]|\\.)+)/([a-z]*)")
_UNCLOSED = {'"': "string", "'": "string", "`": "field name", "/": "regular expression"}
_OPERANDS = (Kind.NAME, Kind.QUOTED_NAME, Kind.NUMBER, Kind.STRING, Kind.PERIOD)


def tokenize(text: str) -> list[Token]:
    """All tokens of a query, with a last one of kind END.

    Raises MalformedQuery for an unexpected character or an unclosed quote.
    """
    tokens: list[Token] = []
    position = 0
    while True:
        if blank := _BLANK.match(text, position):
            position = blank.end()
        if position == len(text):
            return [*tokens, Token(Kind.END, "", position, position)]
        token = _regex(text, position) if _regex_may_start(text, position, tokens) else _token(text, position)
        tokens.append(token)
        position = token.end


def _regex_may_start(text: str, position: int, tokens: list[Token]) -> bool:
    """A slash is a division after an operand, else the start of a regular expression; in `parse` always the latter."""
    if text[position] != "/":
        return False
    command = next(
        (
            after
            for before, after in zip(reversed(tokens[:-1]), reversed(tokens), strict=False)
            if before.is_symbol("|")
        ),
        tokens[0] if tokens else None,
    )
    if command is not None and command.is_word("parse"):
        return True
    last = tokens[-1] if tokens else None
    if last is None or last.is_word("like", "and", "or", "not", "in"):
        return True
    return last.kind not in _OPERANDS and not last.is_symbol(")", "]")


def _regex(text: str, position: int) -> Token:
    match = _REGEX.match(text, position)
    if match is None:
        raise MalformedQuery("the regular expression isn't closed with /", position, len(text))
    flags = match[2]
    if flags not in ("", "i"):
        raise MalformedQuery(f"the regular expression flag {flags!r} isn't supported", match.start(2), match.end())
    body = match[1].replace("\\/", "/")
    return Token(Kind.REGEX, f"(?i){body}" if flags else body, position, match.end())


def _token(text: str, position: int) -> Token:
    for kind, pattern in _PATTERNS:
        if match := pattern.match(text, position):
            return Token(kind, _value(kind, match[0]), position, match.end())
    unclosed = _UNCLOSED.get(text[position])
    message = f"the {unclosed} isn't closed" if unclosed else f"unexpected character {text[position]!r}"
    raise MalformedQuery(message, position, len(text) if unclosed else position + 1)


_INDEX = re.compile(r"\[(\d+)\]")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def _value(kind: Kind, raw: str) -> str:
    if kind is Kind.STRING:
        return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), raw[1:-1], flags=re.DOTALL)
    if kind in (Kind.NAME, Kind.QUOTED_NAME):
        return _INDEX.sub(r".\1", raw).replace("`", "")
    return raw
