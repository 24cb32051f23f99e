"""JSONata where the library differs from the reference: https://docs.jsonata.org/2.0.0/overview."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from jsonata import Jsonata
from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.regex_engine import RegexFlags

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WITH_BASE = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+")
# What JavaScript's regular expressions write in another way than Python's: escapes, named groups, classes, the end.
_DIFFERENT = re.compile(
    r"\\k<(?P<reference>\w+)>|\\(?P<escape>.)|(?P<named>\(\?<(?![=!]))|(?P<mark>[\[\]$])", re.DOTALL
)
_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_"}
_EMPTY_MATCH = "D1004"


class Query(Jsonata):  # type: ignore[misc]
    """An expression; raises any exception if it isn't valid."""

    def __init__(self, code: str) -> None:
        super().__init__(code, regex_engine)
        self.environment.bind("number", Jsonata.JNativeFunction("number", "<(nsb)-:n>", _Functions, "number"))

    def evaluate_numeric_expression(self, lhs: Any, rhs: Any, op: str | None) -> Any:
        """The value of an arithmetic operator, of which the library's `%` drops fractions."""
        value = super().evaluate_numeric_expression(lhs, rhs, op)
        if op != "%" or value is None:
            return value
        rest = math.fmod(lhs, rhs)
        return int(rest) if rest.is_integer() else rest


class _Functions(Functions):  # type: ignore[misc]
    @staticmethod
    def number(arg: Any) -> Any:
        """$number: of texts that are numbers in JSON, or whole numbers with a base."""
        if isinstance(arg, str) and _WITH_BASE.fullmatch(arg):
            return int(arg, 0)
        if isinstance(arg, str) and not _NUMBER.fullmatch(arg):
            raise JException("D3030", -1, arg)
        return Functions.number(arg)


class _Pattern:
    """A regular expression, for which an empty match is an error."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern

    def finditer(self, string: str) -> Iterator[re.Match[str]]:
        for match in self._pattern.finditer(string):
            if not match[0]:
                raise JException(_EMPTY_MATCH, -1, self._pattern.pattern)
            yield match

    def search(self, string: str) -> re.Match[str] | None:
        return next(self.finditer(string), None)

    def sub(self, replacement: str | Callable[[re.Match[str]], str], string: str, count: int = 0) -> str:
        list(self.finditer(string))
        return self._pattern.sub(replacement, string, count=count)

    def split(self, string: str, maxsplit: int = 0) -> list[str]:
        list(self.finditer(string))
        return self._pattern.split(string, maxsplit)


def regex_engine(pattern: str, flags: RegexFlags) -> _Pattern:
    """A regular expression in JavaScript's syntax."""
    chosen = (re.IGNORECASE if flags.case_insensitive else 0) | (re.MULTILINE if flags.multiline else 0)
    return _Pattern(re.compile(_translated(pattern, is_multiline=flags.multiline), chosen))


def _translated(pattern: str, *, is_multiline: bool) -> str:
    """A regular expression of JavaScript's in Python's syntax."""
    in_class = False

    def translate(found: re.Match[str]) -> str:
        nonlocal in_class
        if found["reference"]:
            return f"(?P={found['reference']})"
        if found["named"]:
            return "(?P<" if not in_class else found[0]
        if found["mark"] == "$":
            return found[0] if in_class or is_multiline else r"\Z"
        if found["mark"]:
            # A bracket within a class is a character; Python warns of some of them.
            text = r"\[" if in_class and found["mark"] == "[" else found[0]
            in_class = found["mark"] == "[" or (in_class and found["mark"] != "]")
            return text
        characters = _CLASSES.get(found["escape"].lower())
        if characters is None or (in_class and found["escape"].isupper()):
            return found[0]
        if in_class:
            return characters
        return f"[^{characters}]" if found["escape"].isupper() else f"[{characters}]"

    return _DIFFERENT.sub(translate, pattern)
