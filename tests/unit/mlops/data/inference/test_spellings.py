"""Spelling is not meaning: what a first dataset's cells mean, however they are written, and what a draft says of it."""

import io
from collections.abc import Callable
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
from mlops.errors import DatasetRejected
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
        "decimal commas, such as '0,10'; write them with a point",
    ),
    "points between thousands": (lambda row: f'"1.{100 + row},5"', "decimal commas, such as '1.100,5'"),
    "money": (
        lambda row: f'"${row},{100 + row}.50"',
        "signs around them, such as '$0,100.50'; write the numbers alone",
    ),
    "percents": (lambda row: f"{row / 2} %", "signs around them, such as '0.0 %'"),
}


@pytest.mark.parametrize("name", ODD)
def test_numbers_written_otherwise_are_named_with_the_remedy_and_no_category_or_key(name: str) -> None:
    make, words = ODD[name]
    made = of(table({"price": make}))
    assert (made.ignored, made.key) == (("price",), ())
    assert f"'price' has numbers with {words}" in made.notes[0]
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
    assert 'repeats="keep" in the spec keeps such rows' in pasted.notes[0] or "duplicate" in pasted.notes[0]


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
