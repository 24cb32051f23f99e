"""Which cells mean a missing value, by a column's kind and by what its contract names."""

from typing import Any

import pytest

from mlops.artifact.missing import make_absence, missing_marks, missing_words
from mlops.contract import Column, Kind

MARKS: dict[str, tuple[Kind, tuple[str, ...], tuple[float, ...]]] = {
    "numbers": ("number", ("-999", " -1e3 ", "unknown", "1_0"), (-999.0, -1000.0)),
    "truth values": ("boolean", ("9", "true?"), (9.0,)),
    "dates": ("date", ("1970-01-02", "1970-02-30", "0"), (1.0,)),
    "times": ("datetime", ("1970-01-01T12:00:00Z", "1970-01-02"), (0.5, 1.0)),
    "times of day": ("time", ("8:30", "24:00"), (8.5,)),
    "texts": ("category", ("0", "9999-12-31"), ()),
}


@pytest.mark.parametrize("name", MARKS)
def test_a_word_for_a_missing_value_is_one_as_a_number_of_its_kind(name: str) -> None:
    kind, words, marks = MARKS[name]
    assert missing_marks(Column(name="x", kind=kind, missing_values=words)) == marks


def test_the_usual_words_hold_in_numbers_and_where_categories_are_listed() -> None:
    assert {"na", "-", "none"} <= missing_words(Column(name="x"))
    listed = missing_words(Column(name="x", kind="category", categories=("None", "NA"), missing_values=("Other",)))
    assert {"null", "?", "other"} <= listed
    assert not {"na", "none", "-"} & listed
    assert missing_words(Column(name="x", kind="category", missing_values=("NA",))) == {"na"}


CELLS: list[tuple[Any, bool]] = [
    (-999, True),
    (-999.0, True),
    ("-999", True),
    (" unknown", True),
    (9.99, False),
    (True, False),
    ("NA", False),
    ([-999], False),
]


@pytest.mark.parametrize(("cell", "absent"), CELLS)
def test_a_cell_of_a_request_is_absent_by_the_contracts_words_alone(cell: Any, absent: bool) -> None:
    assert make_absence(Column(name="x", missing_values=("-999", "Unknown")))(cell) is absent
