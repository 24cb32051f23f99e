"""The parts of an expression, once it's parsed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Path:
    """A document path: names of attributes, with placeholders resolved, and positions in lists."""

    steps: tuple[str | int, ...]

    def overlaps(self, other: Path) -> bool:
        """Whether one of two paths leads to a part of what the other leads to."""
        shared = min(len(self.steps), len(other.steps))
        return self.steps[:shared] == other.steps[:shared]


@dataclass(frozen=True)
class Placeholder:
    """A value given by ExpressionAttributeValues, e.g. `:limit`."""

    name: str


@dataclass(frozen=True)
class Call:
    """A function, a comparison (`=`, `BETWEEN`, `IN` …), a sum, or a junction (`AND`, `OR`, `NOT`) of operands."""

    name: str
    operands: Sequence[Operand]


Operand = Path | Placeholder | Call


@dataclass
class Update:
    """The actions of an update expression: section → (path, operand) pairs; REMOVE has no operands."""

    sections: dict[str, list[tuple[Path, Operand | None]]] = field(default_factory=dict)

    @property
    def paths(self) -> list[Path]:
        """All that the update changes."""
        return [path for section in self.sections.values() for path, _ in section]
