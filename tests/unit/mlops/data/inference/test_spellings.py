"""Spelling is not meaning: what a first dataset's cells mean, however they are written, and what a draft says of it."""

import io
from collections.abc import Callable
from datetime import time as clock
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlops.data.check import check
from mlops.data.inference import Draft, draft
from mlops.data.inference.personal import looks_personal
from mlops.data.inference.ranges import infer_range
from mlops.data.inference.spec_file import write_spec
from mlops.data.read import read_dataset
from mlops.data.read_csv import read_csv
from mlops.data.row_digests import digest_rows
from mlops.errors.data import DatasetRejected
from mlops.spec import ModelSpec
from tests.unit.mlops.data.inference.test_draft import ROWS, of, table


def column(made: Draft, name: str) -> Any:
    return next(each for each in made.columns if each.name == name)


def read_spec(made: Draft) -> ModelSpec:
    """The spec of the file that is written of a draft."""
    names: dict[str, Any] = {}
    exec(compile(write_spec(made, "orders.csv"), "orders.py", "exec"), names)
    found: ModelSpec = names["spec"]
    return found


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


def as_typed(content: bytes) -> pa.Table:
    """The table as Parquet has it, read back."""
    file = io.BytesIO()
    pd.read_csv(io.BytesIO(content)).to_parquet(file)
    return read_dataset(file.getvalue(), "a.parquet")


SPELT: dict[str, tuple[str, str]] = {
    "small": ("true", "false"),
    "as Python writes it": ("True", "False"),
    "as Excel writes it": ("TRUE", "FALSE"),
}


def truths(spelling: tuple[str, str]) -> bytes:
    random = np.random.default_rng(1)
    rows = [(round(float(random.normal()), 4), bool(random.random() < 0.5)) for _ in range(ROWS)]
    lines = [f"{spend},{spelling[0] if auto else spelling[1]}" for spend, auto in rows]
    answers = [spelling[0] if spend + random.normal() > 0 else spelling[1] for spend, _ in rows]
    return "\n".join(["spend,auto,churned", *map(",".join, zip(lines, answers, strict=True))]).encode()


def typed_truths(spelling: tuple[str, str]) -> bytes:
    cells = read_csv(truths(spelling))
    file = io.BytesIO()
    made = {name: [text.as_py().lower() == "true" for text in cells[name]] for name in ("auto", "churned")}
    pq.write_table(pa.table({"spend": [float(text.as_py()) for text in cells["spend"]], **made}), file)
    return file.getvalue()


@pytest.mark.parametrize("drafted", SPELT)
@pytest.mark.parametrize("given", [*SPELT, "typed"])
def test_a_truth_value_is_one_however_it_is_spelt(drafted: str, given: str) -> None:
    spec = read_spec(draft(read_csv(truths(SPELT[drafted])), "churn", "churned"))
    assert spec.target.labels == SPELT[drafted][::-1]
    assert [each.kind for each in spec.columns] == ["number", "boolean"]
    content = typed_truths(SPELT["small"]) if given == "typed" else truths(SPELT[given])
    cells = read_dataset(content, "a.parquet" if given == "typed" else "a.csv")
    first = check(read_csv(truths(SPELT[drafted])), spec).rows
    assert digest_rows(check(cells, spec).rows) == digest_rows(first)


def test_a_spec_of_zeros_and_ones_takes_true_and_false_as_labels() -> None:
    spec = read_spec(draft(read_csv(truths(("1", "0"))), "churn", "churned"))
    assert spec.target.labels == ("0", "1")
    cells = read_dataset(typed_truths(SPELT["small"]), "a.parquet").select([0, 2])
    assert set(check(cells, without_auto(spec)).rows["churned"]) == {"0", "1"}


def without_auto(spec: ModelSpec) -> ModelSpec:
    return ModelSpec(
        name="churn",
        target=spec.target,
        columns=tuple(each for each in spec.columns if each.name != "auto"),
        candidates=spec.candidates,
        metric="roc_auc",
        floors={},
    )


