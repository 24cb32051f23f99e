"""Batch answers and exported records are Parquet in Hive partitions, which other readers find by their names."""

from pathlib import Path

import pytest

from cli.errors import CommandError
from cli.records.partitions import write_partitions
from tests.integration.batch.lake import ANSWERS, COLUMNS, RECORDS, make_lake, read_with_duckdb
from tests.unit.mlops.batch.world import make_table


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake")
    make_lake(folder)
    return folder


def test_duckdb_reads_the_answers_of_all_runs_and_nothing_else(lake: Path) -> None:
    columns, rows = read_with_duckdb(lake / "answers" / "answers", ANSWERS)
    assert columns == COLUMNS
    assert [(row["day"], row["row"]) for row in rows] == [
        *(("2026-11-29", number) for number in range(40)),
        *(("2026-11-30", number) for number in range(30)),
    ]
    assert len({row["run"] for row in rows}) == 2


def test_duckdb_reads_exported_records_and_they_are_those_of_the_answers(lake: Path) -> None:
    _, answers = read_with_duckdb(lake / "answers" / "answers", ANSWERS)
    columns, records = read_with_duckdb(lake / "exported", RECORDS)
    assert {"kind", "model", "day", "inputs"} <= columns
    radii = make_table(40)["mean radius"].to_pylist()
    assert records == [
        {
            "kind": "prediction",
            **{name: answer[name] for name in ("model", "day", "prediction_id", "model_version", "label")},
            "radius": radii[answer["row"]],
        }
        for answer in sorted(answers, key=lambda answer: answer["prediction_id"])
    ]


def test_a_folder_that_exists_and_a_table_without_days_are_refused(lake: Path, tmp_path: Path) -> None:
    reader = make_table(1).to_reader()
    with pytest.raises(CommandError, match="exists already"):
        write_partitions(reader, lake, "predictions", "diagnosis")
    with pytest.raises(CommandError, match="truths can't be partitioned; predictions and feedback can"):
        write_partitions(reader, tmp_path / "new", "truths", "diagnosis")
    with pytest.raises(KeyError):
        write_partitions(reader, tmp_path / "new", "predictions", "diagnosis")
    assert list(tmp_path.iterdir()) == []
