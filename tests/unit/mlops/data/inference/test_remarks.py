"""What a draft says of a column: why it's left out, and what a person would take otherwise."""

from collections.abc import Callable

import pytest

from tests.unit.mlops.data.inference.orders import column, of, table


def test_columns_from_which_nothing_can_be_learnt_are_ignored_and_said_to_be() -> None:
    content = table(
        {
            "last": lambda row: 12.5 if row in (4, 50, 150) else "",
            "once": lambda row: 3 if row == 9 else "NA",
            "same": lambda row: "x",
            "none": lambda row: "NULL",
        }
    )
    made = of(content)
    assert set(made.ignored) == {"last", "once", "same", "none"}
    notes = " ".join(made.notes)
    assert "'last' has 3 values in 200 rows, too few to learn from" in notes
    assert "'once' has 1 value in 200 rows" in notes
    assert "'same' is the same in every row" in notes
    assert "'none' is empty" in notes


def test_months_as_texts_are_said_to_be_in_no_order() -> None:
    for write in (lambda row: f"2026-{row % 12 + 1:02}", lambda row: f"{row % 12 + 1:02}/2026", lambda row: "Jan-26"):
        notes = of(table({"month": write, "size": lambda row: row % 7})).notes
        assert any("'month' has months as texts" in note for note in notes) or "same in every row" in notes[0]


def test_texts_that_look_alike_and_are_different_are_named() -> None:
    pairs = (("East", "east"), ("east", "east\u200b"), ("caf\u00e9", "cafe\u0301"))
    for pair in pairs:
        made = of(table({"region": lambda row, pair=pair: pair[row % 2]}))  # type: ignore[misc]
        assert column(made, "region").categories == tuple(sorted(pair))
        assert any("'region' has texts that look alike and are different" in note for note in made.notes)


@pytest.mark.parametrize(
    "make",
    [
        lambda row: f"free text {row % 2} " * 500 if row % 2 else str(row / 7),
        lambda row: ("Free text " if row % 2 else "free text ") * 500,
    ],
    ids=["among numbers", "alike"],
)
def test_long_texts_are_shown_by_their_beginning(make: Callable[[int], str]) -> None:
    notes = of(table({"said": make})).notes
    assert any("…" in note for note in notes)
    assert all(len(note) < 400 for note in notes)