def test_labels_in_several_spellings_are_one_label() -> None:
    made = of(table({"asked": lambda row: ("True", "TRUE", "false", "False", "False")[row % 5]}), "asked")
    assert (made.target.task, made.target.labels) == ("binary", ("False", "True"))
    made = of(table({"asked": lambda row: ("1", "1.0", "0")[row % 3]}), "asked")
    assert (made.target.task, set(made.target.labels)) == ("binary", {"0", "1"})


def test_rows_without_a_target_are_left_out_with_a_remark() -> None:
    content = table({"asked": lambda row: "" if row % 10 == 0 else "NA" if row % 10 == 1 else "ab"[row % 2]})
    made = of(content, "asked")
    assert made.notes == ("40 of 200 rows have no asked: they are left out.",)
    assert made.max_rejected == 0
    checked = check(read_csv(content), read_spec(made))
    assert (len(checked.rows), checked.unlabelled, checked.rejected.total) == (160, 40, 0)


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


def test_ordinary_repeats_are_kept_with_one_line_and_a_part_pasted_twice_is_not() -> None:
    random = np.random.default_rng(3)
    rare = [f"{row / 7},{'ab'[row % 2]},{('yes', 'no')[row % 3 == 0]}" for row in range(300)]
    coarse = "\n".join(["size,shop,returned", *rare, *(rare[row] for row in random.choice(300, 80))])
    made = of(coarse.encode())
    assert made.repeats == "keep"
    assert sum("Rows repeat" in note for note in made.notes) == 1
    assert 'repeats="keep"' in made.notes[0]
    spec = read_spec(made)
    assert (spec.repeats, len(check(read_csv(coarse.encode()), spec).rows)) == ("keep", 380)
    pasted = of("\n".join(["size,shop,returned", *rare, *rare[100:160]]).encode())
    assert pasted.repeats == "refuse"
    assert 'repeats="keep" in the spec keeps such rows' in pasted.notes[0]
    assert "duplicate" in pasted.notes[0]


def test_a_table_of_a_few_different_rows_is_kept_whole() -> None:
    random = np.random.default_rng(4)
    rows = sorted(
        f"{random.choice(['1st', '2nd', '3rd'], p=[0.2, 0.2, 0.6])},man,{random.choice(['yes', 'no'], p=[0.3, 0.7])}"
        if random.random() < 0.7
        else f"1st,woman,{random.choice(['yes', 'no'], p=[0.9, 0.1])}"
        for _ in range(1_300)
    )
    content = "\n".join(["class,sex,survived", *rows]).encode()
    made = of(content, "survived")
    assert made.repeats == "keep"
    assert len(check(read_csv(content), read_spec(made)).rows) == 1_300


def test_a_refusal_of_repeated_rows_names_the_rule_and_the_line_of_the_spec_that_changes_it() -> None:
    rare = [f"{row / 7},{'ab'[row % 2]},{('yes', 'no')[row % 3 == 0]}" for row in range(300)]
    content = "\n".join(["size,shop,returned", *rare, *rare[100:160]]).encode()
    spec = of(content).to_spec()
    with pytest.raises(DatasetRejected) as caught:
        check(read_csv(content), spec)
    assert caught.value.groups[0].rule == "duplicate"
    assert 'repeats="keep" in the spec' in caught.value.reason
    assert 'key=("column",)' in caught.value.reason
    assert "max_rejected=0" in caught.value.reason


RANGES: dict[str, tuple[str, list[float], bool, tuple[float, float]]] = {
    "month": ("month", [1, 12], True, (1, 12)),
    "month from zero": ("Month", [0, 11], True, (0, 11)),
    "year": ("year", [2007, 2009], True, (2000, 2100)),
    "model year": ("modelYear", [1970, 1982], True, (1900, 2100)),
    "hour": ("pickup_hour", [0, 23], True, (0, 24)),
    "day": ("day", [1, 31], True, (1, 31)),
    "weekday": ("dayOfWeek", [1, 5], True, (0, 7)),
    "latitude": ("lat", [47.1, 47.9], False, (-90, 90)),
    "months of a contract": ("months", [1, 60], True, (0, 200)),
    "a year that is none": ("year", [1, 9], True, (0, 20)),
    "an amount": ("yearly_income", [20_000, 90_000], True, (0, 200_000)),
}


