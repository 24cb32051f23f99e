"""Numbers and codes of a first dataset, however they are written: read, or named with the remedy."""

from collections.abc import Callable

import pytest

from mlops.data.check import check
from mlops.data.inference import draft
from mlops.data.read_csv import read_csv
from mlops.errors.data import DatasetRejected
from mlops.spec import ModelSpec
from tests.unit.mlops.data.inference.orders import ROWS, as_typed, column, of, read_spec, table

CODES: dict[str, Callable[[int], str]] = {
    "with a sign": lambda row: f"+{row % 60:04}",
    "branches": lambda row: ("1", "01", "001", "10", "010", "100")[row % 6],
    "postal codes": lambda row: f"{1000 + row % 90:05d}",
    "one among many": lambda row: "00501" if row == 7 else str(10_000 + row % 90),
}


@pytest.mark.parametrize("name", CODES)
def test_codes_with_leading_zeros_stay_text_and_are_said_to(name: str) -> None:
    content = table({"code": CODES[name]})
    made = of(content)
    assert column(made, "code").kind == "category"
    assert any("'code' has codes with leading zeros" in note for note in made.notes)
    assert set(check(read_csv(content), read_spec(made)).rows["code"]) == {CODES[name](row) for row in range(ROWS)}


@pytest.mark.parametrize("mark", [",", "'", " ", "\u00a0", "\u202f"])
def test_separated_thousands_are_numbers(mark: str) -> None:
    content = table({"price": lambda row: f'"{1000 + 17 * row:,}"'.replace(",", mark)})
    made = of(content)
    assert column(made, "price").kind == "integer"
    assert check(read_csv(content), read_spec(made)).rows["price"].tolist() == [1000 + 17 * row for row in range(ROWS)]


ODD: dict[str, tuple[Callable[[int], str], str]] = {
    "decimal commas": (
        lambda row: f'"{row},{row % 90 + 10}"',
        "with decimal commas, such as '0,10'; write them with a point",
    ),
    "points between thousands": (lambda row: f'"1.{100 + row},5"', "with decimal commas, such as '1.100,5'"),
    "money": (
        lambda row: f'"${row},{100 + row}.50"',
        "with signs around them, such as '$0,100.50'; write the numbers alone",
    ),
    "percents": (lambda row: f"{row / 2} %", "with signs around them, such as '0.0 %'"),
}


ODD |= {
    "an area": (lambda row: f"{row + 20} m\u00b2", "with a unit, such as '20 m\u00b2'"),
    "a temperature": (lambda row: f"{row / 4 - 5}\u00b0C", "with a unit, such as '-5.0\u00b0C'"),
    "a unit of two words": (lambda row: f"{row + 500} sq ft", "with a unit, such as '500 sq ft'"),
    "thousands and millions": (
        lambda row: f"{row + 1}.5{'kM'[row % 2]}",
        "for thousands or more, such as '1.5k'",
    ),
    "percents that touch": (lambda row: f"{row / 2}%", "with signs around them, such as '0.0%'"),
    "a minus sign": (lambda row: f"\N{MINUS SIGN}{row / 2}", "that aren't written as such, like '\u22120.0'"),
    "parentheses for minus": (lambda row: f"({row / 2})", "that aren't written as such, like '(0.0)'; write them like"),
    "underscores": (lambda row: f"{1_000 + row:_}", "that aren't written as such, like '1_000'"),
    "wide digits": (lambda row: f"\uff11\uff12.{row % 7}", "that aren't written as such, like '\uff11\uff12.0'"),
    "a unit": (lambda row: f"{row / 2} kg", "with a unit, such as '0.0 kg'; write the numbers alone"),
    "infinities": (lambda row: "inf" if row % 3 == 0 else str(row), "beyond 3.4e+38, such as 'inf'"),
    "too large": (lambda row: f"{row + 1}e306", "beyond 3.4e+38, such as '1e306'"),
}


ODD |= {
    "about": (lambda row: f"~{row}.5", "with signs around them, such as '~0.5'"),
    "below a limit": (lambda row: f"<{row}.5", "with signs around them, such as '<0.5'"),
    "a remark": (lambda row: f"{row}.5*", "with signs around them, such as '0.5*'"),
    "a text for spreadsheets": (lambda row: f"'{row}.5", 'with signs around them, such as "\'0.5"'),
    "a formula for spreadsheets": (lambda row: f'"=""{row}.5"""', "with signs around them, such as '=\"0.5\"'"),
    "a character that can't be seen": (lambda row: f"\u200b{row}.5", "with signs around them, such as '\\u200b0.5'"),
    "negative decimal commas": (lambda row: f'"-{row},{row % 90 + 10}"', "with decimal commas, such as '-0,10'"),
    "decimal commas beside spaces": (lambda row: f'"1 {100 + row},50"', "with decimal commas, such as '1 100,50'"),
    "decimal commas and exponents": (lambda row: f'"1,{row % 90 + 10}e3"', "with decimal commas, such as '1,10e3'"),
    "another currency": (lambda row: f"\u20b9{row}.5", "with signs around them, such as '\u20b90.5'"),
    "a currency's code": (lambda row: f"CHF {row}.50", "with signs around them, such as 'CHF 0.50'"),
    "a debt": (lambda row: f"(${row}.50)", "with signs around them, such as '($0.50)'"),
    "a minus sign behind": (lambda row: f"{row}.5-", "that aren't written as such, like '0.5-'"),
    "lakhs": (lambda row: f'"{row % 90 + 10},{row % 90 + 10},000"', "that aren't written as such, like '10,10,000'"),
}


