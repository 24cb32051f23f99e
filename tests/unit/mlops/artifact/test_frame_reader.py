"""Data frames as people have them are read without loss and answered as requests are, or refused with the cell."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops.artifact.frame_reader import FrameRejected, read_frame
from mlops.artifact.frames import frame_inputs
from mlops.artifact.inputs import Inputs
from mlops.contract import Column, Contract, Target
from mlops.errors.serving import InputRejected
from mlops.serving.rows.reader import RowReader

COLUMNS = {
    "number": Column(name="x", minimum=-10, maximum=1e9),
    "integer": Column(name="x", kind="integer"),
    "gaps": Column(name="x", kind="integer", required=False),
    "boolean": Column(name="x", kind="boolean"),
    "date": Column(name="x", kind="date"),
    "datetime": Column(name="x", kind="datetime", required=False),
    "time": Column(name="x", kind="time", minimum=6, required=False),
    "text": Column(name="x", kind="category", required=False),
    "codes": Column(name="x", kind="category", categories=("1", "2")),
    "answers": Column(name="x", kind="category", categories=("no", "yes"), required=False, missing_values=("unknown",)),
}


def contract(column: str) -> Contract:
    target = Target(name="answer", task="binary", labels=("no", "yes"))
    return Contract(columns=(COLUMNS[column],), target=target)


def stamps(*texts: str | None, zone: str | None = None, unit: str = "ns") -> pd.Series:
    moments: Any = np.array([text or "NaT" for text in texts], dtype=f"datetime64[{unit}]")
    return pd.Series(pd.DatetimeIndex(moments, tz=zone))


# Column, cells as a frame has them, cells as a request has them.
READ: dict[str, tuple[str, Any, list[Any]]] = {
    **{
        f"whole numbers as {kind}": ("integer", pd.Series([3, 7], dtype=kind), [3, 7])
        for kind in ("int8", "int32", "int64", "uint16", "uint64", "float32", "float64", "Int32", "Int64", "Float64")
    },
    "whole numbers of arrow": ("integer", pd.Series([3, 7], dtype="int64[pyarrow]"), [3, 7]),
    "NumPy's whole numbers among objects": ("integer", [np.int64(3), np.float32(7)], [3, 7]),
    "whole numbers as text": ("integer", ["3", " 7.0 "], [3, 7]),
    "whole numbers as pandas' text": ("integer", pd.Series(["3", "1,007"], dtype="string"), [3, 1007]),
    "decimals": ("number", [Decimal("2.5"), Decimal(3)], [2.5, 3]),
    "numbers as whole numbers": ("number", pd.Series([2, 3], dtype="int64"), [2, 3]),
    "numbers of single precision": ("number", pd.Series([0.5, 3.25], dtype="float32"), [0.5, 3.25]),
    "categories of numbers": ("number", pd.Series([2.5, 3.0]).astype("category"), [2.5, 3]),
    "gaps of pandas": ("gaps", pd.Series([3, None], dtype="Int64"), [3, None]),
    "gaps as NaN": ("gaps", [3.0, np.nan], [3, None]),
    "gaps among objects": ("gaps", pd.Series([3, pd.NA, None], dtype=object), [3, None, None]),
    "gaps in words": ("gaps", ["3", "NA", "-"], [3, None, None]),
    "truths": ("boolean", [True, False], [True, False]),
    "truths among objects": ("boolean", pd.Series([True, np.False_], dtype=object), [True, False]),
    "truths of pandas": ("boolean", pd.Series([True, False], dtype="boolean"), [True, False]),
    "truths as numbers": ("boolean", [1, 0.0], [True, False]),
    "truths as text": ("boolean", ["TRUE", "no"], [True, False]),
    "days": ("date", stamps("2026-03-01", "1969-12-31"), ["2026-03-01", "1969-12-31"]),
    "days of other precision": ("date", stamps("2026-03-01", unit="s"), ["2026-03-01"]),
    "days of Python": ("date", [date(2026, 3, 1)], ["2026-03-01"]),
    "days as text": ("date", ["2026-03-01"], ["2026-03-01"]),
    "days as JSON of pandas has them": ("date", ["2026-03-01T00:00:00.000Z"], ["2026-03-01"]),
    "midnights of a zone": ("date", stamps("2026-03-01", zone="Asia/Tokyo"), ["2026-03-01"]),
    "times": ("datetime", stamps("2026-03-01 08:30:15.25", None), ["2026-03-01T08:30:15.25", None]),
    "times of a zone": ("datetime", stamps("2026-03-01 08:30", zone="Asia/Tokyo"), ["2026-03-01T08:30+09:00"]),
    "times of Python": ("datetime", [datetime(2026, 3, 1, 8, 30, tzinfo=UTC)], ["2026-03-01T08:30Z"]),
    "times of NumPy": (
        "datetime",
        [np.datetime64("2026-03-01T08:30"), np.datetime64("NaT", "ns")],
        ["2026-03-01T08:30", None],
    ),
    "times as text": ("datetime", ["2026-03-01 08:30", "2026-03-01"], ["2026-03-01 08:30", "2026-03-01"]),
    "times of day": ("time", [time(8, 30), None], ["08:30", None]),
    "times of day as text": ("time", ["8:30", "20:15:30.25", "NA"], ["08:30", "20:15:30.25", None]),
    "texts": ("text", ["a ", None], ["a", None]),
    "texts of pandas": ("text", pd.Series(["a", pd.NA], dtype="string"), ["a", None]),
    "texts of arrow": ("text", pd.Series(["a", None], dtype="string[pyarrow]"), ["a", None]),
    "texts of NumPy": ("text", [np.str_("a")], ["a"]),
    "categories": ("text", pd.Series(["a", None]).astype("category"), ["a", None]),
    "whole numbers in place of texts": ("text", [12, np.int64(7)], ["12", "7"]),
    "floating whole numbers in place of texts": ("text", [12.0, np.nan], ["12", None]),
    "codes as numbers": ("codes", [1, 2.0], ["1", "2"]),
    "codes as categories": ("codes", pd.Series([1, 2]).astype("category"), ["1", "2"]),
    "truths in place of yes and no": ("answers", [True, "NO", "Unknown"], ["yes", "no", None]),
}


@pytest.mark.parametrize("name", READ)
def test_cells_that_can_be_read_without_loss_are_those_of_a_request(name: str) -> None:
    column, cells, sent = READ[name]
    kept = contract(column)
    frame = pd.DataFrame({"x": cells})
    found = frame_inputs(kept, read_frame(kept, frame))
    wanted = Inputs(kept)(RowReader(kept, 10).check([{"x": cell} for cell in sent]))
    assert found.keys() == wanted.keys()
    for each in wanted:
        np.testing.assert_array_equal(found[each], wanted[each])


# Column, cells as a frame has them, what the error must say of the first of them that is wrong, its row.
REFUSED: dict[str, tuple[str, Any, str, int]] = {
    "a fraction in a whole number": ("integer", [3.0, 3.5], "must be a whole number, not", 1),
    "a whole number beyond floats": ("integer", [2**53 + 1], "floating point can't tell from the next one", 0),
    "the same among objects": ("integer", pd.Series([1, 2**53 + 1], dtype=object), "can't tell from the next one", 1),
    "a truth in a number": ("number", pd.Series([1.0, True], dtype=object), "must be a number and at least -10", 1),
    "truths in place of numbers": ("integer", [True, False], "must be a whole number, not True", 0),
    "infinity": ("number", [np.inf], "must be a number", 0),
    "beyond the range": ("number", [1.0, 2e9], "at most 1e+09, not", 1),
    "a word in a number": ("number", ["1.5", "heavy"], "not 'heavy'", 1),
    "an underscore": ("number", ["1_000"], "not '1_000'", 0),
    "complex numbers": ("number", [1 + 2j], "must be a number", 0),
    "a time in place of a number": ("number", stamps("2026-03-01"), "must be a number", 0),
    "a gap where there may be none": ("integer", [3.0, np.nan], "is missing", 1),
    "a gap in words where there may be none": ("integer", ["3", "NA"], "is missing", 1),
    "a number in place of a truth": ("boolean", [0, 2], "must be true or false, not 2", 1),
    "a time of day in a date": ("date", stamps("2026-03-01", "2026-03-01 08:30"), "without a time of day", 1),
    "a number in place of a date": ("date", [20_000], "must be a date", 0),
    "a day that isn't": ("date", ["2026-02-30"], "must be a date", 0),
    "an unknown category": ("codes", ["1", "3"], "must be one of 1, 2, not '3'", 1),
    "a code with a fraction": ("codes", [1.5], "must be one of 1, 2", 0),
    "a number in place of a time of day": ("time", [8.5], "must be a time of day and at least 06:00:00, not 8.5", 0),
    "a duration": ("time", ["08:30", "26:15"], "not '26:15'", 1),
    "a time of day that is too early": ("time", [time(5, 59)], "at least 06:00:00", 0),
    "a date in place of a time of day": ("time", stamps("2026-03-01 08:30"), "must be a time of day", 0),
    "bytes": ("text", [b"a"], "must be text, not b'a'", 0),
    "a list": ("text", [["a"]], "must be text", 0),
    "a number in place of a text that lost digits": ("text", [1e17], "must be text", 0),
}


@pytest.mark.parametrize("name", REFUSED)
def test_cells_that_cannot_be_read_without_loss_are_refused_with_row_and_reason(name: str) -> None:
    column, cells, words, row = REFUSED[name]
    with pytest.raises(FrameRejected) as caught:
        read_frame(contract(column), pd.DataFrame({"x": cells}))
    assert f"row {row}: x " in str(caught.value)
    assert words in str(caught.value)
    assert caught.value.total == 1 + (name == "truths in place of numbers")


def test_what_a_request_may_not_have_no_frame_may_have() -> None:
    for column, cell in (("number", 2e9), ("codes", "3"), ("integer", 3.5), ("integer", None)):
        kept = contract(column)
        with pytest.raises(InputRejected):
            RowReader(kept, 10).check([{"x": cell}])
        with pytest.raises(FrameRejected):
            read_frame(kept, pd.DataFrame({"x": [cell]}))


def test_an_error_names_the_first_cells_and_counts_the_others_and_shows_no_private_one() -> None:
    with pytest.raises(FrameRejected, match=r"row 4: .*; and 95 more$") as caught:
        read_frame(contract("integer"), pd.DataFrame({"x": [0.5] * 100}))
    assert caught.value.total == 100
    secret = COLUMNS["codes"].model_copy(update={"privacy": "hash"})
    private = Contract(columns=(secret,), target=contract("codes").target)
    with pytest.raises(FrameRejected) as caught:
        read_frame(private, pd.DataFrame({"x": ["41-79-123"]}))
    assert "41-79-123" not in str(caught.value)


def test_columns_may_be_absent_where_they_are_optional_and_must_not_be_there_twice() -> None:
    assert read_frame(contract("text"), pd.DataFrame(index=range(2)))["x"].tolist() == [None, None]
    with pytest.raises(FrameRejected, match="row 0: x is missing"):
        read_frame(contract("integer"), pd.DataFrame(index=range(2)))
    with pytest.raises(FrameRejected, match="more than one column is named x"):
        read_frame(contract("integer"), pd.DataFrame([[1, 2]], columns=["x", "x"]))
