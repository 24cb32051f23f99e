"""The truth of one prediction is the one that stands among all, whatever was received, and in whatever order."""

import json
from datetime import datetime, timedelta
from typing import Any

import obstore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore

from mlops.contract import Contract
from mlops.records.database import open_database
from mlops.records.layout import feedback_key
from mlops.records.one_truth import Truths, find_truths
from mlops.records.standing import make_standing
from mlops.records.truths import Truth
from mlops.records.write import compress
from tests.unit.mlops.records.bucket import (
    CONTRACT,
    LABELS,
    MODEL,
    NOON,
    REGRESSION,
    feedback,
    make_id,
    make_record,
    put_truths,
)

IDS = [make_id(NOON, number) for number in range(3)]
labels = st.sampled_from((*LABELS, "maybe"))
numbers = st.sampled_from((-1.5, 0.0, 2.0, 2.5))
hours = st.integers(0, 3).map(lambda hour: NOON + timedelta(hours=hour))
receipts = st.integers(4, 40).map(lambda hour: NOON + timedelta(hours=hour))
TODAY = (NOON + timedelta(days=3)).date()


def find(store: MemoryStore, number: int = 0, contract: Contract = CONTRACT, **options: Any) -> Truths:
    record = make_record(NOON, number)
    return find_truths(store, record, contract, options.pop("today", TODAY), **options)


def stand(store: MemoryStore, contract: Contract) -> dict[str, tuple[Any, ...]]:
    with open_database("200MB") as connection:
        make_standing(connection, feedback(store, contract))
        rows = connection.execute("SELECT id::VARCHAR, truth, truth_at, received_at FROM standing").fetchall()
    return {row[0]: row[1:] for row in rows}


@pytest.mark.parametrize("contract", [CONTRACT, REGRESSION])
@given(st.data())
@settings(max_examples=25, deadline=None)
def test_it_is_the_one_that_stands_by_the_rule_of_all(contract: Contract, data: st.DataObject) -> None:
    values = labels if contract is CONTRACT else numbers
    truths = st.builds(Truth, st.sampled_from(IDS), values, hours)
    store = MemoryStore()
    for truth, received in data.draw(st.lists(st.tuples(truths, receipts), max_size=10)):
        put_truths(store, [truth], received)
    expected = stand(store, contract)
    for number, identity in enumerate(IDS):
        found = find(store, number, contract).standing
        assert (found and (found.value, found.at, found.received_at)) == expected.get(identity)


def test_what_was_replaced_is_told_the_latest_first_and_each_once() -> None:
    store = MemoryStore()
    for hour, label in ((0, "no"), (1, "yes"), (2, "no")):
        for days in (0, 1):
            moment = NOON + timedelta(hours=hour)
            put_truths(store, [Truth(IDS[0], label, moment)], NOON + timedelta(hours=5, days=days))
    found = find(store)
    assert found.standing
    assert (found.standing.value, found.standing.at) == ("no", NOON + timedelta(hours=2))
    assert [each.at.hour for each in found.others] == [13, 12]


def test_a_truth_by_the_rows_key_is_apart_and_within_its_days() -> None:
    store = MemoryStore()
    row = make_record(NOON)["inputs"]
    key = {"customer": row["customer"], "age": row["age"]}
    truths = [
        Truth(None, "yes", NOON + timedelta(hours=1), key),
        Truth(None, "no", NOON - timedelta(hours=1), key),
        Truth(None, "no", NOON + timedelta(days=31), key),
        Truth(None, "no", NOON + timedelta(hours=2), {**key, "age": 7.0}),
    ]
    put_truths(store, truths, NOON + timedelta(hours=5))
    found = find(store, key=("customer", "age"))
    assert found.standing is None
    assert [each.value for each in found.by_key] == ["yes"]
    assert find(store).by_key == ()
    assert find(store, key=("customer", "e-mail")).by_key == ()


def test_lines_that_arent_truths_are_left_out() -> None:
    store = MemoryStore()
    identity = IDS[0]
    whole = {
        "prediction_id": identity,
        "truth": "yes",
        "at": "2026-11-29T13:00:00Z",
        "received_at": "2026-11-29T13:00:00Z",
    }
    records: list[Any] = [
        {name: value for name, value in whole.items() if name != "at"},
        {**whole, "at": "soon"},
        {**whole, "received_at": 7},
        {**whole, "truth": 7},
        {**whole, "truth": "maybe"},
        [identity],
        {**whole, "prediction_id": "other", "key": identity},
    ]
    lines = [*(json.dumps(record) for record in records), f"no JSON {identity}"]
    obstore.put(store, feedback_key(MODEL, NOON.date(), "d"), compress("\n".join(lines).encode()))
    assert find(store).standing is None
    put_truths(store, [Truth(identity, "no", NOON)], NOON)
    found = find(store).standing
    assert found
    assert found.value == "no"


def test_no_more_is_read_than_its_told_to_and_it_says_up_to_when() -> None:
    store = MemoryStore()
    for day in range(3):
        moment: datetime = NOON + timedelta(days=day)
        put_truths(store, [Truth(IDS[0], "yes", moment)], moment)
    some = find(store, most_objects=2)
    assert some.standing
    assert (some.standing.at, some.until) == (NOON + timedelta(days=1), (NOON + timedelta(days=1)).date())
    assert find(store).until == TODAY
    assert find(store, most_bytes=1).standing is None
