"""What a report is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from mlops.contract import Column, Contract
from mlops.monitoring.answers import answer_columns
from mlops.monitoring.drift import Reference
from mlops.monitoring.facts import RealisedFacts, VersionFacts, WindowFacts
from mlops.monitoring.incident import Incident
from mlops.registry.aliases import CHAMPION, Move

MOST_WINDOWS = 90
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Background:
    """A version as it was trained: its contract, and the drift references by column, its answers' under the target's
    name."""

    contract: Contract
    references: Mapping[str, Reference] = field(default_factory=dict)

    def column(self, name: str) -> Column:
        """The contract's column, or one of the answers."""
        known = (*self.contract.columns, *answer_columns(self.contract))
        return next((column for column in known if column.name == name), None) or Column(name=name)


@dataclass(frozen=True)
class Report:
    """The content of a report.

    `facts` are those of the window, `history` those of the earlier ones of the same length; `incidents` are the
    model's, `moves` the history of its champion's alias, both oldest first; `versions` are the versions that served, by
    number. One that isn't known has no pictures of its columns.
    """

    facts: WindowFacts
    history: tuple[WindowFacts, ...] = ()
    incidents: tuple[Incident, ...] = ()
    moves: tuple[Move, ...] = ()
    versions: Mapping[int, Background] = field(default_factory=dict)

    @cached_property
    def windows(self) -> tuple[WindowFacts, ...]:
        """The windows that the report shows, oldest first, the last one being the report's own.

        Their performance is that of all truth since: the latest revision of a window stands.
        """
        length = len(self.facts.window)
        earlier = {
            each.window: each for each in self.history if len(each.window) == length and each.window < self.facts.window
        }
        found = (*(earlier[name] for name in sorted(earlier)), self.facts)[-MOST_WINDOWS:]
        revised = {(each.window, each.version): each.realised for window in found for each in window.revisions}
        return tuple(_revise(window, revised) for window in found)

    @cached_property
    def subject(self) -> VersionFacts | None:
        """The version that the report is about, None if nothing was asked of any."""
        return main_version(self.windows[-1])

    @property
    def background(self) -> Background | None:
        """The version that the report is about, as it was trained."""
        return self.versions.get(self.subject.version) if self.subject else None

    @property
    def end(self) -> datetime:
        """The end of the window, UTC."""
        return window_start(self.facts.window) + window_length(self.facts.window)

    @property
    def open_incident(self) -> Incident | None:
        """The incident that isn't closed, if there is one."""
        return next((each for each in reversed(self.incidents) if each.closed_at is None), None)


def _revise(window: WindowFacts, revised: Mapping[tuple[str, int], RealisedFacts]) -> WindowFacts:
    versions = tuple(
        version.model_copy(update={"realised": revised.get((window.window, version.version), version.realised)})
        for version in window.versions
    )
    return window.model_copy(update={"versions": versions})


def main_version(facts: WindowFacts) -> VersionFacts | None:
    """The version that answered most as champion; of any role if none did as champion."""
    asked = [version for version in facts.versions if version.service.predictions]
    return max(asked, key=lambda each: (each.role == CHAMPION, each.service.predictions, each.version), default=None)


def window_start(window: str) -> datetime:
    """When a window begins, UTC."""
    return datetime.fromisoformat(window if "T" not in window else f"{window}:00").replace(tzinfo=UTC)


def window_length(window: str) -> timedelta:
    """An hour or a day."""
    return HOUR if "T" in window else DAY
