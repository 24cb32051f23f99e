import gzip
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from mlops.errors.records import FeedbackRejected
from mlops.records.bulk.rows import FileRow, open_rows


def read(path: Path, content: bytes, name: str = "truths.csv") -> list[FileRow]:
    (path / name).write_bytes(content)
    with open_rows(path / name, name) as table:
        return [*table.rows]


def test_cells_are_text_by_column_and_none_where_empty(tmp_path: Path) -> None:
    rows = read(tmp_path, b'\xef\xbb\xbfa , b\r\n1,"x, ""y""\r\nz"\r\n\r\n ,2\n')
    assert rows == [FileRow({"a": "1", "b": 'x, "y"\r\nz'}), FileRow({"a": None, "b": "2"})]


def test_a_gzipped_file_and_parquet_have_the_same_rows(tmp_path: Path) -> None:
    content = b"a,b\n1,x\n2,y\n"
    parquet.write_table(pa.table({"a": ["1", "2"], "b": ["x", "y"]}), tmp_path / "written")
    expected = read(tmp_path, content)
    assert read(tmp_path, gzip.compress(content), "t.csv.gz") == expected
    assert read(tmp_path, (tmp_path / "written").read_bytes(), "t.parquet") == expected


def test_a_row_with_other_cells_than_the_header_is_a_row_with_a_problem(tmp_path: Path) -> None:
    rows = read(tmp_path, b"a,b\n1\n1,2,3\n1,2\n")
    assert [row.problem and row.problem[0] for row in rows] == ["shape", "shape", None]


def test_a_row_that_is_not_utf8_spoils_no_other(tmp_path: Path) -> None:
    rows = read(tmp_path, "a,b\n1,ä\n2,".encode() + b"\xe4\n3,z\n")
    assert [row.problem and row.problem[0] for row in rows] == [None, "encoding", None]
    assert rows[0].cells["b"] == "ä"


@pytest.mark.parametrize("broken", [b'1,"open\n', b'1,"x"y\n', b'"\n'])
def test_a_stray_quote_costs_its_line_and_no_other(tmp_path: Path, broken: bytes) -> None:
    rows = read(tmp_path, b"a,b\n0,first\n" + broken + b"2,second\n3,third\n")
    assert [row.problem and row.problem[0] for row in rows] == [None, "shape", None, None]
    assert rows[-1].cells == {"a": "3", "b": "third"}


def test_a_file_that_was_cut_off_says_where(tmp_path: Path) -> None:
    lines = b"a,b\n" + b"".join(b"%d,%d\n" % (number, number * 7919) for number in range(50_000))
    rows = read(tmp_path, gzip.compress(lines)[:-5_000], "t.csv.gz")
    assert rows[-1].problem is not None
    assert rows[-1].problem[0] == "damaged"
    whole = [row for row in rows if row.problem is None]
    assert len(whole) > 1_000
    assert whole == read(tmp_path, lines)[: len(whole)]


def test_parquet_that_is_damaged_in_the_middle_says_so(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    parquet.write_table(pa.table({"a": [str(number) for number in range(100_000)]}), path, row_group_size=30_000)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 5_000] = bytes(5_000)
    rows = read(tmp_path, bytes(content), "t.parquet")
    assert rows[-1].problem is not None
    assert rows[-1].problem[0] == "damaged"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("t.csv", b"", "empty"),
        ("t.csv", b"a,a\n", "two columns"),
        ("t.csv", b'"a\n', "header"),
        ("t.csv.gz", b"no gzip", "damaged"),
        ("t.parquet", b"no parquet", "Parquet"),
        ("t.xlsx", b"", "must end in"),
    ],
)
def test_a_file_without_a_header_that_can_be_read_is_rejected(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(FeedbackRejected, match=reason):
        read(tmp_path, content, name)


def test_times_of_parquet_stay_times(tmp_path: Path) -> None:
    moment = datetime(2026, 11, 29, tzinfo=UTC)
    parquet.write_table(pa.table({"at": pa.array([moment], pa.timestamp("us", "UTC"))}), tmp_path / "written")
    (row,) = read(tmp_path, (tmp_path / "written").read_bytes(), "t.parquet")
    assert row.cells["at"] == moment


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_rows_or_rejected(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(b"a,b\n" + content)
    with open_rows(path, "any.csv") as table:
        for row in table.rows:
            assert bool(row.problem) != bool(row.cells)
