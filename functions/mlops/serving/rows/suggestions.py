"""Which column a client may have meant by a name that the model doesn't have."""

from collections.abc import Iterable
from heapq import nlargest

_LONGEST = 80  # characters of a name that are compared
_CANDIDATES = 8  # columns that are compared letter by letter


class Suggestions:
    """Finds the column whose name is closest to another name.

    difflib takes a millisecond for two long names, so it is asked only about the columns that share most pairs of
    letters with the name.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._pairs = {name: _pairs(name) for name in names if len(name) <= 2 * _LONGEST}

    def closest(self, name: str) -> str | None:
        """The closest column, if one is close."""
        from difflib import get_close_matches  # needed for refusals only

        if len(name) > 2 * _LONGEST:
            return None
        name = name[:_LONGEST]
        pairs = _pairs(name)
        likely = nlargest(_CANDIDATES, self._pairs, key=lambda other: len(pairs & self._pairs[other]))
        return next(iter(get_close_matches(name, likely, n=1)), None)


def _pairs(name: str) -> frozenset[str]:
    return frozenset(map("".join, zip(f" {name}", f"{name} ", strict=True)))
