"""The target of a first dataset: its task and labels, however they are written, and why it's refused."""

from typing import Any

import pytest

from mlops.data.check import check
from mlops.data.read_csv import read_csv
from mlops.errors.data import DatasetRejected
from tests.unit.mlops.data.inference.orders import ROWS, of, read_spec, table


def test_rows_without_a_target_are_left_out_with_a_remark() -> None:
    content = table({"asked": lambda row: "" if row % 10 == 0 else "NA" if row % 10 == 1 else "ab"[row % 2]})
    made = of(content, "asked")
    assert made.notes == ("40 of 200 rows have no asked: they are left out.",)
    assert made.max_rejected == 0
    checked = check(read_csv(content), read_spec(made))
    assert (len(checked.rows), checked.unlabelled, checked.rejected.total) == (160, 40, 0)


def test_a_label_of_too_few_rows_is_left_out_with_its_rows_and_said_to_be() -> None:
    content = table({"asked": lambda row: "maybe" if row in (3, 77) else ("no", "yes")[row % 2]})
    made = of(content, "asked")
    assert (made.target.task, made.target.labels) == ("binary", ("no", "yes"))
    assert "'maybe' (2) is the asked of too few rows to learn it: they are left out." in made.notes
    assert len(check(read_csv(content), read_spec(made)).rows) == ROWS - 2


def test_a_line_of_totals_says_nothing_of_the_columns() -> None:
    content = table({"size": lambda row: row % 7}) + b"\nTotal,,,"
    made = of(content)
    assert all(each.required for each in made.columns)
    assert made.max_rejected == 0
    assert made.notes == ("1 of 201 rows have no returned: they are left out.",)


@pytest.mark.parametrize("task", [None, "regression", "binary"])
def test_a_target_without_a_value_is_refused_as_empty(task: Any) -> None:
    for cell in ("", "NA"):
        with pytest.raises(DatasetRejected, match="asked is empty in every row; is another column the target"):
            of(table({"asked": lambda row, cell=cell: cell}), "asked", task)  # type: ignore[misc]


def test_a_constant_target_is_noted_without_a_warning() -> None:
    assert "the same in every row" in of(table({"asked": lambda row: "3.5"}), "asked", "regression").notes[0]


def test_a_target_of_few_dates_is_refused_too_unless_the_task_is_given() -> None:
    content = table({"asked": lambda row: f"2026-01-{row % 3 + 1:02}"})
    with pytest.raises(DatasetRejected, match="asked is a date, which isn't predicted"):
        of(content, "asked")
    assert of(content, "asked", "multiclass").target.labels == ("2026-01-01", "2026-01-02", "2026-01-03")


def test_a_target_of_dates_is_refused_as_such() -> None:
    with pytest.raises(DatasetRejected, match="asked is a date, which isn't predicted; make it a number"):
        of(table({"asked": lambda row: f"2026-{row % 12 + 1:02}-{row % 28 + 1:02}"}), "asked")


def test_a_label_of_too_few_rows_beside_two_others_of_any_name_is_left_out() -> None:
    made = of(table({"asked": lambda row: "c" if row in (3, 77) else "ab"[row % 3 == 0]}), "asked")
    assert (made.target.labels, made.target.positive) == (("a", "b"), "b")


NUMBERS_AS_LABELS: dict[str, tuple[tuple[str, ...], tuple[str, ...], str | None]] = {
    "two, with and without a point": (("1", "0.0", "1.0", "0", "1.0"), ("0", "1"), "1"),
    "three, with and without a point": (("2.0", "1.0", "0.0", "2", "1.0"), ("0", "1", "2"), None),
    "with a sign": (("+1", "-1", "+1"), ("-1", "+1"), "+1"),
    "the rarer of the numbers of two classes": (("1", "2", "1"), ("1", "2"), "2"),
}


@pytest.mark.parametrize("name", NUMBERS_AS_LABELS)
def test_whole_numbers_are_labels_however_they_are_written(name: str) -> None:
    cells, labels, positive = NUMBERS_AS_LABELS[name]
    content = table({"asked": lambda row: cells[row % len(cells)]})
    made = of(content, "asked")
    assert (made.target.labels, made.target.positive) == (labels, positive)
    assert set(check(read_csv(content), read_spec(made)).rows["asked"]) == set(labels)


def test_a_target_of_many_codes_is_refused_as_too_many_labels() -> None:
    with pytest.raises(DatasetRejected, match="asked has 200 different values, too many for labels"):
        of(table({"asked": lambda row: f"{row:05}"}), "asked")


@pytest.mark.parametrize("task", [None, "regression"])
def test_numbers_with_words_among_them_are_refused_with_the_words(task: Any) -> None:
    content = table({"asked": lambda row: "pending" if row % 9 == 0 else row / 7})
    with pytest.raises(DatasetRejected, match="asked has numbers, and others such as 'pending'; leave those cells"):
        of(content, "asked", task)
    with pytest.raises(DatasetRejected, match="asked has whole numbers beyond 9,007,199,254,740,992"):
        of(table({"asked": lambda row: 10**17 + row}), "asked", task)
