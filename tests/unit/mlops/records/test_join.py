from datetime import UTC, datetime, timedelta
from typing import Any

import obstore
import pytest
from obstore.store import MemoryStore

from mlops.records import join
from mlops.records.join import Joined, join_truths
from mlops.records.truths import Truth
from mlops.records.window import Window
from tests.unit.mlops.records.bucket import (
    DAY,
    NOON,
    feedback,
    make_id,
    make_record,
    put_lines,
    put_records,
    put_truths,
)


def collect(joined: Joined) -> list[dict[str, Any]]:
    return [row for table in joined for row in table.to_pylist()]


def total(joined: Joined) -> int:
    counts = joined.counts
    parts = (counts.used, counts.superseded, counts.duplicates, counts.unknown, counts.elsewhere)
    return sum(parts) + sum(counts.invalid.values())


@pytest.fixture
def store() -> MemoryStore:
    """An hour of predictions, a minute apart."""
    store = MemoryStore()
    put_records(store, [make_record(NOON + timedelta(minutes=number), number) for number in range(60)])
    return store


def name(number: int) -> str:
    return make_id(NOON + timedelta(minutes=number), number)


def test_a_prediction_comes_with_its_truth_and_without_one_not_at_all(store: MemoryStore) -> None:
    at, received = NOON + timedelta(days=1), NOON + timedelta(days=2)
    put_truths(store, [Truth(name(number), "no", at) for number in (3, 5)], received)
    joined = join_truths(feedback(store), DAY)
    rows = collect(joined)
    assert [row["prediction_id"] for row in rows] == [name(3), name(5)]
    assert {(row["label"], row["truth"], row["truth_at"], row["received_at"]) for row in rows} == {
        ("yes", "no", at, received)
    }
    assert rows[0]["inputs"]["mean income"] == 1000.5
    assert (joined.counts.used, joined.counts.received, joined.prediction_report.records) == (2, 2, 60)


def test_columns_can_be_chosen(store: MemoryStore) -> None:
    put_truths(store, [Truth(name(0), "no", NOON)], NOON)
    (row,) = collect(join_truths(feedback(store), fields=["label", "inputs"], inputs=["age"]))
    assert row.keys() == {
        *("prediction_id", "timestamp", "model_version", "label", "inputs"),
        *("truth", "truth_at", "received_at"),
    }
    assert row["inputs"] == {"age": 41.0}


def test_a_record_that_was_delivered_twice_is_used_once(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(join, "_BATCH", 2048)
    put_records(store, [make_record(NOON + timedelta(minutes=number), number) for number in range(60)], "again")
    put_records(store, [make_record(NOON, 0)] * 3, "thrice")
    put_truths(store, [Truth(name(number), "no", NOON) for number in range(10)], NOON)
    joined = join_truths(feedback(store), DAY)
    assert [row["prediction_id"] for row in collect(joined)] == [name(number) for number in range(10)]
    assert joined.counts.used == 10


def test_without_a_window_the_ids_name_the_days(store: MemoryStore) -> None:
    months_ago = NOON - timedelta(days=100)
    put_records(store, [make_record(months_ago)])
    put_records(store, [make_record(NOON - timedelta(days=50))], "not looked at")
    truths = [Truth(make_id(months_ago), "no", NOON), Truth(name(1), "no", NOON), Truth(make_id(NOON, 77), "no", NOON)]
    put_truths(store, truths, NOON)
    joined = join_truths(feedback(store))
    assert {row["prediction_id"] for row in collect(joined)} == {make_id(months_ago), name(1)}
    assert (joined.counts.used, joined.counts.unknown, joined.counts.elsewhere) == (2, 1, 0)
    assert joined.prediction_report.objects == 2


def test_truths_of_other_times_are_elsewhere_and_not_unknown(store: MemoryStore) -> None:
    before, after = NOON - timedelta(days=3), NOON + timedelta(days=3)
    put_truths(store, [Truth(make_id(before), "no", after), Truth(make_id(after), "no", after)], after)
    put_truths(store, [Truth(name(1), "no", after), Truth(make_id(NOON, 99), "no", after)], after)
    joined = join_truths(feedback(store), DAY)
    assert len(collect(joined)) == 1
    assert (joined.counts.used, joined.counts.unknown, joined.counts.elsewhere) == (1, 1, 2)
    assert total(joined) == joined.counts.received == 4


def test_a_prediction_at_midnight_belongs_to_the_day_of_its_record() -> None:
    store = MemoryStore()
    midnight = datetime(2026, 11, 29, tzinfo=UTC)
    made = midnight - timedelta(milliseconds=1)  # its record is written at midnight
    put_records(store, [make_record(made)])
    put_truths(store, [Truth(make_id(made), "no", midnight)], midnight)
    before, after = (join_truths(feedback(store), Window.of_day(day.date())) for day in (made, midnight))
    assert (len(collect(before)), len(collect(after))) == (0, 1)
    assert (before.counts.used, before.counts.unknown, before.counts.elsewhere) == (0, 0, 1)
    assert (after.counts.used, after.counts.unknown, after.counts.elsewhere) == (1, 0, 0)
    anywhere = join_truths(feedback(store))
    assert len(collect(anywhere)) == 1


def test_nothing_joins_nothing() -> None:
    joined = join_truths(feedback(MemoryStore()))
    assert collect(joined) == []
    assert total(joined) == joined.counts.received == 0


def test_reports_name_what_could_not_be_read(store: MemoryStore) -> None:

    put_lines(store, "bad", [b"bad"])
    key = put_truths(store, [Truth(name(0), "no", NOON)], NOON)

    obstore.put(store, key.replace(".json.gz", "0.json.gz"), b"no gzip")
    joined = join_truths(feedback(store), DAY)
    assert len(collect(joined)) == 1
    assert joined.prediction_report.unreadable == 1
    assert len(joined.feedback_report.damaged) == 1
