"""What isn't kept: counted while it's there, and named at the next start."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from localaws.state.keeper import last_part
from localaws.state.part import Part

# The names or ARNs of all resources of a kind.
type Names = Callable[[], Iterable[str]]


class Unkept(Part):
    """Counts by what they're counts of, and resources that belong to no stack by their kind.

    `of_stacks` returns the physical names of what the stacks have.
    """

    def __init__(
        self, counts: Mapping[str, Callable[[], int]], resources: Mapping[str, Names], of_stacks: Callable[[], set[str]]
    ) -> None:
        self._counts, self._resources, self._of_stacks = counts, resources, of_stacks

    def read(self) -> dict[str, int]:
        """How many there are of each, without those that there are none of."""
        of_stacks = self._of_stacks()
        found = {what: count() for what, count in self._counts.items()}
        for kind, names in self._resources.items():
            found[f"{kind} of no stack"] = sum(last_part(each) not in of_stacks for each in list(names()))
        return {what: count for what, count in found.items() if count}

    def restore(self, kept: Mapping[str, int], of_stacks: Collection[str]) -> list[str]:  # noqa: ARG002 (as of all parts)
        """Name all of it."""
        return [f"{count:,} {what}" for what, count in kept.items()]
