"""A recommender's events become a dataset when that's due: each event once, users as records have them."""

import csv
import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from obstore.store import MemoryStore
from pyarrow import parquet

from mlops.artifact.history import Pairs
from mlops.artifact.recommender.histories import hash_user, write_histories
from mlops.artifact.recommender.pseudonyms import make_pseudonym, read_pseudonym
from mlops.interactions import InteractionContract
from mlops.monitoring.learning.learner import NO_KEY, Learned, Learner
from mlops.records.events import EventLine, store_events
from mlops.registry.manifest.recommender import RecommenderManifest
from mlops.spec import RecommenderSpec
from mlops.spec.recommender import Learning
from tests.unit.mlops.monitoring.world import FakeBucket
from tests.unit.mlops.registry.samples import make_recommender_manifest

KEY = b"secret"
MODEL = "shop"
TRAINED = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
DUE = TRAINED + timedelta(days=7, hours=1)
EVENTS = {"shown": None, "view": 1.0, "purchase": 4.0}
LAST = "user,item,at,event\nann,i1,2026-11-01T10:00:00Z,view\nbob,i2,2026-11-02T10:00:00Z,purchase\n"


@dataclass
class Shop:
    """A recommender with a dataset, whose events are stored as the API stores them."""

    privacy: str = "hash"
    key: bytes = KEY
    learning: Learning = field(default_factory=lambda: Learning(every_days=7, min_events=2))
    changes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.records = MemoryStore()
        self.bucket = FakeBucket(objects={"datasets/shop/a.csv": LAST.encode()})

    @property
    def spec(self) -> RecommenderSpec:
        options = {"user_privacy": self.privacy, "time": "at", "event": "event", "events": EVENTS, **self.changes}
        return RecommenderSpec(name=MODEL, floors={}, learning=self.learning, **options)

    @property
    def manifest(self) -> RecommenderManifest:
        interactions = self.spec.interactions if not self.changes else Shop(self.privacy).spec.interactions
        changes = {"interactions": interactions, "created_at": TRAINED}
        return make_recommender_manifest().model_copy(update=changes)

    def happen(self, *events: tuple[str, str | None, str, str], at: datetime = TRAINED + timedelta(days=1)) -> None:
        """Events (id, user, item, name) of a moment, stored then."""
        lines = [
            EventLine(id=id_, item=item, event=name, time=at, user=None if user is None else self.recorded(user))
            for id_, user, item, name in events
        ]
        store_events(self.records, MODEL, lines, at)

    def recorded(self, user: str) -> str:
        """A user's id as the API writes it into a record."""
        return hash_user("user", user, self.key).hex() if self.privacy == "hash" else user

    def learn(self, now: datetime = DUE, manifest: RecommenderManifest | None = None) -> Learned | None:
        return self.learner.learn(manifest or self.manifest, now)

    def next_due(self) -> datetime | None:
        return self.learner.next_due(self.manifest)

    @property
    def learner(self) -> Learner:
        return Learner(
            records=self.records,
            bucket=self.bucket,  # type: ignore[arg-type]
            load_spec=lambda _: self.spec,
            key=self.key,
            delay=timedelta(minutes=5),
        )

    def rows(self, key: str) -> list[list[str]]:
        return list(csv.reader(io.StringIO(gzip.decompress(self.bucket.objects[key]).decode())))


def hidden(*users: str) -> list[str]:
    return [make_pseudonym(hash_user("user", user, KEY)) for user in users]


def test_what_users_did_becomes_a_dataset_after_the_last_one() -> None:
    shop = Shop()
    shop.happen(("e1", "ann", "i2", "view"), ("e2", "cid", "i1", "purchase"), ("e3", "cid", "i1", "shown"))
    shop.happen(("e1", "ann", "i2", "view"), at=TRAINED + timedelta(days=2))
    found = shop.learn()
    assert found == Learned(key="datasets/shop/events-20261130T0700Z.csv.gz", rows=4, new_rows=2)
    ann, bob, cid = hidden("ann", "bob", "cid")
    assert shop.rows("datasets/shop/events-20261130T0700Z.csv.gz") == [
        ["user", "item", "at", "event"],
        [ann, "i1", "2026-11-01T10:00:00Z", "view"],
        [bob, "i2", "2026-11-02T10:00:00Z", "purchase"],
        [ann, "i2", "2026-11-24T06:30:00.000Z", "view"],
        [cid, "i1", "2026-11-24T06:30:00.000Z", "purchase"],
    ]


def test_events_of_two_users_are_two_whatever_their_ids() -> None:
    shop = Shop()
    shop.happen(("1", "ann", "i2", "view"), ("1", "cid", "i1", "purchase"))
    found = shop.learn()
    assert found is not None
    assert (found.rows, found.new_rows) == (4, 2)


