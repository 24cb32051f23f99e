import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore

from mlops.records.layout import FEEDBACK, day_prefix
from mlops.records.schema import FEEDBACK_FIELDS
from mlops.records.truths import Truth
from mlops.records.write import store_feedback
from tests.unit.mlops.records.bucket import MODEL, NOON, contents, make_id

TRUTHS = [Truth(make_id(NOON, number), "yes", NOON - timedelta(minutes=number)) for number in range(5)]


def lines(content: bytes) -> list[dict[str, object]]:
    return [json.loads(line) for line in gzip.decompress(content).splitlines()]


def test_truths_are_stored_in_the_partition_of_the_day_they_were_received() -> None:
    store = MemoryStore()
    assert store_feedback(store, MODEL, TRUTHS, NOON) == 5
    ((key, content),) = contents(store).items()
    assert key.startswith(day_prefix(FEEDBACK, MODEL, NOON.date()))
    assert {line["prediction_id"] for line in lines(content)} == {truth.prediction_id for truth in TRUTHS}


def test_a_line_has_the_fields_of_the_schema() -> None:
    store = MemoryStore()
    store_feedback(store, MODEL, TRUTHS[:1], NOON)
    (line,) = lines(next(iter(contents(store).values())))
    assert line == {
        "record": "feedback",
        "model": MODEL,
        "prediction_id": make_id(NOON),
        "truth": "yes",
        "at": "2026-11-29T12:00:00.000000Z",
        "received_at": "2026-11-29T12:00:00.000000Z",
        "source": "api",
    }
    assert line.keys() <= {field.name for field in FEEDBACK_FIELDS}


def test_the_same_truths_in_any_order_are_one_object_and_the_first_stays() -> None:
    store = MemoryStore()
    store_feedback(store, MODEL, TRUTHS, NOON)
    before = contents(store)
    shuffled = [*TRUTHS]
    Random(0).shuffle(shuffled)
    assert store_feedback(store, MODEL, shuffled, NOON + timedelta(minutes=3)) == 5
    assert contents(store) == before


def test_other_truths_are_another_object() -> None:
    store = MemoryStore()
    store_feedback(store, MODEL, TRUTHS, NOON)
    store_feedback(store, MODEL, [*TRUTHS, TRUTHS[0]], NOON)
    assert len(contents(store)) == 2


def test_the_day_is_that_of_utc() -> None:
    store = MemoryStore()
    late = datetime.fromisoformat("2026-11-29T23:30:00-02:00")
    store_feedback(store, MODEL, TRUTHS, late)
    assert next(iter(contents(store))).startswith(day_prefix(FEEDBACK, MODEL, late.astimezone(UTC).date()))


def test_a_store_that_does_not_take_them_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "records").write_text("no folder")
    with pytest.raises(BaseError):
        store_feedback(LocalStore(tmp_path), MODEL, TRUTHS, NOON)
