"""The bucket's layout is one that others read as it is: DuckDB's own reader finds the partitions by their names."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from obstore.store import LocalStore

from mlops.records.athena import PARTITIONS, table_ddl
from mlops.records.bulk.ingest import FeedbackFile, ingest_file
from mlops.records.recover import recover_records
from mlops.records.truths import Truth
from mlops.records.write import store_feedback
from tests.unit.mlops.records.bucket import CONTRACT, MODEL, NOON, make_id, make_record, put_records
from tests.unit.mlops.records.test_recover import LINES, batch, put_failed

YESTERDAY = NOON - timedelta(days=1)
AT = NOON - timedelta(hours=1)


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """Objects of every writer: Firehose, the API, ingestion and recovery."""
    folder = tmp_path / "bucket"
    folder.mkdir()
    store = LocalStore(folder)
    put_records(store, [make_record(YESTERDAY, number) for number in range(5)])
    put_records(store, [make_record(NOON, number, model_version=4) for number in range(3)])
    put_failed(store, batch(LINES))
    assert recover_records(store).unreadable == []
    store_feedback(store, MODEL, [Truth(make_id(YESTERDAY, number), "yes", AT) for number in range(4)], NOON)
    path = tmp_path / "truths.csv"
    path.write_text(f"prediction_id,truth,at\n{make_id(YESTERDAY)},no,2026-11-29T11:30:00Z\n")
    ingest_file(store, FeedbackFile(model=MODEL, contract=CONTRACT, source="feedback/churn/t.csv", path=path), NOON)
    return folder


@pytest.fixture
def connection(bucket: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The records as a view over the files, partitioned by Hive's names."""
    with duckdb.connect() as connection:
        connection.execute(
            f"""CREATE VIEW records AS FROM read_json('{bucket}/records/*/*/*/*.json.gz', hive_partitioning = true,
            hive_types = {{'kind': VARCHAR, 'model': VARCHAR, 'day': DATE}}, format = 'newline_delimited',
            union_by_name = true)"""
        )
        yield connection


def test_kind_model_and_day_are_columns(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(
        "SELECT kind, model, day::VARCHAR, count(*) FROM records GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    assert rows == [
        ("feedback", MODEL, "2026-11-29", 5),
        ("prediction", MODEL, "2026-11-28", 5),
        ("prediction", MODEL, "2026-11-29", 3 + len(LINES)),
    ]


def test_a_day_of_a_model_is_read_from_its_partition_alone(connection: duckdb.DuckDBPyConnection) -> None:
    plan = connection.execute(
        "EXPLAIN SELECT count(*) FROM records WHERE kind = 'prediction' AND model = 'churn' AND day = '2026-11-28'"
    ).fetchall()
    assert re.search(r"Scanning Files: 1/\d", str(plan)), plan


def test_the_rule_of_truth_can_be_written_over_it(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(
        """
        SELECT p.prediction_id::VARCHAR, p.label, t.truth FROM records p JOIN (
            SELECT prediction_id, arg_max(truth, ("at", received_at, truth)) AS truth
            FROM records WHERE kind = 'feedback' GROUP BY ALL
        ) t USING (prediction_id) WHERE p.kind = 'prediction' ORDER BY ALL
        """
    ).fetchall()
    truths = ["no", "yes", "yes", "yes"]
    assert rows == [(make_id(YESTERDAY, number), "yes", truth) for number, truth in enumerate(truths)]


@pytest.mark.parametrize("kind", ["prediction", "feedback"])
def test_the_columns_of_athenas_table_are_there(connection: duckdb.DuckDBPyConnection, kind: str) -> None:
    declared = set(re.findall(r"^  `(\w+)` ", table_ddl(kind, "records"), re.MULTILINE))  # type: ignore[arg-type]
    read = {name for (name, *_) in connection.execute("DESCRIBE records").fetchall()}
    optional = {"function_request_id", "request_id", "value", "inputs_cut", "key"}
    optional |= {name for name in declared if name.startswith("challenger_")}
    assert declared - optional <= read
    assert {*PARTITIONS} <= read


def test_the_query_of_the_docs_answers(bucket: Path) -> None:
    docs = (Path(__file__).parents[4] / "docs" / "records.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"```sql\n(SELECT day, .*?)```", docs, re.DOTALL)
    with duckdb.connect() as connection:
        rows = connection.execute(
            query.replace("'records/", f"'{bucket}/records/").replace("'diagnosis'", f"'{MODEL}'")
        ).fetchall()
    assert sorted(count for _, count in rows) == [5, 3 + len(LINES)]
