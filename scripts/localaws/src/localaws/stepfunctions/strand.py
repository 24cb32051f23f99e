"""One line of control through an execution, with its place in the history and in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from localaws.stepfunctions.execution import Execution


class Time(Protocol):
    """Local AWS's clock, for coroutines."""

    def now(self) -> float:
        """The time, in epoch seconds."""

    async def reach(self, moment: float) -> None:
        """Wait until a moment."""


@dataclass
class Strand:
    """Parallel and Map states fork it. `lag` is how many seconds it is behind the clock.

    When the clock is moved over several waits at once, each wait begins where the one before ended, not where the
    clock is by then.
    """

    execution: Execution
    time: Time
    last: int = 0
    lag: float = 0.0

    def now(self) -> float:
        """The time in this strand."""
        return self.time.now() - self.lag

    def note(self, kind: str, **details: Any) -> int:
        """Add an event to the history; returns its id."""
        self.last = self.execution.note(kind, self.now(), self.last, details)
        return self.last

    async def reach(self, moment: float) -> None:
        """Wait until a moment of this strand's time."""
        began = self.now()
        await self.time.reach(moment)
        self.lag = max(0.0, self.time.now() - max(moment, began))

    def fork(self) -> Strand:
        """A strand that goes on from here."""
        return Strand(self.execution, self.time, self.last, self.lag)

    def join(self, others: Sequence[Strand]) -> None:
        """Go on from where the last of its forks ended."""
        if others:
            self.last = max(other.last for other in others)
            self.lag = min(other.lag for other in others)
