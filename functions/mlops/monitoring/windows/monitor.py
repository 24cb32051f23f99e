"""One look at one window of a model: its facts, and the state that the next look goes on from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlops.contract import Contract
from mlops.errors.training import SpecInvalid
from mlops.monitoring.facts import FeedbackFacts, RealisedFacts, Revision, VersionFacts, WindowFacts
from mlops.monitoring.windows.day import VersionDay
from mlops.monitoring.windows.requests import Requests, count_requests
from mlops.monitoring.windows.scan import Joining, Records, VersionRecords, scan
from mlops.monitoring.windows.state import REACH, ModelState, VersionState
from mlops.monitoring.windows.truths import Truths, no_truths, read_truths
from mlops.monitoring.windows.versions import read_version
from mlops.records.find import LOG_DELAY
from mlops.records.standing import FeedbackCounts, FeedbackSource
from mlops.records.window import Window
from mlops.registry.store import Store
from mlops.registry.versions import Versions
from mlops.spec import ModelSpec

if TYPE_CHECKING:
    from obstore.store import ObjectStore

type State = Mapping[str, Any]
"""A model's state between two looks, ready for JSON: nobody else needs to read it."""


@dataclass(frozen=True)
class Look:
    """What a look found, and the model's state after it."""

    facts: WindowFacts
    state: State


@dataclass(frozen=True)
class Monitor:
    """Looks at windows of the models in a registry.

    `records` is the records bucket. `load_spec` gives a model's spec, whose metric and margin decide what a loss is; it
    raises SpecInvalid where there's none, and then no loss is tested.
    """

    registry: Store
    records: "ObjectStore"
    load_spec: Callable[[str], ModelSpec]

    def look(self, model: str, window: Window, state: State | None) -> Look:
        """The facts of a whole day, or those of an hour about traffic alone, which leave the state as it is.

        The same window, records and state before (None before the first look) give the same result. Days are looked at
        in order: raises ValueError for one that isn't after the last one, and for a window that's neither a day nor an
        hour.
        """
        before = ModelState.from_dict(state)
        requests = count_requests(self.records, model, window)
        if window != Window.of_day(window.start.date()):
            return Look(self._look_at_hour(model, window, requests), before.to_dict())
        day = window.start.date()
        if before.day is not None and day <= before.day:
            raise ValueError(f"{day} was looked at before: the last day is {before.day}")
        return _DayLook(self, model, window, before).run(requests)

    def _look_at_hour(self, model: str, window: Window, requests: Requests) -> WindowFacts:
        records = scan(self.records, model, window)
        versions = tuple(
            VersionFacts(version=number, role=each.service.role, service=each.service.facts())
            for number, each in sorted(records.versions.items())
        )
        return _window_facts(model, window, versions, requests, records)


def restart_tests(state: State, version: int) -> State:
    """The state with the version's tests for loss begun anew, as after an incident is closed: alarms are for good."""
    return ModelState.from_dict(state).without_tests(version).to_dict()


