"""`mlops records` over a records bucket: what it shows, counts, answers and exports, and what couldn't be read."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import obstore
import pytest
from obstore.store import ObjectStore
from pyarrow import parquet
from typer.testing import CliRunner, Result

from cli.__main__ import app, main
from mlops.records.recover import FAILED
from mlops.records.truths import Truth
from mlops.registry.store import open_store
from tests.unit.mlops.records.bucket import CONTRACT, MODEL, make_id, make_record, put_lines, put_records, put_truths
from tests.unit.mlops.records.test_recover import batch, failed_object
from tests.unit.mlops.serving.artifacts import promote, put_version

TEMPLATE = """
Resources:
  Models: {Type: AWS::S3::Bucket, Properties: {BucketName: models}}
  Records: {Type: AWS::S3::Bucket, Properties: {BucketName: records}}
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: api}}
Outputs:
  ModelsBucketName: {Value: !Ref Models}
  RecordsBucketName: {Value: !Ref Records}
  ApiLogGroup: {Value: !Ref Logs}
"""
# In the middle of yesterday, so that no test runs over the end of its day.
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
DAY = NOON.date().isoformat()


@dataclass(frozen=True)
class Records:
    """A stack's records bucket, and the command line over it."""

    store: ObjectStore

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(app, ["records", *words])

    def json(self, *words: str) -> Any:
        done = self.run(*words, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)


@pytest.fixture
def records(moto_server: str) -> Records:
    """Eight predictions of version 1 and two of version 2, which is champion; six lines of feedback."""
    boto3.client("cloudformation").create_stack(StackName="mlops", TemplateBody=TEMPLATE)
    registry, store = open_store("s3://models"), open_store("s3://records")
    for number in (1, 2):
        put_version(registry, number, model=MODEL, contract=CONTRACT)
    promote(registry, 2, MODEL)
    made = [make_record(NOON + timedelta(minutes=number), number, model_version=1) for number in range(8)]
    made += [make_record(NOON + timedelta(minutes=number), number, model_version=2, inputs=None) for number in (8, 9)]
    put_records(store, [*made, made[0]])
    at = NOON + timedelta(hours=1)
    truths = [Truth(make_id(NOON + timedelta(minutes=number), number), "yes", at) for number in range(4)]
    truths += [Truth(make_id(NOON, 0), "no", at + timedelta(hours=1)), Truth(make_id(NOON, 77), "no", at)]
    put_truths(store, truths, NOON + timedelta(hours=3))
    return Records(store)


PERIOD = ("--from", DAY, "--to", DAY)
LAST_MONTH = (NOON - timedelta(days=30)).date().isoformat()


def test_the_latest_predictions_are_shown_with_their_truths(records: Records) -> None:
    rows = records.json("show", MODEL, *PERIOD)
    assert [row["prediction_id"] for row in rows] == [
        make_id(NOON + timedelta(minutes=number), number) for number in range(9, -1, -1)
    ]
    assert [row["truth"] for row in rows] == [None] * 6 + ["yes"] * 3 + ["no"]
    assert rows[0]["inputs"] is None
    assert rows[2]["inputs"]["mean income"] == 1000.5
    done = records.run("show", MODEL, *PERIOD, "--limit", "2")
    assert done.exit_code == 0
    assert make_id(NOON + timedelta(minutes=9), 9) in done.stdout
    assert make_id(NOON + timedelta(minutes=7), 7) not in done.stdout
    assert "1000.5" not in done.stdout
    assert "1000.5" in records.run("show", MODEL, *PERIOD, "--inputs").stdout


def test_predictions_are_counted_by_day_and_version_and_feedback_by_what_became_of_it(records: Records) -> None:
    found = records.json("count", MODEL, *PERIOD)
    assert [
        {name: row[name] for name in ("day", "version", "predictions", "with_inputs", "with_truth")}
        for row in found["predictions"]
    ] == [
        {"day": DAY, "version": 1, "predictions": 8, "with_inputs": 8, "with_truth": 4},
        {"day": DAY, "version": 2, "predictions": 2, "with_inputs": 0, "with_truth": 0},
    ]
    assert found["feedback"] == {
        "received": 6,
        "used": 4,
        "superseded": 1,
        "duplicates": 0,
        "unknown": 1,
        "elsewhere": 0,
        "invalid": {},
    }
    text = records.run("count", MODEL, *PERIOD).stdout
    assert "1  unknown: are about predictions that nobody recorded" in text


