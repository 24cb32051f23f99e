"""The names that CloudFormation makes up, which a stack that's deployed again must get again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Names:
    """Remembers each name that was made up, by what it was for; while `again` runs, it gives the old ones."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self._again = False

    @contextmanager
    def again(self) -> Iterator[None]:
        """Give the names that are known; new ones are made up as ever."""
        self._again = True
        try:
            yield
        finally:
            self._again = False

    def of(self, purpose: str, make: Callable[[], str]) -> str:
        """The name for a purpose."""
        if not (self._again and purpose in self.known):
            self.known[purpose] = make()
        return self.known[purpose]
