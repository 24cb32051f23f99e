"""Rows, columns and values that changed between two datasets."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlops.contract import Column, Target
from mlops.data.difference import CommonValues, DatasetDifference, Quartiles, compare_datasets
from mlops.spec import ModelSpec
from tests.unit.mlops.samples import make_spec

COLUMNS = (Column(name="height"), Column(name="colour", kind="category", required=False))
KIND = Target(name="kind", task="binary", labels=("oak", "ash"), positive="ash")
SPEC = replace(make_spec(), columns=COLUMNS, target=KIND, vouched=())


def make_rows(count: int = 200, seed: int = 0, height: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "height": rng.normal(height, 1, count),
            "colour": rng.choice(["green", "red"], count),
            "kind": rng.choice(["oak", "ash"], count),
        }
    )


def compare(
    before: pd.DataFrame, after: pd.DataFrame, specs: tuple[ModelSpec, ModelSpec] = (SPEC, SPEC)
) -> DatasetDifference:
    return compare_datasets((before, after), specs)


def test_rows_are_told_apart_by_their_content_and_not_by_their_place() -> None:
    rows = make_rows()
    found = compare(rows, pd.concat([rows.iloc[150:], rows.iloc[:50], make_rows(10, seed=1)]))
    assert (found.rows, found.kept, found.removed, found.added) == ((200, 110), 100, 100, 10)


def test_the_same_dataset_has_no_shift() -> None:
    found = compare(make_rows(), make_rows())
    assert [(shift.distance, shift.shifted) for shift in found.shifts] == [(0.0, False)] * 3


def test_samples_of_one_population_are_not_called_shifted() -> None:
    assert not [shift for shift in compare(make_rows(), make_rows(seed=1)).shifts if shift.shifted]


@pytest.mark.parametrize("column", ["height", "colour", "kind"])
def test_a_shift_is_found_in_the_column_that_has_it(column: str) -> None:
    rows = make_rows(seed=1, height=1.0 if column == "height" else 0.0)
    if column != "height":
        rows[column] = rows[column].mask(np.arange(len(rows)) % 2 == 0, "red" if column == "colour" else "ash")
    found = compare(make_rows(), rows)
    assert [shift.column for shift in found.shifts if shift.shifted] == [column]
    assert found.shifts[0].column == column


def test_missing_values_are_counted_and_left_out_of_the_distance() -> None:
    rows = make_rows()
    emptied = rows.assign(colour=rows["colour"].where(np.arange(200) % 4 > 0))
    shift = next(shift for shift in compare(rows, emptied).shifts if shift.column == "colour")
    assert (shift.missing_before, shift.missing_after) == (0.0, 0.25)
    assert shift.distance < 0.1


def test_a_column_with_nothing_but_missing_values_is_compared_all_the_same() -> None:
    rows = make_rows().assign(colour=None)
    assert not [shift for shift in compare(rows, rows).shifts if shift.shifted]


def test_columns_that_came_and_went_are_named_and_rows_compared_by_the_others() -> None:
    wider = replace(SPEC, columns=(*COLUMNS, Column(name="age")))
    rows = make_rows()
    found = compare(rows, rows.assign(age=1.0), (SPEC, wider))
    assert (found.columns_added, found.columns_removed) == (("age",), ())
    assert found.kept == 200
    assert compare(rows.assign(age=1.0), rows, (wider, SPEC)).columns_removed == ("age",)


def test_values_are_summarised_by_quartiles_or_by_the_most_common_ones() -> None:
    rows = pd.DataFrame({"height": [1.0, 2.0, 3.0, None], "colour": ["red", "red", "green", None], "kind": ["oak"] * 4})
    shifts = {shift.column: shift for shift in compare(rows, rows.assign(height=None)).shifts}
    assert shifts["height"].before == Quartiles(1.5, 2.0, 2.5)
    assert shifts["height"].after == Quartiles(None, None, None)
    assert shifts["colour"].before == CommonValues((("red", 2 / 3), ("green", 1 / 3)))
