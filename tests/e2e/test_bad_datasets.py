"""A dataset that breaks the contract is kept and reported on; the champion goes on serving."""

import gzip
import io
import json
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3
import pandas as pd
import pytest

from tests.e2e.conftest import ROOT, Loop

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

LABEL, FIELD = "diagnosis", "mean radius"


def lines(dataset: bytes) -> list[str]:
    return dataset.decode().splitlines()


def with_cell(dataset: bytes, row: int, column: str, value: str) -> bytes:
    header, *rows = lines(dataset)
    cells = rows[row].split(",")
    cells[header.split(",").index(column)] = value
    rows[row] = ",".join(cells)
    return "\n".join([header, *rows]).encode()


def without_column(dataset: bytes) -> bytes:
    return "\n".join(line.partition(",")[2] for line in lines(dataset)).encode()


def with_column(dataset: bytes) -> bytes:
    header, *rows = lines(dataset)
    return "\n".join([f"{header},colour", *(f"{row},blue" for row in rows)]).encode()


def one_class(dataset: bytes) -> bytes:
    header, *rows = lines(dataset)
    return "\n".join([header, *(row for row in rows if row.endswith("benign"))]).encode()


# kind: how to spoil the good dataset, then the rule, row and column that the report must name
BAD: dict[str, tuple[Callable[[bytes], bytes], str, int | None, str | None]] = {
    "empty": (lambda _: b"", "empty", None, None),
    "truncated": (lambda good: good[:20_000].rsplit(b",", 3)[0], "shape", None, None),
    "not UTF-8": (lambda good: good.replace(b"malignant", b"malign\xe4nt", 1), "encoding", None, None),
    "missing column": (without_column, "missing", None, FIELD),
    "extra column": (with_column, "unknown", None, "colour"),
    "renamed column": (lambda good: good.replace(b"mean radius", b"mean radios", 1), "missing", None, FIELD),
    "text in a number": (lambda good: with_cell(good, 7, FIELD, "large"), "type", 7, FIELD),
    "unknown label": (lambda good: with_cell(good, 3, LABEL, "perhaps"), "category", 3, LABEL),
    "single class": (one_class, "classes", None, LABEL),
    "duplicate rows": (lambda good: good + good.splitlines(keepends=True)[5], "duplicate", 569, None),
    "too few rows": (lambda good: b"".join(good.splitlines(keepends=True)[:60]), "rows", None, None),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_dataset_is_reported_beside_the_upload(
    loop: Loop, dataset: bytes, row: dict[str, Any], kind: str
) -> None:
    spoil, rule, at_row, column = BAD[kind]
    champion, versions = loop.champion(), loop.versions()
    bad = spoil(dataset)
    report = loop.put(f"{kind.replace(' ', '-')}.csv", bad)

    assert report["outcome"] == "rejected", report
    found = [violation for violation in report["violations"] if violation["rule"] == rule]
    assert found, report
    assert at_row is None or found[0]["row"] == at_row
    assert column is None or found[0]["column"] == column

    kept = loop.stack.s3.get_object(Bucket=loop.stack.outputs["DataBucketName"], Key=report["key"])["Body"].read()
    assert kept == bad
    assert (loop.champion(), loop.versions()) == (champion, versions)
    assert loop.api.post("/predict", json={"rows": [row]}).status_code == 200


def as_parquet(dataset: bytes) -> bytes:
    table = pd.read_csv(io.BytesIO(dataset), dtype=str)
    return table.to_parquet()


@pytest.mark.parametrize(("ending", "pack"), [(".csv.gz", gzip.compress), (".parquet", as_parquet)])
def test_other_formats_are_read_and_their_broken_rows_are_written_down(
    loop: Loop, dataset: bytes, ending: str, pack: Callable[[bytes], bytes]
) -> None:
    report = loop.put(f"packed{ending}", pack(with_cell(dataset, 7, FIELD, "large")))
    assert report["outcome"] == "rejected", report
    bucket, _, key = report["rejected"].removeprefix("s3://").partition("/")
    told = json.loads(loop.stack.s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    assert (told["row"], told["column"], told["value"], told["rule"]) == (7, FIELD, "large", "type")
    assert key == f"rejected/diagnosis/packed{ending}.jsonl"


def test_bad_datasets_are_logged_and_counted_and_not_retried(loop: Loop) -> None:
    report = loop.put("rejected-for-good.csv", b"")
    events = loop.stack.logs.filter_log_events(
        logGroupName=loop.stack.outputs["TrainLogGroup"],
        filterPattern=f'{{ $.record = "training" && $.dataset = "{report["key"]}" }}',
    )["events"]
    (record,) = [json.loads(event["message"]) for event in events]
    assert (record["level"], record["outcome"]) == ("WARNING", "rejected")

    counted = loop.stack.logs.filter_log_events(
        logGroupName=loop.stack.outputs["TrainLogGroup"], filterPattern="{ $.TrainingRejected = 1 }"
    )["events"]
    assert counted
    metrics = json.loads(counted[-1]["message"])["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    assert {"Name": "TrainingRejected", "Unit": "Count"} in metrics

    sqs = boto3.client("sqs")
    waiting: list[QueueAttributeNameType] = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    for queue in ("TrainQueueUrl", "TrainDeadLettersUrl"):
        state = sqs.get_queue_attributes(QueueUrl=loop.stack.outputs[queue], AttributeNames=waiting)["Attributes"]
        assert [int(state[name]) for name in waiting] == [0, 0], queue


def test_the_command_line_tells_what_is_wrong(loop: Loop, dataset: bytes, tmp_path: Any) -> None:
    file = tmp_path / "typo.csv"
    file.write_bytes(with_cell(dataset, 7, FIELD, "large"))
    words = [ROOT / "scripts/mlops", "data", "put", file, "--model", "diagnosis"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "row 7: mean radius must be a number, not 'large'" in done.stdout