@dataclass
class _DayLook:
    """A day as it's being looked at. `watched` are its versions so far, or why one can't be watched."""

    monitor: Monitor
    model: str
    window: Window
    before: ModelState
    watched: dict[int, VersionDay | str] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.spec: ModelSpec | None = None
        self.no_spec: tuple[str, ...] = ()
        try:
            self.spec = self.monitor.load_spec(self.model)
        except SpecInvalid as error:
            self.no_spec = (f"Loss isn't tested: {error}",)
        self.versions = Versions(self.monitor.registry, self.model)

    def run(self, requests: Requests) -> Look:
        """First the earlier days about which truth came, then this one, then what follows from both."""
        news, truths, counts = self._read_feedback()
        joined = np.zeros(len(truths), np.bool_)
        day = self.window.start.date()
        for earlier in news.days():
            if day - REACH <= earlier < day:
                joined |= self._revise(earlier, truths)
        own = self._scan(day, truths, sampled=True)
        realised = {number: self._look(number, records) for number, records in own.versions.items()}
        versions = tuple(
            self._describe(number, own.versions.get(number, VersionRecords()), realised.get(number))
            for number in sorted({*self.watched, *own.versions})
        )
        found = _window_facts(self.model, self.window, versions, requests, own).model_copy(
            update={
                "feedback": self._count_feedback(news, truths, counts, joined | own.joined),
                "damaged": tuple(sorted({*self.damaged, *requests.damaged})),
                "revisions": tuple(self.revisions),
            }
        )
        states = {number: each.state for number, each in self.watched.items() if isinstance(each, VersionDay)}
        return Look(found, self.before.after(day, states).to_dict())

    def _read_feedback(self) -> tuple[Truths, Truths, FeedbackCounts]:
        """The truths received in the window, and all there are of the days that they are about; and their lines."""
        contract = self.spec.contract if self.spec else self._newest_contract()
        if contract is None:
            return no_truths(()), no_truths(()), FeedbackCounts()
        recorded = [column.name for column in contract.columns if column.privacy != "drop"]
        key = [name for name in (self.spec.key if self.spec else ()) if name in recorded]
        source = FeedbackSource(self.monitor.records, self.model, contract, self.window, key)
        news, counts, damaged = read_truths(source)
        self.damaged += damaged
        days = [day for day in news.days() if day >= self.window.start.date() - REACH]
        if not days:
            return news, news, counts
        start = min(Window.of_day(days[0]).start, self.window.start) - LOG_DELAY
        truths, _, damaged = read_truths(replace(source, received=Window(start, self.window.end)))
        self.damaged += damaged
        return news, truths, counts

    def _newest_contract(self) -> Contract | None:
        numbers = self.versions.numbers()
        return self.versions.table(numbers[-1]).contract if numbers else None

    def _revise(self, day: date, truths: Truths) -> NDArray[np.bool_]:
        """Measure an earlier day again; returns which truths were joined."""
        records = self._scan(day, truths, sampled=False)
        for number, found in sorted(records.versions.items()):
            watched = self._version(number, day)
            if found.renewed and isinstance(watched, VersionDay):
                revision = Revision(window=day.isoformat(), version=number, realised=watched.realise(day, found))
                self.revisions.append(revision)
        return records.joined

    def _look(self, number: int, records: VersionRecords) -> RealisedFacts | None:
        day = self.window.start.date()
        watched = self._version(number, day)
        if isinstance(watched, str):
            return None
        watched.look(records)
        return watched.realise(day, records)

    def _scan(self, day: date, truths: Truths, *, sampled: bool) -> Records:
        def take_new(number: int, lines: Sequence[bytes], truth: Sequence[str | float]) -> None:
            watched = self._version(number, day)
            if isinstance(watched, VersionDay):
                watched.take_new(lines, truth, day)

        store, window = self.monitor.records, Window.of_day(day)
        records = scan(store, self.model, window, Joining(truths, self.window, take_new), sampled=sampled)
        self.damaged += records.damaged
        return records

    def _version(self, number: int, day: date) -> VersionDay | str:
        if number not in self.watched:
            found = read_version(self.versions, number)
            if not isinstance(found, str):
                state = self.before.versions.get(number) or VersionState(day)
                self.watched[number] = VersionDay(found, self.spec, self.window, state)
            else:
                self.watched[number] = found
        return self.watched[number]

    def _describe(self, number: int, records: VersionRecords, realised: RealisedFacts | None) -> VersionFacts:
        watched = self.watched[number]
        if isinstance(watched, str):
            service = records.service
            return VersionFacts(version=number, role=service.role, service=service.facts(), remarks=(watched,))
        facts = watched.facts(records.service, realised)
        return facts.model_copy(update={"remarks": (*facts.remarks, *self.no_spec)})

    def _count_feedback(
        self, news: Truths, truths: Truths, counts: FeedbackCounts, joined: NDArray[np.bool_]
    ) -> FeedbackFacts:
        rows, places = truths.find(news.ids)
        found = np.zeros(len(news), np.bool_)
        found[rows] = joined[places]
        first = Window.of_day(self.window.start.date() - REACH).start
        late = ~found & news.made_before(first)
        return FeedbackFacts(
            received=counts.received,
            standing=int(found.sum()),
            duplicates=counts.duplicates,
            superseded=counts.superseded,
            unknown=int((~found & ~late).sum()) + counts.unknown_keys,
            too_late=int(late.sum()),
            invalid=counts.invalid,
        )


def _window_facts(
    model: str, window: Window, versions: tuple[VersionFacts, ...], requests: Requests, records: Records
) -> WindowFacts:
    return WindowFacts(
        model=model,
        window=window.id,
        versions=versions,
        refused=dict(sorted(requests.refused.items())),
        errors=requests.failed,
        unreadable=records.unreadable + requests.unreadable,
        damaged=tuple(sorted({*records.damaged, *requests.damaged})),
    )
