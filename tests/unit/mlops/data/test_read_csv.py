"""Only a whole, readable CSV becomes a table; anything else says where it breaks."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.data.read_csv import read_csv
from mlops.errors.data import DatasetRejected
from tests.unit.mlops.samples import HEADER, make_csv, make_lines

LINES = make_lines(4)


def cells(table: pa.Table) -> list[list[str]]:
    """The table's rows."""
    return [list(row.values()) for row in table.to_pylist()]


def test_a_csv_is_read_as_text_with_one_row_a_line() -> None:
    table = read_csv(make_csv(LINES))
    assert table.column_names == HEADER.split(",")
    assert cells(table) == [line.split(",") for line in LINES]


def test_a_byte_order_mark_windows_line_ends_and_blank_lines_change_nothing() -> None:
    content = "\ufeff" + "\r\n".join([HEADER, LINES[0], "", *LINES[1:], "", ""])
    assert read_csv(content.encode()).equals(read_csv(make_csv(LINES)))


def test_words_for_missing_values_stay_text() -> None:
    assert cells(read_csv(b"a,b\nNA,null\n")) == [["NA", "null"]]


BROKEN = {
    "empty": (b"", "empty", None, "empty"),
    "blank": (b" \n\n", "empty", None, "empty"),
    "a header alone": (make_csv([]), "empty", None, "no rows"),
    "not UTF-8": (make_csv(LINES).replace(b"short", "schön".encode("latin-1"), 1), "encoding", None, "line 2"),
    "UTF-16": (make_csv(LINES).decode().encode("utf-16"), "encoding", None, "UTF-8"),
    "cut off between cells": (make_csv(LINES)[: -len("short,") - 8], "shape", 3, "cut off"),
    "cut off within quotes": (f'{HEADER}\n1,2,"long\n'.encode(), "shape", 0, "cut off"),
    "a cell too few": (make_csv([*LINES, "1,long"]), "shape", 4, "line 6"),
    "a cell too many": (make_csv([LINES[0], "1,2,long,3"]), "shape", 1, "4 cells"),
    "a name twice": (make_csv(["1,2,3"], "length,length,kind"), "header", None, "columns 1, 2 "),
    "a header once more": (make_csv([LINES[0], HEADER, LINES[1]]), "header", 1, "line 3"),
    "semicolons": (make_csv(LINES, HEADER).replace(b",", b";"), "delimiter", None, "semicolons"),
    "semicolons around decimal commas": (b"length;width\n1,5;2,5\n", "delimiter", None, "semicolons"),
    "tabs": (make_csv(LINES).replace(b",", b"\t"), "delimiter", None, "tabs"),
    "a name missing": (make_csv(["1,2,3"], "length,,kind"), "header", None, "column 2"),
    "UTF-16 without its mark": (make_csv(LINES).decode().encode("utf-16-le"), "encoding", None, "is the file UTF-16?"),
    "a NUL": (make_csv(LINES).replace(b"short", b"sh\0rt", 1), "encoding", None, "is NUL, which no text has"),
    "a line for Excel": (b"sep=,\n" + make_csv(LINES), "header", None, "'sep=', is for Excel; remove it"),
    "a line for Excel, with semicolons": (b"sep=;\na;b\n1;2\n", "header", None, "'sep=;', is for Excel"),
    "a title above the header": (b"Leaves\n" + make_csv(LINES), "shape", 0, "the first line no header?"),
    "a comma that isn't quoted": (make_csv([LINES[0], "1,2,long, thin"]), "shape", 1, "with a comma in it not quoted"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_no_whole_csv_is_rejected_with_the_place_where_it_breaks(kind: str) -> None:
    content, rule, row, words = BROKEN[kind]
    with pytest.raises(DatasetRejected) as caught:
        read_csv(content)
    (violation,) = caught.value.violations
    assert (violation.rule, violation.row) == (rule, row)
    assert words in violation.message
    assert caught.value.reason == violation.message


def test_a_long_cell_is_read_whether_it_is_quoted_or_not() -> None:
    text = "x" * 200_000
    for cell in (text, f'"{text}"'):
        assert cells(read_csv(f"a,b\n{cell},1\n".encode())) == [[text, "1"]]


@pytest.mark.parametrize("content", [b"\xef", b"\xef\xbb", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n\n"])
def test_a_byte_order_mark_and_nothing_more_is_an_empty_file(content: bytes) -> None:
    with pytest.raises(DatasetRejected, match="the file has no header and no rows"):
        read_csv(content)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_a_rejection(content: bytes) -> None:
    try:
        table = read_csv(content)
    except DatasetRejected as rejection:
        assert rejection.violations
    else:
        assert len(table) > 0


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(lambda text: not text.isspace())


@given(st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=5))
def test_any_quoted_text_comes_back_as_it_was(rows: list[list[str]]) -> None:
    quoted = ["a,b", *(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)]
    assert cells(read_csv("\n".join(quoted).encode())) == rows


def test_of_many_repeated_names_the_first_are_reported() -> None:
    with pytest.raises(DatasetRejected, match=r"columns 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 190 more of the header"):
        read_csv(",".join(["a"] * 200).encode() + b"\n")
