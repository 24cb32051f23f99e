"""Wildcards and policy variables of IAM policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

# A request's context: the values of each key, whose name is in lower case.
Context = Mapping[str, tuple[str, ...]]
VARIABLE = re.compile(r"\$\{(?P<literal>[*?$])\}|\$\{\s*(?P<name>[^}',\s]+)\s*(?:,\s*'(?P<default>[^']*)'\s*)?\}")
_SEGMENTS = 6  # of an ARN: the last one may hold colons


def glob(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Whether the whole text matches; `*` stands for any characters, `?` for one."""
    return _compiled(pattern, ignore_case).fullmatch(text) is not None


def arn_glob(pattern: str, arn: str) -> bool:
    """Whether an ARN matches: each part between colons by itself, so that no `*` reaches over a colon but in the last.

    A `*` alone matches everything.
    """
    if pattern == "*":
        return True
    wanted, found = pattern.split(":", _SEGMENTS - 1), arn.split(":", _SEGMENTS - 1)
    return len(wanted) == len(found) and all(map(glob, wanted, found))


def substitute(pattern: str, context: Context) -> str | None:
    """The pattern with its variables replaced; None if one has no value, or several, and no default.

    Characters of a value that would be wildcards stand for themselves, as do `${*}`, `${?}` and `${$}`.
    """
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        if found["literal"]:
            return _literal(found["literal"])
        values = context.get(found["name"].lower(), ())
        if len(values) == 1:
            return _literal(values[0])
        if found["default"] is None:
            missing = True
            return ""
        return _literal(found["default"])

    replaced = VARIABLE.sub(value, pattern)
    return None if missing else replaced


def plain(pattern: str) -> str:
    """A substituted pattern as text, for operators without wildcards."""
    return "".join(_unescaped(part) for part in _ESCAPED.split(pattern))


def any_match(patterns: tuple[str, ...], context: Context | None, match: Callable[[str], bool]) -> bool:
    """Whether one of the patterns matches; with a context their variables are replaced first."""
    for pattern in patterns:
        found = pattern if context is None else substitute(pattern, context)
        if found is not None and match(found):
            return True
    return False


# A character that isn't a wildcard though it looks like one: neither of these occurs in a policy.
_MARK = "\x00"
_ESCAPED = re.compile(f"({_MARK}.)", re.DOTALL)


def _literal(text: str) -> str:
    return "".join(f"{_MARK}{character}" if character in "*?" else character for character in text)


def _unescaped(part: str) -> str:
    return part[1:] if part.startswith(_MARK) else part


@lru_cache(maxsize=4096)
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    parts = [
        re.escape(part[1:]) if part.startswith(_MARK) else re.escape(part).replace(r"\*", ".*").replace(r"\?", ".")
        for part in _ESCAPED.split(pattern)
    ]
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if ignore_case else 0))