@pytest.mark.parametrize("name", RANGES)
def test_ranges_are_sane(name: str) -> None:
    called, seen, whole, wanted = RANGES[name]
    found = infer_range(called, np.array(seen, np.float64), whole=whole)
    assert (found["minimum"], found["maximum"]) == wanted


PERSONAL: dict[str, tuple[str, str, list[Any], bool]] = {
    "a number of a phone": ("phone", "category", ["+41 79 123 45 67", "+41 78 765 43 21"], True),
    "digits of a phone": ("phone_number", "integer", [41_791_234_567.0, 41_787_654_321.0], True),
    "an e-mail": ("Email", "category", ["a@b.c"], True),
    "a birthday": ("birth_date", "date", [1000.0], True),
    "a year of birth": ("birth_year", "integer", [1970.0, 1985.0], True),
    "a service": ("phone_service", "category", ["Yes", "No"], False),
    "a service with a third answer": ("PhoneService", "category", ["Yes", "No", "No phone service"], False),
    "a flag": ("email_opt_in", "boolean", [1.0, 0.0], False),
    "a count of phones": ("phones", "integer", [1.0, 2.0], False),
    "a weight": ("birth_weight", "number", [2.9, 3.4], False),
    "a count of e-mails": ("emails_sent", "integer", [120_000.0, 90_000.0], False),
}


@pytest.mark.parametrize("name", PERSONAL)
def test_what_names_a_person_looks_personal_and_whether_one_has_a_phone_does_not(name: str) -> None:
    called, kind, known, wanted = PERSONAL[name]
    assert looks_personal(called, kind, pd.Series(known)) is wanted  # type: ignore[arg-type]


OTHER_DATES: dict[str, Callable[[int], str]] = {
    "points": lambda row: f"{row % 28 + 1}.{row % 12 + 1:02}.2026",
    "slashes": lambda row: f"{row % 12 + 1:02}/{row % 28 + 1:02}/2026 08:30",
    "two digits": lambda row: f"{row % 12 + 1}/{row % 28 + 1}/26",
    "year first": lambda row: f"2026/{row % 12 + 1}/{row % 28 + 1}",
    "a month in letters": lambda row: f"{row % 28 + 1} {('Mar', 'April', 'Sept.')[row % 3]} 2026",
    "a month in letters first": lambda row: f'"{("Mar", "April", "Sept.")[row % 3]} {row % 28 + 1}, 2026"',
    "one digit where ISO 8601 has two": lambda row: f"2026-{row % 12 + 1}-{row % 28 + 1}",
    "a zone in letters": lambda row: f"2026-01-{row % 28 + 1:02} 08:30:00 UTC",
    "an hour of one digit": lambda row: f"2026-01-{row % 28 + 1:02} {row % 9}:30",
    "no hyphens": lambda row: f"202601{row % 28 + 1:02}T083000Z",
    "a day of the week": lambda row: f'"Mon, {row % 28 + 1} Jan 2026"',
    "as C writes it": lambda row: f"Mon Jan {row % 28 + 1} 08:30:00 2026",
    "points and two digits": lambda row: f"{row % 28 + 1:02}.{row % 12 + 1:02}.26",
}


@pytest.mark.parametrize("name", OTHER_DATES)
def test_dates_written_otherwise_are_named_with_the_remedy_and_no_text(name: str) -> None:
    made = of(table({"sent": OTHER_DATES[name]}))
    assert made.ignored == ("sent",)
    assert any("'sent' has dates, such as" in note and "write them like 2026-01-31" in note for note in made.notes)


