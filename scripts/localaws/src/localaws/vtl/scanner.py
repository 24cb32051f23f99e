"""Reads characters of a template, and its expressions."""

from __future__ import annotations

import re

from localaws.vtl.errors import VtlError

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_NUMBER = re.compile(r"\d+(\.\d+)?(?!\.\d)")
_SPACE = re.compile(r"\s*")


class Scanner:
    """A position in a text; `first_line` is the line of its first character."""

    def __init__(self, text: str, first_line: int = 1) -> None:
        self.text, self.position, self._first = text, 0, first_line

    @property
    def line(self) -> int:
        """The line of the position."""
        return self._first + self.text.count("\n", 0, self.position)

    @property
    def ended(self) -> bool:
        """Whether the position is the end of the text."""
        return self.position >= len(self.text)

    def error(self, what: str) -> VtlError:
        """An error at the position."""
        return VtlError(self.line, what)

    def at(self, wanted: str) -> bool:
        """Whether the text goes on with `wanted`."""
        return self.text.startswith(wanted, self.position)

    def take(self, wanted: str) -> bool:
        """Move behind `wanted` if the text goes on with it."""
        if self.at(wanted):
            self.position += len(wanted)
            return True
        return False

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """Move behind what matches `pattern` here; None if nothing does."""
        found = pattern.match(self.text, self.position)
        if found is None:
            return None
        self.position = found.end()
        return found.group()

    def skip_space(self) -> None:
        """Move to the next character that isn't white space."""
        self.match(_SPACE)

    def token(self, *wanted: str) -> str | None:
        """The first of `wanted` that comes next, behind white space; words must end there."""
        self.skip_space()
        for item in wanted:
            end = self.position + len(item)
            if self.at(item) and not (item.isalpha() and NAME.match(self.text, end - 1).end() > end):  # type: ignore[union-attr]
                self.position = end
                return item
        return None

    def demand(self, wanted: str) -> None:
        """Move behind `wanted`, or raise VtlError."""
        if self.token(wanted) is None:
            raise self.error(f"{wanted} is missing")

    def number(self) -> int | float | None:
        """The number that comes next, or None."""
        self.skip_space()
        digits = self.match(_NUMBER)
        if digits is None:
            return None
        return float(digits) if "." in digits else int(digits)

    def until(self, end: str) -> str:
        """The text before `end`, behind which it moves; raises VtlError if there's none."""
        found = self.text.find(end, self.position)
        if found < 0:
            raise self.error(f"{end} is missing")
        text = self.text[self.position : found]
        self.position = found + len(end)
        return text
