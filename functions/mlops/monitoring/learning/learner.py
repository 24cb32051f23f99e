"""When a recommender's events are due to become a dataset, and what came of it.

Nothing is remembered: the name of a dataset says up to when its events were received, and whoever makes it again
changes nothing. So a run may be repeated, killed anywhere, missed, or happen beside another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from duckdb import DuckDBPyConnection

from mlops.errors.monitoring import RetrainingRefused
from mlops.interactions import InteractionContract
from mlops.monitoring.layout import events_dataset_key, events_prefix, events_until
from mlops.monitoring.learning.dataset import hide_users, write_dataset
from mlops.monitoring.learning.events import load_fresh
from mlops.monitoring.retraining.bucket import DataBucket
from mlops.monitoring.retraining.last import load_last
from mlops.records.database import open_database
from mlops.records.window import Window
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.spec.recommender import RecommenderSpec

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_MEMORY = "800MB"
NO_KEY = (
    "its users' ids are hashed in records, and there's no key to hash them with (PRIVACY_KEY), so events have no user"
)


@dataclass(frozen=True)
class Learned:
    """A dataset that was made of events: its key, its rows and those of them that are new; or why there is none.

    With a `waiting` there'll be one later, with a `refused` not until a person has changed something.
    """

    key: str | None = None
    rows: int = 0
    new_rows: int = 0
    waiting: str | None = None
    refused: str | None = None


@dataclass(frozen=True, kw_only=True)
class Learner:
    """Makes datasets of events. `key` is the system's privacy key, `delay` how long an event may take to be stored."""

    records: "ObjectStore"
    bucket: DataBucket
    load_spec: Callable[[str], RecommenderSpec]
    key: bytes
    delay: timedelta

    def learn(self, manifest: RecommenderManifest, now: datetime) -> Learned | None:
        """Make the dataset that is due by now for a model with this champion; None if none is due.

        Raises what the buckets and SpecInvalid raise.
        """
        spec, due = self.load_spec(manifest.model), self.next_due(manifest)
        if due is None or now < due:
            return None
        return self._make(manifest, spec, _whole_hour(now - self.delay))

    def next_due(self, manifest: RecommenderManifest) -> datetime | None:
        """From when on the next dataset of a model with this champion is due; None if none is made by itself.

        Datasets end with whole hours, whose last events must be there. Raises what the data bucket and SpecInvalid
        raise.
        """
        every = self.load_spec(manifest.model).learning.every_days
        if every is None:
            return None
        moment = self._last_made(manifest) + timedelta(days=every)
        whole = _whole_hour(moment)
        return (whole if whole == moment else whole + timedelta(hours=1)) + self.delay

    def learn_until(self, manifest: RecommenderManifest, until: datetime) -> Learned:
        """Make the dataset of the events received until a whole minute, however short the last one is ago.

        Raises what `learn` raises.
        """
        spec = self.load_spec(manifest.model)
        if spec.learning.every_days is None:
            return Learned(refused="the spec has learning off")
        return self._make(manifest, spec, until)

    def _last_made(self, manifest: RecommenderManifest) -> datetime:
        """When the last dataset was due, whatever became of it, or when the champion was trained."""
        made = [events_until(key) for key in self.bucket.list_keys(events_prefix(manifest.model))]
        return max([manifest.created_at, *(moment for moment in made if moment)])

    def _make(self, manifest: RecommenderManifest, spec: RecommenderSpec, until: datetime) -> Learned:
        known = _known_until(manifest)
        if known >= until:
            return Learned(waiting=f"the champion has learnt from all events until {known:%Y-%m-%d %H:%M} UTC")
        try:
            return self._write(manifest, spec, Window(known, until))
        except RetrainingRefused as refusal:
            return Learned(refused=refusal.reason)

    def _write(self, manifest: RecommenderManifest, spec: RecommenderSpec, received: Window) -> Learned:
        contract = spec.interactions
        if problem := _problem(manifest.interactions, contract, self.key):
            raise RetrainingRefused(spec.name, problem)
        with TemporaryDirectory() as name, open_database(_MEMORY) as connection:
            folder = Path(name)
            counted = load_fresh(connection, self.records, spec.name, contract, received)
            if counted.usable < spec.learning.min_events:
                lost = f", and {counted.without_user:,} without a user" if counted.without_user else ""
                return Learned(
                    waiting=f"{counted.usable:,} of {spec.learning.min_events:,} events since "
                    f"{received.start:%Y-%m-%d %H:%M} UTC{lost}"
                )
            self._load_last(connection, manifest, contract, folder / "last")
            hide_users(connection, contract, spec.fold_case, self.key)
            rows = write_dataset(connection, contract, folder / "dataset.csv.gz")
            key = events_dataset_key(spec.name, received.end)
            given = {"rows": str(rows), "new-rows": str(counted.usable), "until": received.end.isoformat()}
            found = self.bucket.create(key, folder / "dataset.csv.gz", given)
        return Learned(key=key, rows=int(found["rows"]), new_rows=int(found["new-rows"]))

    def _load_last(
        self, connection: DuckDBPyConnection, manifest: RecommenderManifest, contract: InteractionContract, file: Path
    ) -> None:
        dataset = manifest.dataset
        key = dataset.uri.removeprefix("s3://").partition("/")[2]
        if not self.bucket.download(key, dataset.s3_version, file):
            raise RetrainingRefused(manifest.model, f"the last dataset, {dataset.uri}, was deleted")
        load_last(connection, file, key, manifest.model, contract.columns)


def _whole_hour(moment: datetime) -> datetime:
    """The last whole hour by a moment."""
    return moment.replace(minute=0, second=0, microsecond=0)


def _known_until(manifest: RecommenderManifest) -> datetime:
    """Up to when the champion's dataset has the events that were received."""
    return events_until(manifest.dataset.uri.partition("://")[2].partition("/")[2]) or manifest.created_at


def _problem(trained: InteractionContract, wanted: InteractionContract, key: bytes) -> str | None:
    """Why events can't be added to the last dataset, or None."""
    if trained.columns != wanted.columns or trained.user_privacy != wanted.user_privacy:
        return "the spec's columns aren't those that the champion was trained with any more"
    if wanted.user_privacy == "drop":
        return "its users' ids never reach a record (user_privacy='drop'), so events have no user"
    if wanted.user_privacy == "hash" and not key:
        return NO_KEY
    if wanted.time is None:
        return "its dataset has no times, which events have"
    return None
