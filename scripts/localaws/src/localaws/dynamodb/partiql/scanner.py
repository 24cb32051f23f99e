"""The tokens of statements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from localaws.dynamodb.errors import InvalidRequest
from localaws.dynamodb.partiql.errors import malformed

_SKIPPED = re.compile(r"(?:\s+|--[^\n]*|/\*.*?\*/)+", re.DOTALL)
_TOKEN = re.compile(
    r"""(?P<string>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*")
      | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<name>[A-Za-z_$][\w$]*)
      | (?P<symbol><<|>>|<>|!=|<=|>=|[-=<>+*(),.;?\[\]{}:])""",
    re.VERBOSE | re.DOTALL,
)
END = "end"


@dataclass(frozen=True)
class Token:
    """A part of a statement. `kind` is string, quoted (an identifier), number, name, symbol or end."""

    kind: str
    text: str
    line: int
    column: int

    @property
    def word(self) -> str:
        """A keyword or symbol as it's compared: in upper case; empty for others."""
        return self.text.upper() if self.kind in ("name", "symbol") else ""


def scan(statement: str) -> Iterator[Token]:
    """The tokens of a statement, and one for its end; raises InvalidRequest for what can't be one."""
    position = 0
    while position < len(statement):
        skipped = _SKIPPED.match(statement, position)
        if skipped:
            position = skipped.end()
            continue
        match = _TOKEN.match(statement, position)
        if statement[position] == "`":
            raise InvalidRequest("Ion Literals are not supported")
        if not match or not match.lastgroup:
            raise malformed("")
        text = match[0]
        if match.lastgroup in ("string", "quoted"):
            text = text[1:-1].replace(text[0] * 2, text[0])
        line = statement.count("\n", 0, position) + 1
        column = position - statement.rfind("\n", 0, position)
        yield Token(match.lastgroup, text, line, column)
        position = match.end()
    yield Token(END, "", 0, 0)
