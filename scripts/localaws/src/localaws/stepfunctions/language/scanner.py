"""Reads paths and intrinsic functions character by character."""

from __future__ import annotations

import re
from typing import Any

from localaws.stepfunctions.language.json_texts import parse_json

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class InvalidText(Exception):
    """A path or an intrinsic function isn't well formed."""


class Scanner:
    """A text and the position up to which it was read. Spaces before a token are skipped."""

    def __init__(self, text: str) -> None:
        self.text, self.position = text, 0

    def peek(self) -> str:
        """The next character that isn't a space; "" at the end."""
        while self.position < len(self.text) and self.text[self.position].isspace():
            self.position += 1
        return self.text[self.position : self.position + 1]

    def take(self, token: str) -> bool:
        """Whether a token follows; it's read then."""
        self.peek()
        if not self.text.startswith(token, self.position):
            return False
        self.position += len(token)
        return True

    def demand(self, token: str) -> None:
        """Read a token; raises InvalidText if it isn't there."""
        if not self.take(token):
            raise InvalidText(f"'{token}' is missing at character {self.position + 1}")

    def demand_end(self) -> None:
        """Raise InvalidText unless everything was read."""
        if self.peek():
            raise InvalidText(f"unexpected '{self.text[self.position :]}' at character {self.position + 1}")

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """What a pattern matches here, which is read then."""
        found = pattern.match(self.text, self.position)
        if not found:
            return None
        self.position = found.end()
        return found[0]

    def quoted(self) -> str:
        """A string in single or double quotes, with its escapes resolved."""
        raw = self.raw_quoted()
        return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), raw, flags=re.DOTALL)

    def raw_quoted(self) -> str:
        """A string in single or double quotes, with its escapes."""
        quote = self.peek()
        if quote not in ("'", '"'):
            raise InvalidText(f"a string is missing at character {self.position + 1}")
        self.position += 1
        start = self.position
        while self.position < len(self.text) and self.text[self.position] != quote:
            self.position += 2 if self.text[self.position] == "\\" else 1
        raw = self.text[start : self.position]
        self.demand(quote)
        return raw

    def literal(self) -> Any:
        """A string, number, boolean, null or list of them."""
        if self.peek() in ("'", '"'):
            return self.quoted()
        if self.take("["):
            items: list[Any] = []
            while not self.take("]"):
                if items:
                    self.demand(",")
                items.append(self.literal())
            return items
        return self.plain()

    def plain(self) -> Any:
        """A number, boolean or null."""
        self.peek()
        if number := self.match(_NUMBER):
            try:
                return parse_json(number)
            except ValueError:
                raise InvalidText(f"{number} isn't a number") from None
        for word, value in _WORDS.items():
            if self.take(word):
                return value
        raise InvalidText(f"a value is missing at character {self.position + 1}")
