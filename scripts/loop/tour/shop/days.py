"""Days of customers, until what they did has become a dataset and that a version, and two days of it."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time

from rich.markup import escape

from cli.errors import CommandError
from cli.reports import wait_for_report
from loop.errors import LoopFailed
from loop.screen import Screen
from loop.tour.timeline import write_figure
from loop.tour.waiting import await_version
from mlops.monitoring.layout import events_prefix
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.registry.store import open_store
from mlops.registry.versions import Versions
from mlops.spec import load_recommender_spec
from simulation.customers import Customers
from simulation.days import Days

AFTERWARDS = 2
LEARNS_AT = clock_time(1)
"""Up to when, in the night, events count, where monitoring runs at `simulation.days.DAILY`."""
_FIGURE, _UNKNOWN = 26, 26
_DATASET_SECONDS = 120
_TRAINING_SECONDS = 300


@dataclass(frozen=True)
class Learnt:
    """The version that followed by itself, and its dataset's rows, of which so many are new."""

    version: int
    rows: int
    new_rows: int


@dataclass(frozen=True)
class ShopDays:
    """Lets days pass in which so many customers come."""

    screen: Screen
    days: Days
    customers: Customers
    a_day: int

    def play(self) -> Learnt:
        """The days; what was learnt from them. Raises LoopFailed if it's nothing, or not promoted."""
        morning, due, number = self.days.begin(), self._due(), 0
        people = f"{self.a_day} of {self.customers.shop.users} people"
        self.screen.line(f"\n[bold]{people} come each day[/], are shown items, click, look around, buy")
        head = f"{'answers with a click':<{_FIGURE}}{'to people with new items':<{_UNKNOWN}}events"
        self.screen.line(f"[bold]{'day':>3}  {'date':<6}  by  {head}[/]")
        learnt = None
        while learnt is None:
            number += 1
            day = morning.date() + timedelta(days=number - 1)
            self._pass(number, day)
            if datetime.combine(day + timedelta(days=1), LEARNS_AT, UTC) >= due:
                learnt = self._await_learning()
        for _ in range(AFTERWARDS):
            number += 1
            self._pass(number, morning.date() + timedelta(days=number - 1))
        return learnt

    def _due(self) -> datetime:
        """From when on the events are due to become a dataset."""
        every_days = load_recommender_spec(self.customers.api.model).learning.every_days
        assert every_days is not None
        return self._manifest(1).created_at + timedelta(days=every_days)

    def _manifest(self, version: int) -> RecommenderManifest:
        store = open_store(f"s3://{self.days.stack.outputs['ModelsBucketName']}")
        return Versions(store, self.customers.api.model).recommender(version)

    def _pass(self, number: int, day: date) -> None:
        """A day: the customers come, the night comes, and monitoring looks at the day."""
        came = self.customers.come(number, self.a_day, self.days.now)
        model = self.customers.api.model
        self.days.end_day(model, day)
        facts = self.days.facts(model, day).recommendations
        assert facts
        figure = write_figure(facts.all_answers.clicks if facts.all_answers else None)
        unknown = f"{facts.unknown_items.value:.0%}" if facts.unknown_items else ""
        by = ",".join(f"v{version}" for version in came.versions)
        self.screen.line(
            f"{number:>3}  {day:%d %b}  {by:<2}  {figure:<{_FIGURE}}{unknown:<{_UNKNOWN}}{came.events:>4,}"
        )

    def _await_learning(self) -> Learnt:
        """What follows from the days' events: a dataset, a training, and a version that is champion."""
        stack = self.days.stack
        bucket, key = stack.outputs["DataBucketName"], self._await_dataset()
        found = stack.s3.head_object(Bucket=bucket, Key=key)
        rows, new_rows = (int(found["Metadata"][name]) for name in ("rows", "new-rows"))
        self._tell(f"● a dataset by itself: {new_rows:,} new events after the {rows - new_rows:,} of the first one")
        report = wait_for_report(stack, bucket, key, found.get("VersionId"), _TRAINING_SECONDS)
        if report["outcome"] != "promoted":
            raise LoopFailed(f"The version on {key} was {report['outcome']}: {report['reason']}")
        version = int(report["version"])
        await_version(self.customers.api, version)
        self._tell(f"● version {version} passed its gates and is champion; nobody did anything")
        (against,) = (each for each in self._manifest(version).gates if each.name == "champion")
        self.screen.line(f"{'':>19}[dim]{escape((against.detail or '').partition(' (')[0])}[/]")
        return Learnt(version, rows, new_rows)

    def _await_dataset(self) -> str:
        """The key of the dataset that the night's run makes of the events."""
        stack, model = self.days.stack, self.customers.api.model
        deadline = time.monotonic() + _DATASET_SECONDS
        while time.monotonic() < deadline:
            listed = stack.s3.list_objects_v2(Bucket=stack.outputs["DataBucketName"], Prefix=events_prefix(model))
            if keys := [each["Key"] for each in listed.get("Contents", []) if each["Key"].endswith(".csv.gz")]:
                return keys[0]
            time.sleep(0.2)
        raise CommandError(
            f"The events made no dataset within {_DATASET_SECONDS} s. `scripts/mlops logs errors` may say why."
        )

    def _tell(self, text: str) -> None:
        self.screen.line(f"{'':>17}[bold green]{text}[/]")
