"""What a column seems to be: its kind, and what its cells may be from now on."""

from datetime import date, datetime, time
from typing import Any

import pyarrow as pa
import pytest

from mlops.contract import Column, Kind
from mlops.data.inference.columns import infer_column as infer
from mlops.data.inference.columns import infer_kind
from mlops.data.inference.ranges import round_up

KINDS: dict[str, tuple[Any, Kind]] = {
    "whole numbers": (["1", "-2", ""], "integer"),
    "numbers": (["1.0", "2", ""], "number"),
    "numbers, but for a few cells": (["1.5"] * 96 + ["?", "n/a", "-"], "number"),
    "numbers and as many words": (["1.5"] * 50 + ["heavy"] * 50, "category"),
    "numbers and as many missing values in words": (["1.5"] * 10 + ["?", "NA", "null", "-", "n/a"] * 20, "number"),
    "numbers with commas between thousands": (["1,234.5", "12", "1,234,567.25"], "number"),
    "whole numbers with commas between thousands": (["1,234", "12", "1,234,567"], "integer"),
    "numbers with decimal commas": (["1,5", "12,25", "1,234"], "category"),
    "codes with leading zeros": (["1", "01", "001", "10"], "category"),
    "one code with leading zeros": (["10"] * 500 + ["02139"], "category"),
    "numbers from zero to one": (["0", "0.5", "0.25"], "number"),
    "numbers that floating point can't tell apart": (["9007199254740993", "5"], "category"),
    "the same, typed": (pa.array([9007199254740993, 5]), "category"),
    "truth values in every spelling, and none": (["TRUE", "false", "True", "NA"], "boolean"),
    "true and false": (["true", "False", ""], "boolean"),
    "zeros and ones": (["0", "1"], "integer"),
    "dates": (["2026-01-31", "2025-12-01"], "date"),
    "times": (["2026-01-31 08:30:00", "2025-12-01T23:59:59.5Z", "2026-01-31T08:30+02:00"], "datetime"),
    "dates, and times among them": (["2026-01-31"] * 39 + ["2026-01-31 08:30:00"], "datetime"),
    "dates in another form": (["31.01.2026", "01.12.2025"], "category"),
    "times of day": (["08:30", "23:59:59.5", "8:05", ""], "time"),
    "times of day, and some that are wrong": (["08:30"] * 39 + ["noon"], "time"),
    "shops close at the end of the day": (["08:30"] * 39 + ["24:00"], "time"),
    "durations, of which one is too long for a time of day": (["08:30"] * 99 + ["26:15"], "category"),
    "ratios": (["16:9", "4:3", "16:10"], "category"),
    "typed times without a date": (pa.array([time(8, 30)]), "time"),
    "words": (["a", "b"], "category"),
    "typed whole numbers": (pa.array([1, 2]), "integer"),
    "whole numbers beside gaps, as pandas has them": (pa.array([1.0, None, 3.0]), "integer"),
    "typed numbers": (pa.array([1.0, 2.0]), "number"),
    "typed booleans": (pa.array([True, None]), "boolean"),
    "typed dates": (pa.array([date(2026, 1, 1)]), "date"),
    "typed times": (pa.array([datetime.fromisoformat("2026-01-01T00:00:00")]), "date"),
    "typed times of day": (pa.array([datetime.fromisoformat("2026-01-01T08:30:00")]), "datetime"),
    "a dictionary of words": (pa.array(["a", "b"]).dictionary_encode(), "category"),
}


def infer_column(name: str, cells: pa.ChunkedArray) -> Column:
    return infer(name, cells, infer_kind(cells))


@pytest.mark.parametrize("name", KINDS)
def test_the_kind_is_that_of_most_cells(name: str) -> None:
    cells, kind = KINDS[name]
    assert infer_kind(pa.chunked_array([cells])) == kind


RANGES: dict[str, tuple[list[str], float, float]] = {
    "positive": (["4.3", "7.9"], 0, 20),
    "both signs": (["-3.5", "2.5"], -10, 10),
    "negative": (["-3.5", "-0.5"], -10, 0),
    "small": (["0.001", "0.004"], 0, 0.01),
    "one value": (["3.5", "3.5"], 0, 10),
    "zero only": (["0.0", "0.0"], 0, 1),
    "zero and one": (["0", "1"], 0, 1),
    "whole": (["18", "90"], 0, 200),
}


@pytest.mark.parametrize("name", RANGES)
def test_a_range_leaves_room_for_as_much_again_as_was_seen(name: str) -> None:
    cells, minimum, maximum = RANGES[name]
    column = infer_column("x", pa.chunked_array([cells]))
    assert (column.minimum, column.maximum) == (minimum, maximum)


@pytest.mark.parametrize(("value", "rounded"), [(1, 1), (1.01, 2), (2.5, 5), (7, 10), (0.03, 0.05), (99, 100)])
def test_limits_are_round(value: float, rounded: float) -> None:
    assert round_up(value) == pytest.approx(rounded)


def test_few_texts_are_the_allowed_values_and_many_are_any() -> None:
    few = infer_column("x", pa.chunked_array([["b", "a"] * 20]))
    assert few.categories == ("a", "b")
    assert infer_column("x", pa.chunked_array([[str(n) + "x" for n in range(13)] * 20])).categories == ()
    assert infer_column("x", pa.chunked_array([["a", "b", "c", "d"] * 2])).categories == ()


def test_missing_cells_units_and_personal_names_are_seen() -> None:
    column = infer_column("height (cm)", pa.chunked_array([["1", "", "2"]]))
    assert (column.required, column.unit, column.privacy) == (False, "cm", "keep")
    assert infer_column("price [EUR]", pa.chunked_array([["1"]])).unit == "EUR"
    assert infer_column("customer_email", pa.chunked_array([["a@b.c"]])).privacy == "hash"


def test_the_values_of_a_column_that_looks_personal_are_not_written_into_the_contract() -> None:
    cells = pa.chunked_array([["Bern", "Genf"] * 40])
    assert infer_column("birth place", cells).categories == ()
    assert infer_column("place", cells).categories == ("Bern", "Genf")
