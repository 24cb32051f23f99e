"""Broken rules of a contract or a protocol, one by one and in groups."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One broken rule: where, what, and which rule.

    `row` is the row's position among the data rows, from 0. `value` is left out where the contract's privacy
    rule keeps it from being repeated.
    """

    rule: str
    message: str
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields that are set."""
        return {key: value for key, value in asdict(self).items() if value is not None}


EXAMPLES = 3
"""Violations that are shown of a rule."""


@dataclass(frozen=True)
class ViolationGroup:
    """The violations of one rule in one column, or in none: how many there are, and the first of them."""

    rule: str
    column: str | None
    count: int
    examples: tuple[Violation, ...]

    @classmethod
    def of(cls, count: int, examples: Sequence[Violation]) -> "ViolationGroup":
        """The group that begins with these violations of a rule."""
        first = examples[0]
        return cls(first.rule, first.column, count, tuple(examples))

    def to_dict(self) -> dict[str, Any]:
        """The rule, the column if there is one, the count, and the examples' messages."""
        column = {} if self.column is None else {"column": self.column}
        return {"rule": self.rule, **column, "count": self.count, "examples": [each.message for each in self.examples]}


def group_violations(violations: Sequence[Violation]) -> tuple[ViolationGroup, ...]:
    """The violations by rule and column, the most frequent first."""
    found: dict[tuple[str, str | None], list[Violation]] = {}
    for violation in violations:
        found.setdefault((violation.rule, violation.column), []).append(violation)
    groups = [ViolationGroup.of(len(each), each[:EXAMPLES]) for each in found.values()]
    return tuple(sorted(groups, key=lambda group: -group.count))