def test_sql_is_answered_over_predictions_feedback_and_truths(records: Records) -> None:
    sql = 'SELECT truth, count(*) AS n, max(inputs."mean income") AS most FROM truths GROUP BY 1 ORDER BY 1'
    assert records.json("query", MODEL, sql, *PERIOD) == [
        {"truth": "no", "n": 1, "most": 1000.5},
        {"truth": "yes", "n": 3, "most": 1000.5},
    ]
    assert records.json("query", MODEL, "SELECT count(*) AS n FROM feedback", *PERIOD) == [{"n": 6}]
    counted = "SELECT count(*) AS n FROM predictions"
    assert records.json("query", MODEL, counted, *PERIOD, "--version", "2") == [{"n": 2}]


def test_more_rows_than_the_limit_are_said_to_be_there(records: Records) -> None:
    done = records.run("query", MODEL, "SELECT prediction_id FROM predictions", *PERIOD, "--limit", "3")
    assert len([line for line in done.stdout.splitlines() if "-7000-" in line]) == 3
    assert "the first 3 of 10 rows" in done.stderr


@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT nope FROM predictions", "SELECT * FROM read_csv('/etc/passwd')"])
def test_a_query_that_cannot_be_answered_is_one_line(
    records: Records, capsys: pytest.CaptureFixture[str], sql: str
) -> None:
    assert main(lambda: app(["records", "query", MODEL, sql], standalone_mode=False)) == 1
    assert "The query can't be answered" in capsys.readouterr().err


@pytest.mark.parametrize(("table", "count"), [("predictions", 10), ("feedback", 6), ("truths", 4)])
def test_tables_are_exported(records: Records, tmp_path: Path, table: str, count: int) -> None:
    file = tmp_path / f"{table}.parquet"
    assert records.json("export", MODEL, str(file), "--table", table, *PERIOD) == {"file": str(file), "rows": count}
    assert parquet.read_table(file).num_rows == count


def test_the_result_of_sql_is_exported(records: Records, tmp_path: Path) -> None:
    file = tmp_path / "counts.csv"
    sql = "SELECT model_version, count(*) AS n FROM predictions GROUP BY 1 ORDER BY 1"
    assert records.run("export", MODEL, str(file), "--sql", sql, *PERIOD).exit_code == 0
    assert file.read_text().splitlines() == ['"model_version","n"', "1,8", "2,2"]


def test_what_cannot_be_read_is_reported_next_to_what_can(records: Records) -> None:
    put_lines(records.store, "bad", [b"no json", json.dumps(make_record(NOON, 50)).encode()], NOON)
    done = records.run("query", MODEL, "SELECT count(*) AS n FROM predictions", *PERIOD, "--json")
    assert json.loads(done.stdout) == [{"n": 11}]
    assert "1 lines of predictions aren't records of this contract" in done.stderr
    assert "line 1:" in done.stderr


def test_a_period_without_records_says_so(records: Records) -> None:
    for command in ("show", "count"):
        done = records.run(command, MODEL, "--from", LAST_MONTH, "--to", LAST_MONTH)
        assert done.exit_code == 0
        assert "No predictions in this stretch of time." in done.stdout
        assert make_id(NOON) not in done.stdout
    counts = records.json("count", MODEL, "--from", LAST_MONTH, "--to", LAST_MONTH)["feedback"]
    assert (counts["received"], counts["used"], counts["elsewhere"]) == (6, 0, 5)


def test_a_model_that_is_unknown_is_named_with_those_that_are(
    records: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(lambda: app(["records", "show", "chrun"], standalone_mode=False)) == 1
    assert "There is no model named 'chrun'. Did you mean 'churn'?" in capsys.readouterr().err


def test_failed_records_are_recovered_and_what_cannot_be_is_an_error(records: Records) -> None:
    lines = [json.dumps(make_record(NOON, number)) for number in (60, 61)]
    obstore.put(records.store, f"{FAILED}good.gz", failed_object(batch(lines)))
    assert records.json("recover") == {"objects": 1, "records": 2, "unreadable": []}
    obstore.put(records.store, f"{FAILED}bad.gz", failed_object(b"no json"))
    done = records.run("recover")
    assert done.exit_code == 1
    assert f"unreadable {FAILED}bad.gz" in done.stdout
    assert records.json("query", MODEL, "SELECT count(*) AS n FROM predictions", *PERIOD) == [{"n": 12}]


def test_a_prediction_is_found_in_the_bucket_by_its_id(records: Records) -> None:
    name = make_id(NOON + timedelta(minutes=3), 3)
    done = CliRunner().invoke(app, ["logs", "prediction", name, "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["prediction"]["model_version"], found["place"]) == (1, "records")
    done = CliRunner().invoke(app, ["logs", "prediction", name.upper()])
    assert done.exit_code == 0, done.output
    assert f"{MODEL} version 1" in done.stdout
    assert "inputs.mean income" in done.stdout
