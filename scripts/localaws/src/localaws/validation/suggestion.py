"""Suggests the name that was meant by a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

# AWS has names that differ in a word (AWS::DynamoDB::GlobalTable, AWS::DynamoDB::Table). Those aren't as close, and
# nobody who writes the one means the other.
_CLOSE = 0.85
# A template's own names are few: what is nearest is meant.
OWN = 0.7
_COMMON = "aws::"


def suggest(name: str, known: Iterable[str], close: float = _CLOSE) -> str:
    """`; did you mean Handler?` if one of `known` is spelt almost as `name` is, else an empty text.

    `close` is the least share of letters in common, in 0 to 1.
    """
    # The prefix that all names of AWS share says nothing about how alike they are, and the case is often what's wrong.
    meant = {each.lower().removeprefix(_COMMON): each for each in known}
    near = get_close_matches(name.lower().removeprefix(_COMMON), meant, n=1, cutoff=close)
    return f"; did you mean {meant[near[0]]}?" if near else ""
