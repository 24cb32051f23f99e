"""A dataset in the bucket becomes a version that serves, or a report of what's wrong with it."""

from __future__ import annotations

import secrets
from functools import partial

from localaws_testing.waiting import wait_until
from tests.contract.target import Target
from tests.loops import read_champion


def without_some(dataset: bytes) -> bytes:
    """The dataset less a few rows that no other run has left out."""
    header, *lines = dataset.splitlines(keepends=True)
    start, count = secrets.randbelow(len(lines) - 20), 1 + secrets.randbelow(15)
    del lines[start : start + count]
    return b"".join([header, *lines])


def champion(target: Target) -> int:
    return read_champion(target.clients("s3"), target.outputs["ModelsBucketName"])


def test_an_upload_becomes_a_version_that_serves_and_the_same_again_does_not(target: Target, dataset: bytes) -> None:
    before = champion(target)
    content = without_some(dataset)
    name = f"contract-{secrets.token_hex(4)}"
    report = target.put(f"{name}.csv", content)
    assert report["outcome"] in ("promoted", "kept"), report
    assert report["version"] > before

    wanted = report["version"] if report["outcome"] == "promoted" else before

    # Each instance follows the alias by itself, and the two requests needn't meet the same one.
    def serves() -> bool:
        answer = target.api.post("/predict", json={"rows": [target.row]}).json()
        shown = target.api.get("/models/diagnosis").json()
        return bool(answer["version"] == shown["version"] == wanted)

    assert champion(target) == wanted
    assert wait_until(serves, 30), "the new champion didn't begin to serve"

    again = target.put(f"{name}-again.csv", content)
    assert (again["outcome"], again["version"]) == ("unchanged", report["version"])

    record = target.filtered(
        target.outputs["TrainLogGroup"], f'{{ $.record = "training" && $.dataset = "{report["key"]}" }}'
    )
    assert [each["outcome"] for each in record] == [report["outcome"]]


def test_a_dataset_that_breaks_the_contract_is_reported_and_changes_nothing(target: Target, dataset: bytes) -> None:
    before = champion(target)
    spoilt = without_some(dataset).replace(b"mean radius", b"mean radios", 1)
    report = target.put(f"contract-bad-{secrets.token_hex(4)}.csv", spoilt)
    assert report["outcome"] == "rejected"
    assert {(each["rule"], each["column"]) for each in report["violations"]} >= {("missing", "mean radius")}
    assert champion(target) == before


def test_nothing_waits_in_the_queues_when_all_is_done(target: Target) -> None:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def is_empty(queue: str) -> bool:
        attributes = target.clients("sqs").get_queue_attributes(QueueUrl=target.outputs[queue], AttributeNames=names)
        return [attributes["Attributes"][name] for name in names] == ["0", "0"]

    # A report is written just before its message is deleted.
    for queue in ("TrainQueueUrl", "TrainDeadLettersUrl"):
        assert wait_until(partial(is_empty, queue), target.patience), queue