@pytest.mark.parametrize("name", ODD)
def test_numbers_written_otherwise_are_named_with_the_remedy_and_no_category_or_key(name: str) -> None:
    make, words = ODD[name]
    made = of(table({"price": make}))
    assert (made.ignored, made.key) == (("price",), ())
    assert made.notes[0].startswith("'price' has numbers ")
    assert words in made.notes[0]
    assert "ignored until then" in made.notes[0]
    if name in ("decimal commas", "money"):
        with pytest.raises(DatasetRejected, match="price has numbers with"):
            of(table({"price": make}), "price")


def test_whole_numbers_that_floating_point_cannot_tell_apart_are_a_key() -> None:
    content = table({"order": lambda row: 9_007_199_254_740_993 + row})
    for cells in (read_csv(content), as_typed(content)):
        made = draft(cells, "orders", "returned")
        assert made.key == ("order",)
        assert len(check(cells, read_spec(made)).rows) == ROWS


def test_a_whole_number_that_floating_point_cannot_hold_breaks_an_integer_column() -> None:
    spec = of(table({"size": lambda row: row % 7})).to_spec()
    free = tuple(each.model_copy(update={"maximum": None}) for each in spec.columns)
    content = table({"size": lambda row: 9_007_199_254_740_993 if row == 3 else row % 7})
    changed = ModelSpec(
        name="orders", target=spec.target, columns=free, candidates=spec.candidates, metric="roc_auc", floors={}
    )
    with pytest.raises(DatasetRejected, match="or the column a key or a category"):
        check(read_csv(content), changed)


READ_IN_ONE_OF_TWO_WAYS: dict[str, tuple[Callable[[int], str], str | None]] = {
    "one comma": (lambda row: f'"{row % 9 + 1},{100 + row}"', "'size': '1,100' is read as 1100; if it is 1.100"),
    "commas among whole numbers": (lambda row: f'"{995 + row // 2:,}"', None),
    "commas and points": (lambda row: f'"{1000 + row:,}.5"', None),
    "two commas": (lambda row: f'"{1_000_000 + row // 2:,}"', None),
    "dates without hyphens": (
        lambda row: f"2026{row % 12 + 1:02}{row % 28 + 1:02}",
        "look like dates, such as 20260101",
    ),
    "numbers as large as such dates": (lambda row: str(20_260_101 + 7 * row), None),
}


@pytest.mark.parametrize("name", READ_IN_ONE_OF_TWO_WAYS)
def test_numbers_that_could_be_meant_otherwise_are_said_to_be_read(name: str) -> None:
    make, words = READ_IN_ONE_OF_TWO_WAYS[name]
    notes = [note for note in of(table({"size": make})).notes if note.startswith("'size'")]
    assert [note for note in notes if words is None or words not in note] == []
    assert len(notes) == (words is not None)


def test_whole_numbers_with_gaps_as_pandas_writes_them_are_whole_numbers() -> None:
    made = of(table({"size": lambda row: "" if row % 9 == 0 else f"{row % 7}.0"}))
    assert (column(made, "size").kind, column(made, "size").required) == ("integer", False)
    assert column(of(table({"size": lambda row: f"{row % 7}.0"})), "size").kind == "number"


def test_points_between_thousands_are_named_where_nothing_else_wrote_such_numbers() -> None:
    pointed: Callable[[int], str] = lambda row: f"{300 + 40 * row:,}".replace(",", ".")  # noqa: E731
    made = of(table({"rent": pointed}))
    assert made.ignored == ("rent",)
    assert made.notes[0].startswith(
        "'rent' has numbers such as '1.020' beside '300', whose points seem to stand between"
    )
    with pytest.raises(DatasetRejected, match=r"rent has numbers such as '1\.020' beside '300'"):
        of(table({"rent": pointed}), "rent")


POINTS: dict[str, Callable[[int], str]] = {
    "three decimals": lambda row: f"{row / 7 + 100:.3f}",
    "as few decimals as a number needs": lambda row: f"{row + (row % 3) / 8:g}",
    "whole ones, and fractions of thousandths": lambda row: f"{100 + row}.{row % 9 + 1:03}" if row % 2 else str(row),
    "small whole ones": lambda row: f"1.{row % 90 + 10}0" if row % 2 else str(row % 9),
}


@pytest.mark.parametrize("name", POINTS)
def test_decimals_that_are_no_thousands_are_numbers(name: str) -> None:
    content = table({"size": POINTS[name]})
    made = of(content)
    assert column(made, "size").kind == "number"
    read = check(read_csv(content), read_spec(made)).rows["size"]
    assert read.tolist() == [float(POINTS[name](row)) for row in range(ROWS)]


def test_a_remark_shows_the_beginning_of_a_long_cell_alone() -> None:
    notes = of(table({"size": lambda row: f"{row % 9 + 1}" * 4000})).notes
    assert all(len(note) < 250 for note in notes)
    assert any("such as '1111" in note and "…" in note for note in notes)
