"""One table in each format is the same dataset; damaged files and those that unpack to too much are refused."""

import gzip
import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.data.check import check
from mlops.data.read import read_dataset
from mlops.errors.data import DatasetRejected
from mlops.errors.violations import Violation
from tests.unit.mlops.samples import make_csv, make_lines, make_spec

LIMIT = 1_000_000


def to_parquet(table: pa.Table, **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


def leaves(rows: int = 60) -> pa.Table:
    """The sample as typed columns."""
    cells = [line.split(",") for line in make_lines(rows)]
    lengths, widths = ([float(row[place]) for row in cells] for place in (0, 1))
    return pa.table({"length": lengths, "width": widths, "kind": [row[2] for row in cells]})


def refuse(content: bytes, name: str, max_bytes: int = LIMIT) -> Violation:
    with pytest.raises(DatasetRejected) as caught:
        read_dataset(content, name, max_bytes)
    (violation,) = caught.value.violations
    return violation


def test_the_same_table_is_the_same_dataset_in_each_format() -> None:
    csv = make_csv(make_lines(60))
    files = {"a.csv": csv, "a.csv.gz": gzip.compress(csv), "s3://b/datasets/a.parquet": to_parquet(leaves())}
    tables = [check(read_dataset(content, name), make_spec()).rows for name, content in files.items()]
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])
    assert len(tables[0]) == 60


def test_types_that_arrow_hardly_computes_with_are_read_as_others() -> None:
    halves, views = pa.array([1.5, None], pa.float16()), pa.array(["a", None], pa.string_view())
    table = read_dataset(to_parquet(pa.table({"x": halves, "y": views})), "a.parquet")
    assert table.schema.types == [pa.float32(), pa.string()]
    assert table.to_pylist() == [{"x": 1.5, "y": "a"}, {"x": None, "y": None}]


def test_a_gzip_file_of_several_members_is_read_whole() -> None:
    csv = make_csv(make_lines(60))
    parts = gzip.compress(csv[:500]) + gzip.compress(csv[500:])
    assert read_dataset(parts, "a.csv.gz").equals(read_dataset(csv, "a.csv"))


@pytest.mark.parametrize("name", ["a.xlsx", "a.gz", "a.csv.zip", "parquet", "a.CSV"])
def test_another_format_is_rejected_with_the_formats_there_are(name: str) -> None:
    violation = refuse(b"a,b\n1,2\n", name)
    assert violation.rule == "format"
    assert ".csv, .csv.gz, .parquet" in violation.message


def test_a_gzip_bomb_is_refused_before_it_fills_the_memory() -> None:
    bomb = gzip.compress(b"a,b\n" + b"0,0\n" * 5_000_000)
    assert len(bomb) < 100_000
    violation = refuse(bomb, "a.csv.gz")
    assert violation.rule == "size"
    assert "1,000,000 bytes unpacked" in violation.message


def test_a_parquet_bomb_is_refused_by_what_it_claims() -> None:
    bomb = to_parquet(pa.table({"a": np.zeros(5_000_000), "b": np.zeros(5_000_000)}), compression="zstd")
    assert len(bomb) < 100_000
    assert refuse(bomb, "a.parquet").rule == "size"


def test_a_parquet_of_one_long_text_again_and_again_stays_small() -> None:
    text = pa.array(["x" * 10_000] * 20_000)
    content = to_parquet(pa.table({"a": text}), compression="zstd")
    assert text.nbytes > 100 * LIMIT
    assert read_dataset(content, "a.parquet").nbytes < LIMIT


DAMAGED: dict[str, tuple[bytes, str, str]] = {
    "no gzip": (make_csv(), "a.csv.gz", "gzip"),
    "gzip cut off": (gzip.compress(make_csv())[:-20], "a.csv.gz", "gzip"),
    "gzip with something behind it": (gzip.compress(make_csv()) + b"behind", "a.csv.gz", "gzip"),
    "gzip of nothing": (gzip.compress(b""), "a.csv.gz", "empty"),
    "no bytes for gzip": (b"", "a.csv.gz", "empty"),
    "no bytes for Parquet": (b"", "a.parquet", "empty"),
    "no Parquet": (make_csv(), "a.parquet", "parquet"),
    "Parquet cut off": (to_parquet(leaves())[:-50], "a.parquet", "parquet"),
    "Parquet with a hole": (to_parquet(leaves()).replace(b"short", b"\x00" * 5, 1)[50:], "a.parquet", "parquet"),
    "Parquet without rows": (to_parquet(leaves().slice(0, 0)), "a.parquet", "empty"),
    "a name twice": (to_parquet(pa.Table.from_arrays([pa.array([1])] * 2, ["a", "a"])), "a.parquet", "header"),
    "a name missing": (to_parquet(pa.table({"a": [1], " ": [1]})), "a.parquet", "header"),
}


