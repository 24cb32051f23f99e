"""A result is written whole or not at all, and every format holds what it held."""

import csv
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from cli.errors import CommandError
from cli.records.files import FORMATS, check_format, write_file
from mlops.errors.records import SqlInvalid

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("inputs", pa.struct([("mean radius", pa.float64()), ("born", pa.date32())])),
        ("cut", pa.list_(pa.string())),
    ]
)
ROWS: list[dict[str, Any]] = [
    {
        "id": 'a,"b"\nc',
        "at": datetime(2026, 11, 29, 12, 0, 0, 5, UTC),
        "inputs": {"mean radius": 0.1, "born": None},
        "cut": ["é"],
    },
    {"id": None, "at": None, "inputs": None, "cut": None},
    {"id": "x", "at": datetime(2026, 11, 29, tzinfo=UTC), "inputs": {"mean radius": 1e300, "born": None}, "cut": []},
]


def batches(rows: list[dict[str, Any]] = ROWS, fails: bool = False) -> pa.RecordBatchReader:
    """The rows in batches of one."""

    def produce() -> Iterator[pa.RecordBatch]:
        for row in rows:
            yield pa.RecordBatch.from_pylist([row], SCHEMA)
        if fails:
            raise SqlInvalid("it can't be computed")

    return pa.RecordBatchReader.from_batches(SCHEMA, produce())


@pytest.mark.parametrize("ending", [".jsonl", ".jsonl.gz"])
def test_json_lines_hold_the_rows(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"rows{ending}"
    assert write_file(batches(), file) == 3
    content = file.read_bytes()
    lines = (gzip.decompress(content) if ending.endswith(".gz") else content).decode().splitlines()
    assert [json.loads(line) for line in lines] == [
        {**row, "at": row["at"].isoformat().replace("+00:00", "Z") if row["at"] else None} for row in ROWS
    ]


@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
def test_csv_has_a_column_for_each_member_of_a_struct(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"rows{ending}"
    assert write_file(batches(), file) == 3
    content = file.read_bytes()
    text = (gzip.decompress(content) if ending.endswith(".gz") else content).decode()
    header, first, second, third = csv.reader(text.splitlines(keepends=True))
    assert header == ["id", "at", "inputs.mean radius", "inputs.born", "cut"]
    assert first == ['a,"b"\nc', "2026-11-29T12:00:00.000005Z", "0.1", "", '["é"]']
    assert second == ["", "", "", "", ""]
    assert (third[0], float(third[2]), third[4]) == ("x", 1e300, "[]")


def test_parquet_holds_the_rows_with_their_types(tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    assert write_file(batches(), file) == 3
    table = parquet.read_table(file)
    assert table.schema.equals(SCHEMA)
    assert table.to_pylist() == ROWS


@pytest.mark.parametrize("ending", FORMATS)
def test_no_rows_are_a_file_too(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"rows{ending}"
    assert write_file(batches([]), file) == 0
    assert file.exists()


@pytest.mark.parametrize("ending", FORMATS)
def test_what_fails_on_the_way_leaves_the_folder_as_it_was(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"rows{ending}"
    file.write_text("before")
    with pytest.raises(SqlInvalid):
        write_file(batches(fails=True), file)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert file.read_text() == "before"


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be written: No such file or directory"):
        write_file(batches(), tmp_path / "none" / "rows.csv")


@pytest.mark.parametrize("name", ["rows.xlsx", "rows", "rows.json", "csv"])
def test_another_ending_is_refused(name: str) -> None:
    with pytest.raises(CommandError, match=r"doesn't end in \.csv, \.csv\.gz, \.jsonl"):
        check_format(Path(name))
