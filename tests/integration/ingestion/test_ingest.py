"""S3's event in; feedback objects, a report and recovered records out, or the message back to the queue."""

import json

import pytest

from mlops.records.recover import FAILED
from tests.integration.ingestion.conftest import MESSAGE, Function
from tests.integration.records.conftest import MODEL, make_delivery
from tests.integration.records.test_hundred_thousand_truths import check, put_predictions
from tests.unit.mlops.records.bucket import NOON, make_record
from tests.unit.mlops.records.test_recover import batch, failed_object


def test_a_hundred_thousand_truths_of_a_file_are_one_each_and_the_counts_agree(function: Function) -> None:
    delivery = make_delivery(100_000)
    put_predictions(function.records, delivery)
    event = function.put(delivery.csv().encode())
    assert function.deliver(event) == []
    assert function.deliver(event) == []
    report = function.report()
    assert (report["outcome"], report["rows"], report["stored"]) == ("stored", 100_000, 100_000)
    assert report["s3_version"] == event["detail"]["object"]["version-id"]
    check(function.records, delivery)


def test_the_version_of_the_event_is_read_and_not_the_newest(function: Function) -> None:
    delivery = make_delivery(50)
    event = function.put(delivery.csv().encode())
    function.put(b"overwritten meanwhile")
    assert function.deliver(event) == []
    assert function.report()["stored"] == 50


def test_a_version_that_was_deleted_is_not_tried_again(function: Function, capsys: pytest.CaptureFixture[str]) -> None:
    event = function.put(b"x")
    version = event["detail"]["object"]["version-id"]
    function.s3.delete_object(Bucket="data", Key=f"feedback/{MODEL}/truths.csv", VersionId=version)
    assert function.deliver(event) == []
    assert "it was deleted" in capsys.readouterr().out


def test_a_file_that_holds_no_feedback_is_reported_and_not_tried_again(function: Function) -> None:
    assert function.deliver(function.put(b"a,b\n1,2\n")) == []
    assert function.report()["outcome"] == "rejected"


def test_what_a_retry_could_cure_goes_back_to_the_queue(function: Function) -> None:
    delivery = make_delivery(50)
    event = function.put(delivery.csv().encode())
    function.s3.delete_bucket(Bucket="records")
    assert function.deliver(event) == [MESSAGE]
    function.s3.create_bucket(Bucket="records")
    assert function.deliver(event) == []
    assert function.report()["stored"] == 50


def test_records_that_firehose_could_not_partition_are_recovered(function: Function) -> None:
    lines = [json.dumps(make_record(NOON, number, model=MODEL)) for number in range(501)]
    event = function.put(failed_object(batch(lines)), f"{FAILED}processing-failed/a.json.gz", "records")
    assert function.deliver(event) == function.deliver(event) == []
    keys = [each["Key"] for each in function.s3.list_objects_v2(Bucket="records")["Contents"]]
    assert len(keys) == 1
    assert keys[0].startswith(f"records/kind=prediction/model={MODEL}/day=2026-11-29/")


@pytest.mark.parametrize("body", ["no JSON", "{}", '{"detail": {"bucket": {"name": "other"}, "object": {"key": "a"}}}'])
def test_what_is_no_upload_belongs_in_the_dead_letter_queue(function: Function, body: str) -> None:
    assert function.deliver(body) == [MESSAGE]


def test_failed_records_that_cannot_be_read_belong_there_too(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    event = function.put(b"no JSON", f"{FAILED}processing-failed/a.json.gz", "records")
    assert function.deliver(event) == [MESSAGE]
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"failure"' in line]
    assert line["object"] == f"s3://records/{FAILED}processing-failed/a.json.gz"
    assert "holds no records that can be recovered" in line["reason"]