ANOTHER: dict[str, tuple[bytes, str, str]] = {
    "a workbook": (
        b"PK\x03\x04\x14\x00\x06\x00",
        "a.csv",
        "an Excel workbook, or another zip file; save the sheet as CSV",
    ),
    "zip for gzip": (b"PK\x03\x04\x14\x00", "a.csv.gz", "another zip file"),
    "zip for Parquet": (b"PK\x03\x04\x14\x00", "a.parquet", "another zip file"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1", "a.csv", "an Excel workbook"),
    "gzip": (gzip.compress(make_csv()), "a.csv", "compressed by gzip; rename it to end in .csv.gz"),
    "Parquet": (to_parquet(leaves()), "a.csv", "Parquet; rename it to end in .parquet"),
    "Parquet in gzip": (gzip.compress(to_parquet(leaves())), "a.csv.gz", "unpacked, the file is Parquet"),
    "JSON": (b'[{"a": 1}]', "a.csv", "JSON; write the table as CSV or Parquet"),
    "lines of JSON": (b'{"a": 1}\n{"a": 2}\n', "a.csv", "JSON; write the table as CSV or Parquet"),
    "a web page": (b"\n<!DOCTYPE html>\n<html>", "a.csv", "a web page or XML"),
    "zstd": (b"\x28\xb5\x2f\xfd\x04", "a.csv", "compressed by zstd; compress it by gzip"),
    "Feather": (b"ARROW1\x00\x00\x10", "a.parquet", "write it as Parquet"),
}


@pytest.mark.parametrize("kind", ANOTHER)
def test_a_file_of_another_format_than_its_name_says_is_named_with_the_remedy(kind: str) -> None:
    content, name, words = ANOTHER[kind]
    violation = refuse(content, name)
    assert violation.rule == "format"
    assert words in violation.message


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_file_is_refused_by_name(kind: str) -> None:
    content, name, rule = DAMAGED[kind]
    assert refuse(content, name).rule == rule


def read_or_reject(content: bytes, name: str) -> pa.Table | DatasetRejected:
    try:
        return read_dataset(content, name)
    except DatasetRejected as rejection:
        return rejection


@given(st.binary(max_size=300), st.sampled_from(["a.csv.gz", "a.parquet"]))
def test_any_bytes_are_a_table_or_a_rejection(content: bytes, name: str) -> None:
    for given_bytes in (content, b"\x1f\x8b" + content, b"PAR1" + content + b"PAR1"):
        found = read_or_reject(given_bytes, name)
        assert isinstance(found, pa.Table) or found.violations


JSON_TEXTS = {
    "objects": '[{"a": 1, "b": 2}, {"a": 3}]',
    "lines of objects": '{"a": 1, "b": {"c": [2]}}\n{"a": 3}\n',
    "lines of arrays": '["a", "b"]\n[1, 2]\n',
    "lines of Python's dictionaries": "{'a': 1, 'b': 2}\n{'a': 3}\n",
    "columns": ' {"a": [1, 3], "b": [2, 4]}',
}


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("name", JSON_TEXTS)
def test_json_is_called_json_in_every_shape(name: str, mark: str) -> None:
    content = (mark + JSON_TEXTS[name]).encode()
    for packed, file in ((content, "a.csv"), (gzip.compress(content), "a.csv.gz")):
        with pytest.raises(DatasetRejected, match="is JSON; write the table as CSV or Parquet"):
            read_dataset(packed, file)


def test_names_in_brackets_and_braces_are_no_json() -> None:
    for header in ("[0],[1]", "[a],b", "{a},b"):
        assert read_dataset(f"{header}\n1,2\n".encode(), "a.csv").column_names == header.split(",")