def test_dates_at_their_midnight_are_dates_in_each_format() -> None:
    plain = table({"sent": lambda row: f"2026-01-{row % 28 + 1:02}"})
    spec = read_spec(of(plain))
    digests = {digest_rows(check(read_csv(plain), spec).rows)}
    for time in (" 00:00:00", "T00:00:00.000Z", "T00:00", " 00:00:00+02:00"):
        content = table({"sent": lambda row, time=time: f"2026-01-{row % 28 + 1:02}{time}"})  # type: ignore[misc]
        assert column(of(content), "sent").kind == "date"
        digests.add(digest_rows(check(read_csv(content), spec).rows))
    assert len(digests) == 1


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


def test_times_of_day_are_numbers_and_the_draft_says_what_was_assumed() -> None:
    content = table({"at": lambda row: f"{row % 24:02}:{row % 60:02}"})
    made = of(content)
    assert (column(made, "at").kind, column(made, "at").unit) == ("time", "h")
    (note,) = (note for note in made.notes if "'at'" in note)
    assert "in hours since midnight (08:30 is 8.5)" in note
    assert "durations or ratios would have to be written as numbers" in note
    assert 'time("at")' in write_spec(made, "orders.csv")
    read = check(read_csv(content), read_spec(made)).rows["at"]
    assert read.tolist() == pytest.approx([row % 24 + row % 60 / 60 for row in range(ROWS)])
    file = io.BytesIO()
    typed = read_csv(content).to_pandas()
    typed["at"] = [clock.fromisoformat(text) for text in typed["at"]]
    typed.astype({"amount": float}).to_parquet(file)
    again = check(read_dataset(file.getvalue(), "a.parquet"), read_spec(made)).rows
    assert digest_rows(again) == digest_rows(check(read_csv(content), read_spec(made)).rows)


CLOCKS: dict[str, tuple[Callable[[int], str], str]] = {
    "durations": (
        lambda row: f"{row}:{row % 60:02}",
        "has durations or ratios, such as '24:24'; write them as numbers",
    ),
    "AM and PM": (
        lambda row: f"{row % 12 + 1}:30 {('AM', 'p.m.')[row % 2]}",
        "such as '1:30 AM'; write them like 08:30",
    ),
}


@pytest.mark.parametrize("name", CLOCKS)
def test_what_looks_like_times_of_day_and_is_not_read_is_named_with_the_remedy(name: str) -> None:
    make, words = CLOCKS[name]
    made = of(table({"at": make}))
    assert made.ignored == ("at",)
    assert any(note.startswith("'at' has ") and words in note for note in made.notes)


