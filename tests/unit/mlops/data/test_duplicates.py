"""No row is both trained on and tested on under another name: repeated rows, contradictions, keys."""

import numpy as np
import pytest

from mlops.contract import Column
from mlops.data.check import check
from mlops.data.read_csv import read_csv
from mlops.errors.data import DatasetRejected
from mlops.errors.violations import Violation
from mlops.spec import ModelSpec
from tests.unit.mlops.samples import HEADER, make_csv, make_lines, make_spec

LINES = make_lines(60)
NUMBERED = [f"leaf-{row},{line}" for row, line in enumerate(LINES)]
KEYED = f"code,{HEADER}"


def reject(content: bytes, spec: ModelSpec) -> tuple[Violation, ...]:
    with pytest.raises(DatasetRejected) as caught:
        check(read_csv(content), spec)
    return caught.value.violations


def test_the_same_inputs_with_another_label_are_a_contradiction() -> None:
    inputs, _, label = LINES[3].rpartition(",")
    other = f"{inputs},{'short' if label == 'long' else 'long'}"
    (violation,) = reject(make_csv([*LINES, other]), make_spec())
    assert (violation.rule, violation.row) == ("conflict", 60)
    assert "row 60 has the inputs of row 3 and another kind" in violation.message


def test_a_row_that_occurs_three_times_has_two_duplicates() -> None:
    found = reject(make_csv([*LINES, LINES[3], LINES[3]]), make_spec())
    assert [(each.rule, each.message) for each in found] == [
        ("duplicate", "row 60 is a duplicate of row 3"),
        ("duplicate", "row 61 is a duplicate of row 3"),
    ]


def test_equal_rows_with_different_keys_are_different() -> None:
    content = make_csv([*NUMBERED, f"leaf-60,{LINES[3]}"], KEYED)
    rows = check(read_csv(content), make_spec(key=("code",))).rows
    assert len(rows) == 61
    assert list(rows.columns) == ["length", "width", "kind"]


def test_a_duplicate_or_missing_key_is_reported_without_its_value() -> None:
    content = make_csv([*NUMBERED, f"leaf-3,{make_lines(61)[60]}", ",5,6,long"], KEYED)
    again, missing = reject(content, make_spec(key=("code",)))
    assert (again.rule, again.row, again.column) == ("key", 60, "code")
    assert again.message == "row 60: code is that of row 3; it must identify each row"
    assert (missing.rule, missing.row, missing.value) == ("key", 61, None)
    assert "leaf-3" not in str(again.to_dict())


def test_columns_make_a_key_together() -> None:
    lines = [f"{row % 2},{row // 2},{line}" for row, line in enumerate(LINES)]
    spec = make_spec(key=("tree", "leaf"))
    assert len(check(read_csv(make_csv(lines, f"tree,leaf,{HEADER}")), spec).rows) == 60
    (violation,) = reject(make_csv([*lines, f"0,1,{make_lines(61)[60]}"], f"tree,leaf,{HEADER}"), spec)
    assert violation.column == "tree and leaf"


def test_a_dataset_without_its_key_is_rejected_with_the_columns_name() -> None:
    (violation,) = reject(make_csv(LINES), make_spec(key=("code",)))
    assert (violation.rule, violation.column) == ("missing", "code")


def test_more_equal_rows_than_chance_makes_are_rejected_however_few_the_columns() -> None:
    columns = (Column(name="length"), Column(name="width", kind="boolean"))
    random = np.random.default_rng(1)
    lines = [f"{row / 7:.3f},{random.integers(2)},{label}" for row, label in enumerate(["short", "long"] * 50)]
    assert len(check(read_csv(make_csv([*lines, lines[0]])), make_spec(columns=columns)).rows) == 101
    found = reject(make_csv([*lines, *lines[:20]]), make_spec(columns=columns))
    assert [(each.rule, each.row) for each in found] == [("duplicate", row) for row in range(100, 120)]


def test_equal_rows_of_a_coarse_table_are_accepted() -> None:
    random = np.random.default_rng(0)
    columns = tuple(Column(name=name, kind="boolean") for name in ("length", "width"))
    lines = [
        f"{a},{b},{label}" for a, b, label in zip(*random.choice([0, 1], (2, 100)), ["short", "long"] * 50, strict=True)
    ]
    rows = check(read_csv(make_csv(lines)), make_spec(columns=columns)).rows
    assert len(rows) == 100
