"""One truth for each prediction, whatever the order, and counts that add up."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore

from mlops.records.database import open_database
from mlops.records.standing import FeedbackCounts, make_standing
from mlops.records.truths import Truth
from tests.unit.mlops.records.bucket import (
    LABELS,
    NOON,
    REGRESSION,
    feedback,
    make_id,
    make_record,
    put_records,
    put_truths,
)

type Received = tuple[Truth, datetime]

IDS = [make_id(NOON, number) for number in range(4)]
truths = st.builds(
    Truth,
    st.sampled_from(IDS),
    st.sampled_from(LABELS),
    st.integers(0, 3).map(lambda hour: NOON + timedelta(hours=hour)),
)
received = st.lists(st.tuples(truths, st.integers(4, 6).map(lambda hour: NOON + timedelta(hours=hour))), max_size=12)


def stand(store: MemoryStore, **changes: Any) -> tuple[dict[str, tuple[Any, ...]], FeedbackCounts]:
    with open_database("200MB") as connection:
        counts, _ = make_standing(connection, feedback(store, **changes))
        rows = connection.execute("SELECT id::VARCHAR, truth, truth_at, received_at FROM standing").fetchall()
    return {row[0]: row[1:] for row in rows}, counts


def choose(lines: Sequence[Received]) -> dict[str, tuple[Any, ...]]:
    """The rule, written plainly."""
    best: dict[str, tuple[Any, ...]] = {}
    for truth, moment in lines:
        assert truth.prediction_id is not None
        rank = (truth.at, moment, truth.truth)
        if truth.prediction_id not in best or rank > best[truth.prediction_id]:
            best[truth.prediction_id] = rank
    return {name: (truth, at, moment) for name, (at, moment, truth) in best.items()}


@given(received, st.randoms(use_true_random=False), st.integers(1, 12))
@settings(max_examples=25, deadline=None)
def test_any_order_and_any_repetition_give_the_same_truths(lines: list[Received], random: Random, size: int) -> None:
    whole, shuffled = MemoryStore(), MemoryStore()
    for number, line in enumerate(lines):  # objects of one line are never the same as others
        put_truths(whole, [line[0], Truth(make_id(NOON, 1000 + number), "no", NOON)], line[1])
    again = [*lines, *random.sample(lines, len(lines) // 2)]
    random.shuffle(again)
    for number, line in enumerate(again):
        put_truths(shuffled, [line[0], Truth(make_id(NOON, 2000 + number), "no", NOON)], line[1])
    expected = choose(lines)
    for store in (whole, shuffled):
        found, _ = stand(store)
        assert {name: found[name] for name in found if name in IDS} == expected


@given(received)
@settings(max_examples=25, deadline=None)
def test_every_line_is_counted_once(lines: list[Received]) -> None:
    store = MemoryStore()
    by_receipt: dict[datetime, list[Truth]] = {}
    for truth, moment in lines:
        by_receipt.setdefault(moment, []).append(truth)
    stored: list[Received] = []
    for moment, part in by_receipt.items():
        put_truths(store, [*part, Truth(make_id(moment), "no", NOON)], moment)
        stored += [(truth, moment) for truth in part]
    found, counts = stand(store)
    marks = len(by_receipt)
    same = Counter((truth.prediction_id, truth.truth, truth.at) for truth, _ in stored)
    assert counts.received == len(stored) + marks
    assert counts.duplicates == sum(number - 1 for number in same.values())
    assert counts.standing == len(found) == len({truth.prediction_id for truth, _ in stored}) + marks
    assert counts.superseded == len(same) - len({name for name, _, _ in same})
    assert counts.received == counts.duplicates + counts.superseded + counts.standing
    assert {name: row for name, row in found.items() if name in IDS} == choose(stored)


def test_a_correction_stands_though_it_came_first() -> None:
    store = MemoryStore()
    put_truths(store, [Truth(IDS[0], "yes", NOON + timedelta(hours=2))], NOON + timedelta(hours=3))
    put_truths(store, [Truth(IDS[0], "no", NOON + timedelta(hours=1))], NOON + timedelta(hours=9))
    found, counts = stand(store)
    assert found[IDS[0]][0] == "yes"
    assert (counts.superseded, counts.duplicates) == (1, 0)


def test_lines_that_no_longer_fit_the_contract_are_counted_by_reason() -> None:
    store = MemoryStore()
    put_truths(store, [Truth(IDS[0], "maybe", NOON), Truth("not an id", "yes", NOON), Truth(IDS[1], "yes", NOON)], NOON)
    put_truths(store, [Truth(IDS[2], 1.5, NOON)], NOON)
    found, counts = stand(store)
    assert found.keys() == {IDS[1]}
    assert counts.invalid == {"label": 1, "prediction_id": 1, "unreadable": 1}
    assert counts.received == 4


def test_a_truth_that_is_a_number() -> None:
    store = MemoryStore()
    put_truths(store, [Truth(IDS[0], 1.5, NOON), Truth(IDS[0], 2.5, NOON)], NOON)
    found, counts = stand(store, contract=REGRESSION)
    assert found[IDS[0]][0] == 2.5
    assert counts.superseded == 1


def test_no_feedback_is_no_truth() -> None:
    assert stand(MemoryStore()) == ({}, FeedbackCounts())


KEY = ("customer", "age")
EARLIER = NOON - timedelta(days=60)


def keyed(customer: str, age: float, at: datetime, truth: str = "yes") -> Truth:
    return Truth(None, truth, at, {"customer": customer, "age": age})


def make_row(moment: datetime, number: int, customer: str, age: float) -> dict[str, Any]:
    return make_record(moment, number, inputs={"customer": customer, "age": age})


def test_a_key_means_the_latest_prediction_of_its_row_before_the_truth() -> None:
    store = MemoryStore()
    moments = [NOON + timedelta(days=days) for days in (0, 1, 5)]
    put_records(store, [make_row(moment, number, "ann", 41) for number, moment in enumerate(moments)])
    put_records(store, [make_row(moments[1], 7, "ann", 42), make_row(moments[1], 8, "bob", 41)], "others")
    put_truths(store, [keyed("ann", 41, NOON + timedelta(days=3))], NOON + timedelta(days=4))
    found, counts = stand(store, key=KEY)
    assert found.keys() == {make_id(moments[1], 1)}
    assert counts.standing == 1


@pytest.mark.parametrize(
    "truth",
    [
        keyed("eve", 41, EARLIER + timedelta(days=1)),
        keyed("ann", 41, EARLIER - timedelta(days=1)),
        keyed("ann", 41, EARLIER + timedelta(days=31)),
    ],
)
def test_a_key_without_a_prediction_before_it_and_not_too_long_is_unknown(truth: Truth) -> None:
    store = MemoryStore()
    put_records(store, [make_row(EARLIER, 0, "ann", 41)])
    put_truths(store, [truth], NOON)
    found, counts = stand(store, key=KEY, scan_days=30)
    assert (found, counts.unknown_keys, counts.received) == ({}, 1, 1)


def test_a_truth_by_key_and_one_by_id_are_one() -> None:
    store = MemoryStore()
    put_records(store, [make_row(NOON, 0, "ann", 41)])
    put_truths(store, [keyed("ann", 41, NOON + timedelta(hours=2), "no")], NOON + timedelta(days=1))
    put_truths(store, [Truth(make_id(NOON), "yes", NOON + timedelta(hours=3))], NOON + timedelta(days=1))
    found, counts = stand(store, key=KEY)
    assert {name: row[0] for name, row in found.items()} == {make_id(NOON): "yes"}
    assert counts.superseded == 1


def test_feedback_received_outside_the_window_does_not_count() -> None:
    store = MemoryStore()
    put_truths(store, [Truth(IDS[0], "yes", NOON)], datetime(2025, 12, 31, 23, 59, tzinfo=UTC))
    assert stand(store)[1].received == 0


def test_a_truth_says_when_any_truth_of_its_prediction_was_received_first() -> None:
    store = MemoryStore()
    hours = [NOON + timedelta(hours=hour) for hour in range(6)]
    put_truths(store, [Truth(IDS[0], "yes", hours[2]), Truth(IDS[1], "no", hours[0])], hours[3])
    put_truths(store, [Truth(IDS[0], "no", hours[1])], hours[2])
    put_truths(store, [Truth(IDS[0], "maybe", hours[0])], hours[1])  # no label
    with open_database("200MB") as connection:
        make_standing(connection, feedback(store))
        rows = connection.sql("SELECT CAST(id AS VARCHAR), truth, received_at, first_received FROM standing").fetchall()
    assert sorted(rows) == [(IDS[0], "yes", hours[3], hours[2]), (IDS[1], "no", hours[3], hours[3])]
