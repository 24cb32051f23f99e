"""A first dataset becomes a draft that it passes itself, with notes on what a person should look at."""

from collections.abc import Callable

import pyarrow as pa
import pytest

from mlops.contract import Task
from mlops.data.check import check
from mlops.data.inference import draft
from mlops.data.inference.spec_file import in_braces
from mlops.data.read_csv import read_csv
from mlops.errors.data import DatasetRejected
from mlops.spec.table import count_names, expand
from tests.unit.mlops.data.inference.orders import ROWS, of, table


def test_a_draft_is_passed_by_its_own_dataset() -> None:
    content = table()
    made = of(content)
    assert [column.name for column in made.columns] == ["amount", "channel"]
    assert (made.target.labels, made.target.positive) == (("no", "yes"), "yes")
    assert made.notes == ()
    assert len(check(read_csv(content), made.to_spec()).rows) == ROWS


def test_a_column_that_identifies_rows_becomes_the_key() -> None:
    made = of(table({"order": lambda row: f"A-{row}"}))
    assert made.key == ("order",)
    assert "order" not in [column.name for column in made.columns]
    assert "identifies each row" in made.notes[0]


def test_a_leak_an_empty_column_and_a_second_identifier_are_ignored() -> None:
    content = table(
        {
            "order": lambda row: f"A-{row}",
            "invoice": lambda row: 5000 + row,
            "remark": lambda row: "",
            "refund": lambda row: "",
        }
    )
    lines = content.decode().splitlines()
    filled = [lines[0], *(line.replace(",,yes", ",9.5,yes") for line in lines[1:])]
    made = of("\n".join(filled).encode())
    assert made.key == ("order",)
    assert set(made.ignored) == {"invoice", "remark", "refund"}
    assert any("'refund' is returned under other labels" in note for note in made.notes)
    assert any("'remark' is empty" in note for note in made.notes)
    assert len(check(read_csv("\n".join(filled).encode()), made.to_spec()).rows) == ROWS


def test_a_few_broken_cells_are_left_out() -> None:
    made = of(table({"weight": lambda row: "heavy" if row == 7 else row % 10 + 0.5}))
    assert made.columns[-1].kind == "number"
    assert made.max_rejected == 0.01
    assert "1 of 200 rows broke the contract" in made.notes[0]
    assert "row 7: weight must be a number" in made.notes[0]


def test_what_would_be_refused_is_noted_first() -> None:
    assert "there are 60 rows; training needs at least 100" in of(table(rows=60)).notes[0]
    twice = b"\n".join([table(), *table().splitlines()[1:30]])
    assert "30 of 229 rows break the contract: row 89 is a duplicate of row 85" in of(twice).notes[0]


def test_a_missing_target_is_rejected_with_the_nearest_name() -> None:
    with pytest.raises(DatasetRejected, match="no column 'retuned'; did you mean 'returned'"):
        of(table(), "retuned")
    with pytest.raises(DatasetRejected, match="there are amount, channel, returned"):
        of(table(), "price")


TARGETS: dict[str, tuple[Callable[[int], object], Task | None, Task, tuple[str, ...]]] = {
    "three words": (lambda row: "abc"[row % 3], None, "multiclass", ("a", "b", "c")),
    "a few whole numbers": (lambda row: row % 12, None, "multiclass", tuple(map(str, range(12)))),
    "many whole numbers": (lambda row: row * 7 % 101, None, "regression", ()),
    "numbers": (lambda row: row % 12 + 0.5, None, "regression", ()),
    "a few whole numbers, as an amount": (lambda row: row % 12, "regression", "regression", ()),
    "zero and one": (lambda row: row % 2, None, "binary", ("0", "1")),
    "the rarer of two": (lambda row: "blue" if row % 5 else "red", None, "binary", ("blue", "red")),
}


@pytest.mark.parametrize("name", TARGETS)
def test_the_task_follows_from_the_targets_cells(name: str) -> None:
    make, given, task, labels = TARGETS[name]
    made = of(table({"asked": make}), "asked", given)
    assert (made.target.task, made.target.labels) == (task, labels)


WRONG: dict[str, tuple[Callable[[int], object], Task | None, str]] = {
    "one label": (lambda row: "a", None, "a single label"),
    "names": (lambda row: f"n{row}", None, "200 different values"),
    "words for a regression": (lambda row: "ab"[row % 2], "regression", "isn't a number"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_target_that_cannot_be_one_is_refused(name: str) -> None:
    make, task, words = WRONG[name]
    with pytest.raises(DatasetRejected, match=words):
        of(table({"asked": make}), "asked", task)


def test_a_table_of_nothing_but_an_identifier_is_noted_as_refused() -> None:
    names = pa.table({"name": [f"n{row}" for row in range(ROWS)], "y": ["a", "b"] * (ROWS // 2)})
    assert "It would be refused as it is: column 'name' has 200 different texts" in draft(names, "names", "y").notes[0]


def test_columns_of_types_that_are_not_read_are_ignored() -> None:
    odd = {
        "tags": pa.array([["a"]] * ROWS),
        "photo": pa.array([b"x"] * ROWS),
        "at": pa.array([60 * (row % 77) for row in range(ROWS)], pa.timestamp("s")),
        "nothing": pa.nulls(ROWS),
    }
    cells = read_csv(table())
    for name, column in odd.items():
        cells = cells.append_column(name, column)
    made = draft(cells, "orders", "returned")
    assert set(made.ignored) == {*odd} - {"at"}
    assert next(column.kind for column in made.columns if column.name == "at") == "datetime"
    assert sum("isn't read" in note for note in made.notes) == 2
    assert len(check(cells, made.to_spec()).rows) == ROWS
    with pytest.raises(DatasetRejected, match="of the type list"):
        draft(cells, "orders", "tags")


def test_numbered_columns_have_one_range() -> None:
    made = of(table({f"x{number}": lambda row, by=number: row % (by + 2) for number in range(9)}))  # type: ignore[misc]
    assert {(column.minimum, column.maximum) for column in made.columns if column.name.startswith("x")} == {(0, 20)}


def test_names_of_two_numbers_are_no_range_of_all_their_pairs() -> None:
    names = [f"gene_{number}_{999_983 * number % 1_000_003}" for number in range(40)]
    assert [each for line in in_braces(names, 200) for each in expand(line)] == names


def test_names_of_numbers_that_python_does_not_read_are_no_range() -> None:
    names = [f"q{digit * 5_000}" for digit in "123"]
    assert list(in_braces(names, 80)) == names


@pytest.mark.parametrize("name", ["a", "x{0..7}_{0..7}", "{a,b,c}{1..2}", "x{5..3}", "x{07..10} (mm)"])
def test_names_in_braces_are_counted_without_being_made(name: str) -> None:
    assert count_names(name) == len(list(expand(name)))
