"""What parts of the state have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import Any


class Part(ABC):
    """A part of the state that's restored around the deployment of the stacks."""

    @abstractmethod
    def read(self) -> Any:
        """What is saved, as JSON."""

    def contents(self) -> set[str]:
        """The names of the folder's contents that belong to what was saved last."""
        return set()

    def expect(self, kept: Any) -> None:
        """Prepare for the stacks, which are deployed again next, by what was saved."""
        del kept

    def restore(self, kept: Any, of_stacks: Collection[str]) -> list[str]:
        """Restore what was saved, after the stacks; returns how much of which kind isn't as it was.

        `of_stacks` are the physical names of what the stacks had when it was saved: what of that isn't there again was
        removed from a template.
        """
        del kept, of_stacks
        return []
