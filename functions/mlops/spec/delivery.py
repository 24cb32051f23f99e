"""How a version that passed its gates comes to serve."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

UNDECIDED = ("withdraw", "promote")


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """At once, or by a canary: `canary` is the share of the requests that a new version answers first, 0 for none.

    The canary lasts for `days` at most. By then it's promoted if its answers aren't worse than the champion's by the
    spec's margin, and withdrawn if they are worse, or if it fails or is slow. If neither is shown, `undecided` says
    what becomes of it, also of canaries that people start.
    """

    canary: float = 0.0
    days: float = 7.0
    undecided: Literal["withdraw", "promote"] = "withdraw"

    def faults(self) -> Iterator[str]:
        """What can't be, as sentences."""
        if not 0 <= self.canary < 1:
            yield f"delivery's canary is {self.canary}; it must be at least 0 and less than 1"
        if not self.days > 0:
            yield f"delivery's days is {self.days}; it must be above 0"
        if self.undecided not in UNDECIDED:
            yield f"delivery's undecided is {self.undecided!r}; it must be one of {', '.join(UNDECIDED)}"
