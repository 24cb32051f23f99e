"""An object's bucket and key say what becomes of it."""

import obstore
import pytest

from mlops.errors.data import EventInvalid
from mlops.errors.records import ObjectDamaged
from mlops.events import ObjectCreated
from mlops.records.recover import FAILED
from tests.unit.mlops.ingestion.desk import Desk
from tests.unit.mlops.records.bucket import NOON, contents, make_id
from tests.unit.mlops.records.test_recover import LINES, batch, put_failed, read


def failed(key: str) -> ObjectCreated:
    return ObjectCreated(bucket="records", key=key, s3_version=None)


def test_records_that_firehose_could_not_partition_are_recovered_once(desk: Desk) -> None:
    key = put_failed(desk.records, batch(LINES))
    for _ in range(2):
        desk.take(failed(key))
    assert len(read(desk.records)) == len(LINES)
    assert key not in contents(desk.records)
    first, second = [line for line in desk.lines() if line.get("record") == "recovery"]
    assert (first["records"], second["records"], first["object"]) == (len(LINES), 0, key)


def test_failed_records_that_cannot_be_read_stay_and_go_back_to_the_queue(desk: Desk) -> None:
    key = put_failed(desk.records, b"no json")
    with pytest.raises(ObjectDamaged, match="holds no records that can be recovered"):
        desk.take(failed(key))
    assert key in contents(desk.records)


def test_another_object_of_the_same_prefix_stays(desk: Desk) -> None:
    first = put_failed(desk.records, batch(LINES[:1]))
    second = put_failed(desk.records, batch(LINES[1:2]), name="two")
    desk.take(failed(second))
    assert read(desk.records) == [make_id(NOON, 1)]
    assert first in contents(desk.records)


@pytest.mark.parametrize(
    ("bucket", "key"),
    [("records", "records/kind=prediction/a.json.gz"), ("other", f"{FAILED}a"), ("other", "feedback/churn/a.csv")],
)
def test_any_other_object_belongs_in_the_dead_letter_queue(desk: Desk, bucket: str, key: str) -> None:
    obstore.put(desk.records, key, b"x")
    with pytest.raises(EventInvalid, match="neither a feedback file nor failed records"):
        desk.take(ObjectCreated(bucket=bucket, key=key, s3_version=None))