def test_whoever_repeats_it_changes_nothing_and_the_next_one_goes_on() -> None:
    shop = Shop()
    shop.happen(("e1", "ann", "i2", "view"), ("e2", "cid", "i1", "purchase"))
    first = shop.learn()
    assert first
    assert first.key
    content = shop.bucket.objects[first.key]
    # The one that made it was killed before anybody knew: the key is the same.
    del shop.bucket.objects[first.key]
    assert shop.learn() == first
    assert shop.bucket.objects[first.key] == content
    assert shop.learn(DUE + timedelta(hours=3)) is None
    # Trained on, and promoted: what comes later is added to it.
    made = shop.manifest.dataset.model_copy(update={"uri": f"s3://data/{first.key}"})
    champion = shop.manifest.model_copy(update={"dataset": made, "created_at": DUE})
    late = DUE + timedelta(days=1)
    shop.happen(("e4", "ann", "i1", "purchase"), ("e5", "dan", "i2", "view"), at=late)
    second = shop.learn(DUE + timedelta(days=7, hours=1), champion)
    assert second
    assert second.key
    assert second.new_rows == 2
    rows = shop.rows(second.key)
    assert [row[0] for row in rows[1:]] == [*hidden("ann", "bob", "ann", "cid"), *hidden("ann", "dan")]


def test_events_of_a_dataset_that_was_refused_come_again_in_the_next() -> None:
    shop = Shop()
    shop.happen(("e1", "ann", "i2", "view"), ("e2", "cid", "i1", "purchase"))
    assert shop.learn()
    shop.happen(("e3", "dan", "i2", "view"), at=DUE + timedelta(days=1))
    # The champion is still the one of the uploaded dataset.
    second = shop.learn(DUE + timedelta(days=7))
    assert second
    assert second.new_rows == 3


def test_it_waits_for_its_time_and_for_enough_events() -> None:
    shop = Shop()
    assert shop.learn(TRAINED + timedelta(days=6)) is None
    shop.happen(("e1", "ann", "i2", "view"), ("e2", None, "i1", "view"), ("e3", "ann", "i2", "shown"))
    assert shop.learn() == Learned(waiting="1 of 2 events since 2026-11-23 06:30 UTC, and 1 without a user")
    assert not shop.bucket.created
    shop.learning = Learning(every_days=None)
    assert shop.learn() is None


def test_events_of_a_dataset_arent_doubled_by_those_in_it_already() -> None:
    shop = Shop()
    shop.bucket.objects["datasets/shop/a.csv"] = f"{LAST}cid,i1,2026-11-24T06:30:00.000Z,purchase\n".encode()
    shop.happen(("e1", "ann", "i2", "view"), ("e2", "cid", "i1", "purchase"))
    found = shop.learn()
    assert found
    assert (found.rows, found.new_rows) == (4, 2)


def test_users_that_are_kept_stay_as_they_are_and_parquet_times_stay_times() -> None:
    shop = Shop(privacy="keep", key=b"")
    table = pa.table(
        {
            "user": ["ann"],
            "item": [7],
            "at": pa.array([datetime(2026, 11, 1, 10, 30, tzinfo=UTC)], pa.timestamp("us", "UTC")),
            "event": ["view"],
            "more": [1],
        }
    )
    sink = io.BytesIO()
    parquet.write_table(table, sink)
    shop.bucket.objects["datasets/shop/a.parquet"] = sink.getvalue()
    dataset = shop.manifest.dataset.model_copy(update={"uri": "s3://data/datasets/shop/a.parquet"})
    shop.happen(("e1", "ann", "i2", "view"), ("e2", "cid", "i1", "purchase"))
    found = shop.learn(manifest=shop.manifest.model_copy(update={"dataset": dataset}))
    assert found
    assert found.key
    assert shop.rows(found.key)[1:] == [
        ["ann", "7", "2026-11-01T10:30:00.000000Z", "view"],
        ["ann", "i2", "2026-11-24T06:30:00.000Z", "view"],
        ["cid", "i1", "2026-11-24T06:30:00.000Z", "purchase"],
    ]


@pytest.mark.parametrize(
    ("shop", "reason"),
    [
        (Shop(key=b""), NO_KEY),
        (Shop(privacy="drop"), "its users' ids never reach a record (user_privacy='drop'), so events have no user"),
        (
            Shop(changes={"item": "article"}),
            "the spec's columns aren't those that the champion was trained with any more",
        ),
    ],
)
def test_what_no_waiting_cures_is_refused(shop: Shop, reason: str) -> None:
    assert shop.learn() == Learned(refused=reason)


def test_a_dataset_that_was_deleted_is_named() -> None:
    shop = Shop()
    shop.happen(("e1", "ann", "i2", "view"), ("e2", "cid", "i1", "purchase"))
    shop.bucket.objects.clear()
    found = shop.learn()
    assert found == Learned(refused="the last dataset, s3://data/datasets/shop/a.csv, was deleted")


def test_a_version_knows_a_user_by_the_pseudonym_and_by_the_id() -> None:
    contract = InteractionContract(user="user", item="item", events={"view": 1.0})
    pairs = Pairs.reduce(np.array([0, 1]), np.ones(2), np.zeros(2, dtype=np.int64))

    def written(users: Sequence[str]) -> bytes:
        return write_histories(users, pairs, 2, contract.user, KEY).index

    assert written(["ann"]) == written(hidden("ann"))
    assert read_pseudonym("ann") is None
    assert read_pseudonym(f"{hidden('ann')[0]}0") is None
