"""Missing values in words, in a first dataset's columns and its target."""

import pytest

from mlops.data.check import check
from mlops.data.read_csv import read_csv
from mlops.spec import ModelSpec
from tests.unit.mlops.data.inference.orders import ROWS, column, of, read_spec, table


@pytest.mark.parametrize("spelt", ["NA", "?", "NULL", "-", "n/a", "NaN", "None", ".", "#N/A", "\\N", "<NA>"])
def test_a_missing_value_in_words_is_missing_in_a_column_of_numbers_and_said(spelt: str) -> None:
    content = table({"age": lambda row: spelt if row % 3 == 0 else 20 + row % 50 + 0.5})
    made = of(content)
    assert (column(made, "age").kind, column(made, "age").required) == ("number", False)
    assert made.notes == (f"'age': {spelt!r} (67) is read as a missing value.",)
    checked = check(read_csv(content), read_spec(made))
    assert (len(checked.rows), int(checked.rows["age"].isna().sum())) == (ROWS, 67)


@pytest.mark.parametrize("many", [False, True], ids=["listed categories", "any text"])
def test_a_missing_value_in_words_is_no_category_and_is_said(many: bool) -> None:
    def sex(row: int) -> str:
        return "NA" if row % 10 == 0 else f"shop {row % 40}" if many else ("male", "female")[row % 2]

    content = table({"sex": sex})
    made = of(content)
    assert "NA" not in column(made, "sex").categories
    assert column(made, "sex").missing_values == (("NA",) if many else ())
    assert not column(made, "sex").required
    assert any(note == "'sex': 'NA' (20) is read as a missing value." for note in made.notes)
    assert int(check(read_csv(content), read_spec(made)).rows["sex"].isna().sum()) == 20


def test_na_among_codes_of_two_letters_is_namibia() -> None:
    made = of(table({"country": lambda row: ("DE", "CH", "NA", "FR")[row % 4]}))
    assert column(made, "country").categories == ("CH", "DE", "FR", "NA")
    assert made.notes == ()


def test_missing_values_of_the_spec_hold_in_every_column_and_the_target() -> None:
    content = table({"size": lambda row: "unknown" if row % 5 == 0 else row % 7})
    given = of(table({"size": lambda row: row % 7})).to_spec()
    columns = tuple(each.model_copy(update={"required": False}) for each in given.columns)
    spec = ModelSpec(
        name="orders",
        target=given.target,
        columns=columns,
        candidates=given.candidates,
        metric="roc_auc",
        floors={},
        missing_values=("Unknown",),
        min_rows=50,
    )
    lines = content.decode().splitlines()
    lines[1] = lines[1].rpartition(",")[0] + ",UNKNOWN"
    checked = check(read_csv("\n".join(lines).encode()), spec)
    assert (len(checked.rows), checked.unlabelled) == (ROWS - 1, 1)
    assert int(checked.rows["size"].isna().sum()) == 39


@pytest.mark.parametrize("spelt", ["-", ".", "none", "NA"])
def test_a_missing_value_in_words_is_missing_among_true_and_false(spelt: str) -> None:
    content = table({"late": lambda row: ("true", "False", spelt)[row % 3]})
    made = of(content)
    assert (column(made, "late").kind, column(made, "late").required) == ("boolean", False)
    assert int(check(read_csv(content), read_spec(made)).rows["late"].isna().sum()) == ROWS // 3


def test_numbers_with_words_among_them_are_text_with_the_remedy() -> None:
    made = of(table({"size": lambda row: "unknown" if row % 2 else row / 7}))
    assert column(made, "size").kind == "category"
    (note,) = (note for note in made.notes if "'size' has numbers in" in note)
    assert "'unknown' in the others: it's text" in note
    assert "missing_values=('unknown',)" in note


@pytest.mark.parametrize("spelt", ["NaT", "0000-00-00", "0000-00-00 00:00:00", "NULL"])
def test_a_date_that_programs_write_for_none_is_a_missing_value_and_said(spelt: str) -> None:
    content = table({"sent": lambda row: spelt if row % 4 == 0 else f"2026-01-{row % 28 + 1:02}"})
    made = of(content)
    assert (column(made, "sent").kind, column(made, "sent").required) == ("date", False)
    assert made.notes == (f"'sent': {spelt!r} (50) is read as a missing value.",)
    assert int(check(read_csv(content), read_spec(made)).rows["sent"].isna().sum()) == 50