TEXTS: dict[str, Callable[[int], str]] = {
    "few numbers with a letter": lambda row: f"{2 ** (row % 4)}K",
    "two units": lambda row: f"{row} {('kg', 'lb')[row % 2]}",
    "versions": lambda row: f"{row % 9}.{row % 5}.{row % 7}",
    "codes": lambda row: f"{row:04}A",
    "ordinals": lambda row: f"{row}{('st', 'nd', 'rd', 'th')[row % 4]}",
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_only_resembles_numbers_or_dates_stays_text(name: str) -> None:
    made = of(table({"grade": TEXTS[name]}))
    assert made.ignored == ()
    assert "grade" in (*made.key, *(each.name for each in made.columns if each.kind == "category"))


MIXED = {True: ("True", "true", "TRUE", "yes", "Y", "1"), False: ("False", "false", "FALSE", "no", "N", "0")}


def test_truth_values_in_six_spellings_are_a_boolean_and_said_to_be() -> None:
    content = table({"late": lambda row: MIXED[row % 3 == 0][row % 6]})
    made = of(content)
    assert column(made, "late").kind == "boolean"
    assert any("'late' has truth values in several spellings" in note for note in made.notes)
    read = check(read_csv(content), read_spec(made)).rows["late"]
    assert read.tolist() == [float(row % 3 == 0) for row in range(ROWS)]


def test_on_and_off_are_truth_values() -> None:
    content = table({"late": lambda row: ("on", "OFF", "On", "off")[row % 4]})
    made = of(content)
    assert {each.lower() for each in column(made, "late").categories} == {"off", "on"}
    assert check(read_csv(content), read_spec(made)).rows["late"].nunique() == 2


@pytest.mark.parametrize("spelt", ["-", ".", "none", "NA"])
def test_a_missing_value_in_words_is_missing_among_true_and_false(spelt: str) -> None:
    content = table({"late": lambda row: ("true", "False", spelt)[row % 3]})
    made = of(content)
    assert (column(made, "late").kind, column(made, "late").required) == ("boolean", False)
    assert int(check(read_csv(content), read_spec(made)).rows["late"].isna().sum()) == ROWS // 3


@pytest.mark.parametrize("cells", [("1", "1.0", "01"), ("1.0", "many", "1"), ("yes", "Y", "perhaps", "no")])
def test_a_draft_knows_each_text_of_its_own_dataset(cells: tuple[str, ...]) -> None:
    content = table({"grade": lambda row: cells[row % len(cells)]})
    for target in ("returned", "grade"):
        made = of(content, target)
        assert len(check(read_csv(content), read_spec(made)).rows) == ROWS, made.notes


def test_months_as_texts_are_said_to_be_in_no_order() -> None:
    for write in (lambda row: f"2026-{row % 12 + 1:02}", lambda row: f"{row % 12 + 1:02}/2026", lambda row: "Jan-26"):
        notes = of(table({"month": write, "size": lambda row: row % 7})).notes
        assert any("'month' has months as texts" in note for note in notes) or "same in every row" in notes[0]


def test_a_target_in_six_spellings_has_two_labels() -> None:
    content = table({"asked": lambda row: MIXED[row % 3 == 0][row // 3 % 6]})
    made = of(content, "asked")
    assert (made.target.task, {label.lower() for label in made.target.labels}) == ("binary", {"true", "false"})
    counts = check(read_csv(content), read_spec(made)).rows["asked"].value_counts()
    assert counts.to_dict() == {made.target.labels[1]: 67, made.target.labels[0]: 133}


def test_yes_and_no_in_other_letters_are_two_categories_and_two_labels() -> None:
    content = table({"late": lambda row: ("yes", "Yes", "yes", "NO", "no ", "no")[row % 6]})
    made = of(content)
    assert column(made, "late").categories == ("no", "yes")
    assert set(check(read_csv(content), read_spec(made)).rows["late"]) == {"no", "yes"}
    assert of(content, "late").target.labels == ("no", "yes")


def test_texts_that_look_alike_and_are_different_are_named() -> None:
    pairs = (("East", "east"), ("east", "east\u200b"), ("caf\u00e9", "cafe\u0301"))
    for pair in pairs:
        made = of(table({"region": lambda row, pair=pair: pair[row % 2]}))  # type: ignore[misc]
        assert column(made, "region").categories == tuple(sorted(pair))
        assert any("'region' has texts that look alike and are different" in note for note in made.notes)


def test_numbers_with_words_among_them_are_text_with_the_remedy() -> None:
    made = of(table({"size": lambda row: "unknown" if row % 2 else row / 7}))
    assert column(made, "size").kind == "category"
    (note,) = (note for note in made.notes if "'size' has numbers in" in note)
    assert "'unknown' in the others: it's text" in note
    assert "missing_values=('unknown',)" in note


def test_whole_numbers_with_gaps_as_pandas_writes_them_are_whole_numbers() -> None:
    made = of(table({"size": lambda row: "" if row % 9 == 0 else f"{row % 7}.0"}))
    assert (column(made, "size").kind, column(made, "size").required) == ("integer", False)
    assert column(of(table({"size": lambda row: f"{row % 7}.0"})), "size").kind == "number"


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


def test_blanks_around_names_are_none() -> None:
    content = table().replace(b"amount,channel,", b" amount, channel ,", 1)
    made = of(content)
    assert [each.name for each in made.columns] == ["amount", "channel"]
    file = io.BytesIO()
    pd.read_csv(io.BytesIO(content)).to_parquet(file)
    assert len(check(read_dataset(file.getvalue(), "a.parquet"), read_spec(made)).rows) == ROWS
