"""Rows that came, went or have other values between two datasets, and the keys by which the same row is known."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlops.data.difference import compare_datasets
from mlops.data.keys import read_keys
from mlops.data.row_changes import RowChanges, compare_rows
from tests.unit.mlops.samples import make_spec

COLUMNS = ("height", "colour")
BEFORE = pd.DataFrame({"height": [1.0, 2.0, 3.0, 4.0], "colour": ["red", "red", "green", None]})
AFTER = pd.DataFrame({"height": [4.0, 9.0, 1.0, 5.0], "colour": [None, "red", "red", "blue"]})


def digests(*keys: int) -> np.ndarray:
    return np.array(keys, dtype=np.uint64)


def listed(found: RowChanges) -> tuple[int, list[int], list[int], list[list[int]] | None]:
    changed = None if found.changed is None else found.changed.tolist()
    return found.kept, found.removed.tolist(), found.added.tolist(), changed


def test_without_keys_a_row_with_another_value_went_and_came() -> None:
    assert listed(compare_rows((BEFORE, AFTER), COLUMNS)) == (2, [1, 2], [1, 3], None)


def test_a_row_of_the_same_key_with_another_value_changed() -> None:
    keys = digests(10, 20, 30, 40), digests(40, 20, 10, 50)
    assert listed(compare_rows((BEFORE, AFTER), COLUMNS, keys)) == (2, [2], [3], [[1, 1]])


def test_a_key_that_is_not_one_rows_alone_recognises_none() -> None:
    keys = digests(10, 20, 20, 40), digests(40, 20, 10, 50)
    assert listed(compare_rows((BEFORE, AFTER), COLUMNS, keys)) == (2, [1, 2], [1, 3], [])


def test_changed_rows_come_in_the_order_of_the_later_dataset() -> None:
    after = BEFORE.assign(height=BEFORE["height"] + 10).iloc[::-1].reset_index(drop=True)
    found = compare_rows((BEFORE, after), COLUMNS, (digests(1, 2, 3, 4), digests(4, 3, 2, 1)))
    assert listed(found) == (0, [], [], [[3, 0], [2, 1], [1, 2], [0, 3]])


def test_equal_datasets_have_no_changes_whatever_their_keys_and_their_order() -> None:
    found = compare_rows((BEFORE, BEFORE.iloc[::-1]), COLUMNS, (digests(1, 2, 3, 4), digests(1, 2, 3, 4)))
    assert listed(found) == (4, [], [], [])


def test_a_difference_counts_each_row_once() -> None:
    spec = make_spec(key=("id",), columns=make_spec().columns)
    before = pd.DataFrame({"length": [1.0, 2.0, 3.0], "width": 1.0, "kind": ["long"] * 3})
    after = pd.DataFrame({"length": [1.0, 9.0, 7.0, 8.0], "width": 1.0, "kind": ["long"] * 4})
    keys = digests(1, 2, 3), digests(1, 2, 4, 5)
    found = compare_datasets((before, after), (spec, spec), keys)
    assert (found.rows, found.kept, found.changed, found.removed, found.added) == ((3, 4), 1, 1, 1, 2)
    unkeyed = compare_datasets((before, after), (spec, spec))
    assert (unkeyed.kept, unkeyed.changed, unkeyed.removed, unkeyed.added) == (1, None, 2, 3)


TABLE = pa.table({"id": ["a ", "b", "a", ""], "place": [1, 2, 1, 3], "length": [1.0, 2.0, 3.0, 4.0]})


def test_keys_are_equal_for_the_same_cells_however_they_are_written() -> None:
    rows = pd.DataFrame({"length": [1.0, 2.0, 3.0]}, index=[0, 1, 2])
    found = read_keys(TABLE, rows, make_spec(key=("id", "place")))
    assert found is not None
    assert found[0] == found[2] != found[1]


def test_keys_are_those_of_the_rows_places_in_the_table() -> None:
    spec = make_spec(key=("id",))
    whole = read_keys(TABLE, pd.DataFrame({"length": [1.0, 2.0, 3.0]}, index=[0, 1, 2]), spec)
    part = read_keys(TABLE, pd.DataFrame({"length": [2.0]}, index=[1]), spec)
    assert whole is not None
    assert part is not None
    assert part.tolist() == whole[[1]].tolist()


@pytest.mark.parametrize("rows", [0, 3])
def test_a_spec_without_a_key_has_none(rows: int) -> None:
    assert read_keys(TABLE, pd.DataFrame({"length": [1.0] * rows}), make_spec()) is None
