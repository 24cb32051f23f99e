"""Patterns for unstructured messages: words, "exact phrases", ?optional and -excluded terms, or one %regex%."""

import re
from collections.abc import Callable

from localaws.logs.errors import MalformedPattern
from localaws.logs.patterns.regex import compile_regex

_TERM = re.compile(r"""([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?=\s|$)""")
_WORD = re.compile(r"\w+")


def compile_terms(pattern: str) -> Callable[[str], bool]:
    """A test for messages with all plain terms and no excluded ones, or with at least one of the optional terms."""
    if len(pattern) > 2 and pattern[0] == pattern[-1] == "%":
        search = compile_regex(pattern[1:-1]).search
        return lambda message: search(message) is not None
    terms = _parse(pattern)
    required, optional, excluded = terms[""], terms["?"], terms["-"]
    if optional and (required or excluded):
        raise MalformedPattern("Terms with ? can't be combined with other terms: AWS would ignore the ?")
    if optional:
        return lambda message: any(term in message for term in optional)
    return lambda message: all(term in message for term in required) and not any(term in message for term in excluded)


def required_terms(pattern: str) -> list[str]:
    """The terms that each matching message contains."""
    return [] if len(pattern) > 2 and pattern[0] == pattern[-1] == "%" else _parse(pattern)[""]


def _parse(pattern: str) -> dict[str, list[str]]:
    """The terms by their sign: none, ? or -."""
    terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
    position = 0
    while position < len(pattern):
        match = _TERM.match(pattern, position)
        if match is None:
            raise MalformedPattern(f"Invalid filter pattern at character {position + 1}: {pattern[position:]}")
        terms[match[1]].append(_text(match))
        position = match.end()
        position += len(pattern[position:]) - len(pattern[position:].lstrip())
    return terms


def _text(match: re.Match[str]) -> str:
    if match[2] is not None:
        return re.sub(r"\\(.)", r"\1", match[2])
    if not _WORD.fullmatch(match[3]):
        raise MalformedPattern(f"Invalid character(s) in term '{match[3]}'; enclose it in double quotes")
    return match[3]
