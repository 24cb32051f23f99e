"""The physical names that CloudFormation generates, reused when a stack is restored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Names:
    """Remembers generated names by their purpose; within `reusing`, it returns the known ones."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self._reusing = False

    @contextmanager
    def reusing(self) -> Iterator[None]:
        """Reuse known names; generate a name only for a new purpose."""
        self._reusing = True
        try:
            yield
        finally:
            self._reusing = False

    @property
    def is_reusing(self) -> bool:
        """Whether known names are reused now."""
        return self._reusing

    def of(self, purpose: str, generate: Callable[[], str]) -> str:
        """The name for a purpose."""
        if not (self._reusing and purpose in self.known):
            self.known[purpose] = generate()
        return self.known[purpose]
