"""A run of a Distributed Map: its children, and how many of them may fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.stepfunctions.execution import ABORTED, FAILED, RUNNING, SUCCEEDED, TIMED_OUT, Execution, Machine


@dataclass
class Child:
    """The input of one child (JSON text), the number of its items, and its execution once it was started.

    `awaits_redrive` is true from the redrive of its run until it goes on.
    """

    input: str
    items: int
    execution: Execution | None = None
    awaits_redrive: bool = False

    @property
    def status(self) -> str:
        """The status of its execution, or PENDING."""
        return self.execution.status if self.execution and not self.awaits_redrive else "PENDING"


@dataclass
class MapRun:
    """A run, for one visit of an execution to a Map state. `machine` is what its children run."""

    arn: str
    parent: str
    machine: Machine
    children: list[Child]
    limit: int
    started: float
    tolerated_count: float = 0
    tolerated_percentage: float = 0
    status: str = RUNNING
    ended: float | None = None
    redrives: int = 0
    written: Mapping[str, Any] = field(default_factory=dict)

    @property
    def identifier(self) -> str:
        """The unique part of its ARN."""
        return self.arn.rpartition(":")[2]

    def redrive(self) -> None:
        """Begin again with the children that didn't succeed: what they were before counts as no failure."""
        self.redrives, self.status, self.ended = self.redrives + 1, RUNNING, None
        for child in self.children:
            child.awaits_redrive = child.status != SUCCEEDED

    @property
    def is_exceeded(self) -> bool:
        """Whether more items failed than are tolerated."""
        failed = sum(child.items for child in self.children if child.status in (FAILED, TIMED_OUT, ABORTED))
        total = sum(child.items for child in self.children)
        by_count = failed > self.tolerated_count if self.tolerated_count else False
        by_share = 100 * failed > self.tolerated_percentage * total if self.tolerated_percentage else False
        nothing = not self.tolerated_count and not self.tolerated_percentage
        return by_count or by_share or (nothing and failed > 0)

    @property
    def outputs(self) -> list[str]:
        """The outputs of the children that succeeded, as JSON texts, in the order of the items."""
        done = (child.execution for child in self.children if child.status == SUCCEEDED)
        return [execution.output or "null" for execution in done if execution]

    def counts(self, *, of_items: bool) -> dict[str, int]:
        """The number of children, or of their items, by status, as DescribeMapRun has it."""
        found: Counter[str] = Counter()
        for child in self.children:
            found[child.status] += child.items if of_items else 1
        names = {
            "pending": "PENDING",
            "running": RUNNING,
            "succeeded": SUCCEEDED,
            "failed": FAILED,
            "timedOut": TIMED_OUT,
            "aborted": ABORTED,
        }
        counted = {name: found[status] for name, status in names.items()}
        written = sum(counted[name] for name in ("succeeded", "failed")) if self.written else 0
        waiting = sum((child.items if of_items else 1) for child in self.children if child.awaits_redrive)
        redrives = {"failuresNotRedrivable": 0, "pendingRedrive": waiting}
        return {**counted, "total": found.total(), "resultsWritten": written, **redrives}
