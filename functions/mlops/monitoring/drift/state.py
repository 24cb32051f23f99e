"""The state of a version's drift tests between two looks, ready for JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from mlops.monitoring.drift.effect import Sample
from mlops.monitoring.drift.evidence import Evidence
from mlops.monitoring.drift.reference import Part


@dataclass(frozen=True)
class Window:
    """A stretch of records, from `start` to before `end` (both with a time zone)."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class ColumnState:
    """One column: the evidence of each of its tests, and samples of its last days by date, oldest first."""

    evidence: dict[Part, Evidence]
    days: dict[str, Sample]

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return {
            "evidence": {part: evidence.to_dict() for part, evidence in self.evidence.items()},
            "days": {day: sample.to_dict() for day, sample in self.days.items()},
        }

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Self:
        """The state that `to_dict` described."""
        return cls(
            {part: Evidence.from_dict(evidence) for part, evidence in fields["evidence"].items()},
            {day: Sample.from_dict(sample) for day, sample in fields["days"].items()},
        )


@dataclass(frozen=True)
class DriftState:
    """A model version's columns since its first window, whose start is `begun`; `last` is the latest window."""

    begun: datetime
    last: Window
    columns: dict[str, ColumnState]

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return {
            "begun": self.begun.isoformat(),
            "last": [self.last.start.isoformat(), self.last.end.isoformat()],
            "columns": {name: column.to_dict() for name, column in self.columns.items()},
        }

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Self:
        """The state that `to_dict` described."""
        return cls(
            datetime.fromisoformat(fields["begun"]),
            Window(*map(datetime.fromisoformat, fields["last"])),
            {name: ColumnState.from_dict(column) for name, column in fields["columns"].items()},
        )
