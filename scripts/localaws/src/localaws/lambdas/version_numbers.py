"""The numbers of functions' versions, which are never used twice, also over a restart.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class VersionNumbers:
    """The last number of each function, and the SHA-256 of the code that got it."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, str]] = {}
        self._expected: set[str] = set()

    def next(self, function: str, code: str) -> int:
        """The number of a version that's published now.

        The first one after a restart is the last one before it, if its code is the same.
        """
        last, before = self._last.get(function, (0, ""))
        is_again = function in self._expected and code == before
        self._expected.discard(function)
        number = last if is_again else last + 1
        self._last[function] = (number, code)
        return number

    def read(self) -> dict[str, Any]:
        """All of them, to save them."""
        return {function: list(last) for function, last in list(self._last.items())}

    def expect(self, kept: Mapping[str, Any]) -> None:
        """Go on from a saved state."""
        self._last = {function: (number, code) for function, (number, code) in kept.items()}
        self._expected = set(self._last)

    def forget_all(self) -> None:
        """Begin at 1 again."""
        self._last.clear()
        self._expected.clear()
