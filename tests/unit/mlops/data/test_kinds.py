"""Cells become the contract's kinds, whether they come as text or typed, and what can't is told."""

from datetime import date
from datetime import time as clock
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from mlops.contract import Column, Kind, Target
from mlops.data.check import check
from mlops.data.kinds import as_kind
from mlops.errors.data import DatasetRejected
from tests.unit.mlops.samples import make_spec

DAY = 86_400


def times(*seconds: int | None) -> pa.Array:
    return pa.array(seconds, pa.timestamp("s"))


BECOMES: dict[str, tuple[Kind, pa.Array, list[Any]]] = {
    "numbers as text": ("number", pa.array(["1.5", " +2 ", "", "-.5e-1", "x"]), [1.5, 2.0, None, -0.05, None]),
    "whole numbers": ("integer", pa.array([1, 2, None], pa.int16()), [1.0, 2.0, None]),
    "not a number, which is a missing one": ("number", pa.array([1.0, float("nan"), 2.0]), [1.0, None, 2.0]),
    "missing values in words": (
        "number",
        pa.array(["1", "NA", "n/a", "NULL", "?", "-", "nan", "x"]),
        [1.0, *[None] * 7],
    ),
    "thousands": (
        "number",
        pa.array(["1,234.5", "-12,345,678", "1'234", "1 234"]),
        [1234.5, -12345678.0, 1234.0, 1234.0],
    ),
    "a decimal comma, beside which no comma is between thousands": (
        "number",
        pa.array(["1,234", "0,5", "7"]),
        [None, None, 7.0],
    ),
    "decimals": ("number", pa.array([Decimal("1.50"), None, Decimal(3)]), [1.5, None, 3.0]),
    "decimals, each the nearest number": ("number", pa.array([Decimal("45.66"), Decimal("0.1")]), [45.66, 0.1]),
    "times before 1970, with digits that are left out": (
        "datetime",
        pa.array(["1969-12-31T23:59:59.1234567", "1969-12-31T23:59:59.123456"]),
        [-0.876544 / DAY, -0.876544 / DAY],
    ),
    "typed times before 1970": ("datetime", pa.array([-876_543_300], pa.timestamp("ns")), [-0.876544 / DAY]),
    "booleans": ("boolean", pa.array([True, None, False]), [1.0, None, 0.0]),
    "booleans as numbers": ("boolean", pa.array([1, 0, None, 2]), [1.0, 0.0, None, None]),
    "booleans as text": ("boolean", pa.array(["true", "FALSE", "1", "0", "oui", ""]), [1.0, 0.0, 1.0, 0.0, None, None]),
    "booleans in other words": ("boolean", pa.array(["yes", "NO", "Y", "n", "T", "f"]), [1.0, 0.0, 1.0, 0.0, 1.0, 0.0]),
    "dates": ("date", pa.array([date(1970, 1, 2), None, date(1969, 12, 31)]), [1.0, None, -1.0]),
    "dates as text": ("date", pa.array(["1970-01-02", "0001-01-01", "9999-12-31"]), [1.0, -719162.0, 2932896.0]),
    "dates that aren't": ("date", pa.array(["1970-02-30", "02.01.1970", "1970-01-02"]), [None, None, 1.0]),
    "midnights": ("date", times(2 * DAY, None, DAY + 1), [2.0, None, None]),
    "midnights of a time zone": (
        "date",
        pa.array([3_600], pa.timestamp("s", tz="+23:00")),
        [1.0],
    ),
    "times": (
        "datetime",
        pa.array(["1970-01-02T12:00:00", "1970-01-01 06:00Z", "1970-01-02T00:30:00+00:30", "1970-01-03", "12:30", ""]),
        [1.5, 0.25, 1.0, 2.0, None, None],
    ),
    "times of day": (
        "time",
        pa.array(["08:30", "8:30:36", "23:59:59.9999999", "24:00", "08:60", "8", ""]),
        [8.5, 8.51, 86_399.999999 / 3600, None, None, None, None],
    ),
    "typed times of day": ("time", pa.array([clock(8, 30), None]), [8.5, None]),
    "typed times of day in seconds": ("time", pa.array([30_600], pa.time32("s")), [8.5]),
    "typed times": ("datetime", times(DAY // 2, None, -DAY), [0.5, None, -1.0]),
    "typed times of a zone": ("datetime", pa.array([DAY // 2], pa.timestamp("s", tz="+05:00")), [0.5]),
    "text": ("category", pa.array(["a ", None, ""]), ["a", None, None]),
    "text in a dictionary": ("category", pa.array(["a", "b", None]).dictionary_encode(), ["a", "b", None]),
    "numbers in a dictionary": ("number", pa.array([1.5, None]).dictionary_encode(), [1.5, None]),
    "numbers as categories": ("category", pa.array([1.0, 2.0, None]), ["1", "2", None]),
    "broken numbers as categories": ("category", pa.array([1.5, 2.0]), ["1.5", "2"]),
    "nothing at all": ("number", pa.nulls(2), [None, None]),
}


@pytest.mark.parametrize("name", BECOMES)
def test_cells_become_the_contracts_kinds(name: str) -> None:
    kind, cells, wanted = BECOMES[name]
    found = as_kind(pa.chunked_array([cells]), kind)
    assert [None if value != value else value for value in found.values.tolist()] == wanted
    assert not (found.missing & found.unreadable).any()
    assert (found.values.isna() == (found.missing | found.unreadable)).all()


@pytest.mark.parametrize(
    "text", ["0.1", "1e-320", "123456789.123456789", "9007199254740993", "2.2250738585072011e-308"]
)
def test_a_number_is_the_nearest_one_there_is(text: str) -> None:
    # Another cell, which can't be read, makes the other way through.
    for cells in ([text], [text, "x"]):
        assert as_kind(pa.chunked_array([cells]), "number").values[0] == float(text)


WRONG: dict[str, tuple[Kind, pa.Array, str, int | None]] = {
    "a time of day": ("date", times(DAY, 5, None), "type", 1),
    "an infinity": ("number", pa.array([1.0, 2.0, float("inf")]), "finite", 2),
    "a two for a boolean": ("boolean", pa.array([0, 1, 2]), "type", 2),
    "a list": ("number", pa.array([[1.0], [2.0], [3.0]]), "type", None),
    "true for a number": ("number", pa.array([True, False, True]), "type", None),
    "numbers for dates": ("date", pa.array([1, 2, 3]), "type", None),
    "bytes for text": ("category", pa.array([b"a", b"b", b"c"]), "type", None),
}


@pytest.mark.parametrize("name", WRONG)
def test_cells_and_columns_of_another_type_are_reported(name: str) -> None:
    kind, cells, rule, row = WRONG[name]
    columns = (Column(name="x", kind=kind, required=False),)
    spec = make_spec(columns=columns, target=Target(name="z", task="binary", labels=("a", "b")), vouched=())
    with pytest.raises(DatasetRejected) as caught:
        check(pa.table({"x": cells, "z": ["a", "b", "a"]}), spec)
    (violation,) = caught.value.violations
    assert (violation.rule, violation.row, violation.column) == (rule, row, "x")
