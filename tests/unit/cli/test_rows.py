"""The rows of a file as the API takes them: the same table has the same rows in every format."""

import gzip
import json
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cli.errors import CommandError
from cli.rows import STANDARD_INPUT, is_table, read_json, read_table
from mlops.contract import Kind
from mlops.errors.data import DatasetRejected

COLUMNS: dict[str, Kind] = {
    "length": "number",
    "petals": "integer",
    "colour": "category",
    "wild": "boolean",
    "seen": "date",
}
CSV = b"""length,petals,colour,wild,seen,kind
1.5,5,red,true,2026-11-01,a
2,,"dark, red",false,2026-11-02,b
"""
ROWS = [
    {"length": 1.5, "petals": 5, "colour": "red", "wild": True, "seen": "2026-11-01"},
    {"length": 2.0, "petals": None, "colour": "dark, red", "wild": False, "seen": "2026-11-02"},
]
TABLE = {
    "length": [1.5, 2.0],
    "petals": [5, None],
    "colour": ["red", "dark, red"],
    "wild": [True, False],
    "seen": [date(2026, 11, 1), date(2026, 11, 2)],
    "kind": ["a", "b"],
}


def parquet(columns: dict[str, Any]) -> bytes:
    file = BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def put(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", CSV), ("a.csv.gz", gzip.compress(CSV)), ("a.parquet", parquet(TABLE))]
)
def test_the_same_table_gives_the_same_rows_in_each_format(tmp_path: Path, name: str, content: bytes) -> None:
    file = put(tmp_path, name, content)
    assert is_table(file)
    assert read_table(file, COLUMNS, 10) == ROWS
    assert read_table(file, COLUMNS, 1) == ROWS[:1]


def test_times_at_midnight_are_dates_and_others_stay_for_the_api_to_name(tmp_path: Path) -> None:
    times = [datetime(2026, 11, 1), datetime(2026, 11, 2, 13), None]  # noqa: DTZ001
    (first, second, third) = read_table(put(tmp_path, "a.parquet", parquet({"seen": times})), COLUMNS, 10)
    assert first == {"seen": "2026-11-01"}
    assert second["seen"].startswith("2026-11-02 13:00")
    assert third == {"seen": None}


def test_ones_and_zeros_are_booleans_as_in_training(tmp_path: Path) -> None:
    rows = read_table(put(tmp_path, "a.csv", b"wild\n1\n0\nTRUE\nperhaps\n"), COLUMNS, 10)
    assert [row["wild"] for row in rows] == [True, False, True, "perhaps"]


@pytest.mark.parametrize("cell", ["inf", "1e999", "1_000", "large"])
def test_what_is_no_finite_number_stays_text_for_the_api_to_name(tmp_path: Path, cell: str) -> None:
    assert read_table(put(tmp_path, "a.csv", f"length\n{cell}\n".encode()), COLUMNS, 10) == [{"length": cell}]


@pytest.mark.parametrize("cell", ["nan", "NA", "n/a", "-", "?", " NULL "])
def test_a_missing_value_in_words_is_missing_as_in_training(tmp_path: Path, cell: str) -> None:
    assert read_table(put(tmp_path, "a.csv", f"length\n{cell}\n".encode()), COLUMNS, 10) == [{"length": None}]


def test_commas_between_thousands_are_read_as_in_training(tmp_path: Path) -> None:
    assert read_table(put(tmp_path, "a.csv", b'length\n"1,234.5"\n'), COLUMNS, 10) == [{"length": 1234.5}]


def test_a_broken_file_is_refused_with_the_place_where_it_breaks(tmp_path: Path) -> None:
    with pytest.raises(DatasetRejected, match="row 0"):
        read_table(put(tmp_path, "a.csv", b"length,petals\n1\n"), COLUMNS, 10)
    with pytest.raises(DatasetRejected, match="isn't gzip"):
        read_table(put(tmp_path, "a.csv.gz", CSV), COLUMNS, 10)


def test_a_column_of_another_type_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"petals is a column of list.*takes integer values"):
        read_table(put(tmp_path, "a.parquet", parquet({"petals": [[1], [2]]})), COLUMNS, 10)


def test_a_table_without_any_of_the_columns_is_refused_with_their_names(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="none of the model's columns, which are: length, petals"):
        read_table(put(tmp_path, "a.csv", b"other\n1\n"), COLUMNS, 10)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"gone\.csv can't be read: No such file"):
        read_table(tmp_path / "gone.csv", COLUMNS, 10)


def test_another_format_is_refused_with_those_that_are_read() -> None:
    with pytest.raises(CommandError, match=r"rows\.xlsx doesn't end in \.csv, \.csv\.gz, \.parquet, \.json"):
        is_table(Path("rows.xlsx"))
    assert not is_table(Path("rows.json"))
    assert not is_table(STANDARD_INPUT)


@pytest.mark.parametrize("document", [ROWS[:1], ROWS[0], {"rows": ROWS[:1]}])
def test_rows_of_json_come_alone_in_a_list_or_as_a_request(document: Any) -> None:
    assert read_json(json.dumps(document), "rows.json") == ROWS[:1]


def test_json_after_a_byte_order_mark_is_read() -> None:
    assert read_json("\ufeff" + json.dumps(ROWS), "rows.json") == ROWS


@pytest.mark.parametrize("text", ["5", "[1, 2]", '{"rows": 5}'])
def test_json_without_rows_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(CommandError, match=r"rows\.json contains no rows: write one object"):
        read_json(text, "rows.json")


def test_what_is_not_json_is_named() -> None:
    with pytest.raises(CommandError, match="--row isn't JSON"):
        read_json("{length: 1}", "--row")
