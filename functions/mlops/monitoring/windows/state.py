"""What the looks at a model's days go on from, ready for JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Self

from mlops.monitoring.drift import DriftState
from mlops.monitoring.estimate.history import KEPT, EstimateHistory
from mlops.monitoring.windows.latency import LatencyTest
from mlops.monitoring.windows.losses import Losses

REACH = timedelta(days=35)
"""How late truth may come: that of older predictions isn't looked for any more."""


@dataclass(frozen=True)
class VersionState:
    """A version after `last`, the latest day on which it answered or truth came, in its latest `role`.

    `truths_of` has, for the latest windows in which new truths came, the day whose predictions most of them are about.
    """

    last: date
    role: str = ""
    drift: DriftState | None = None
    losses: Losses | None = None
    estimates: EstimateHistory = field(default_factory=EstimateHistory)
    truths_of: Mapping[str, str] = field(default_factory=dict)
    latency: LatencyTest = field(default_factory=LatencyTest)

    def with_truths(self, window: str, days: Mapping[date, int]) -> Self:
        """After new truths came in a window, about so many predictions of each day: the day of most of them is kept."""
        if not days:
            return self
        most = min(days, key=lambda day: (-days[day], day))
        kept = dict(sorted({**self.truths_of, window: most.isoformat()}.items())[-KEPT:])
        return replace(self, truths_of=kept)

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return {
            "last": self.last.isoformat(),
            "role": self.role,
            "drift": None if self.drift is None else self.drift.to_dict(),
            "losses": None if self.losses is None else self.losses.to_dict(),
            "estimates": self.estimates.to_dict(),
            "truths_of": dict(self.truths_of),
            "latency": self.latency.to_dict(),
        }

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """The state that `to_dict` described."""
        return cls(
            date.fromisoformat(fields["last"]),
            fields["role"],
            None if fields["drift"] is None else DriftState.from_dict(fields["drift"]),
            None if fields["losses"] is None else Losses.from_dict(fields["losses"]),
            EstimateHistory.from_dict(fields["estimates"]),
            dict(fields["truths_of"]),
            LatencyTest.from_dict(fields["latency"]),
        )


@dataclass(frozen=True)
class ModelState:
    """A model's versions after its day `day`; None before the first."""

    day: date | None = None
    versions: Mapping[int, VersionState] = field(default_factory=dict)

    def after(self, day: date, versions: Mapping[int, VersionState]) -> Self:
        """After a day in which some versions were looked at; those of which no truth can come any more are left out."""
        every = {**self.versions, **versions}
        kept = {number: every[number] for number in sorted(every) if every[number].last >= day - REACH}
        return replace(self, day=day, versions=kept)

    def without_tests(self, number: int) -> Self:
        """With the version's tests for loss begun anew."""
        if number not in self.versions:
            return self
        return replace(self, versions={**self.versions, number: replace(self.versions[number], losses=None)})

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        versions = {str(number): each.to_dict() for number, each in self.versions.items()}
        return {"day": None if self.day is None else self.day.isoformat(), "versions": versions}

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any] | None) -> Self:
        """The state that `to_dict` described; nothing is the state before the first look."""
        if not fields:
            return cls()
        versions = {int(number): VersionState.from_dict(each) for number, each in fields["versions"].items()}
        day = fields["day"]
        return cls(None if day is None else date.fromisoformat(day), versions)
