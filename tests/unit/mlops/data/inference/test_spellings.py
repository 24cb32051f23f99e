"""Spelling is not meaning: truth values and texts of a first dataset, however they are written."""

import io
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlops.data.check import check
from mlops.data.inference import draft
from mlops.data.read import read_dataset
from mlops.data.read_csv import read_csv
from mlops.data.row_digests import digest_rows
from mlops.spec import ModelSpec
from tests.unit.mlops.data.inference.orders import ROWS, column, of, read_spec, table

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


def test_a_target_in_six_spellings_has_two_labels() -> None:
    content = table({"asked": lambda row: MIXED[row % 3 == 0][row // 3 % 6]})
    made = of(content, "asked")
    assert (made.target.task, {label.lower() for label in made.target.labels}) == ("binary", {"true", "false"})
    counts = check(read_csv(content), read_spec(made)).rows["asked"].value_counts()
    assert counts.to_dict() == {made.target.labels[1]: 67, made.target.labels[0]: 133}


def test_on_and_off_are_truth_values() -> None:
    content = table({"late": lambda row: ("on", "OFF", "On", "off")[row % 4]})
    made = of(content)
    assert {each.lower() for each in column(made, "late").categories} == {"off", "on"}
    assert check(read_csv(content), read_spec(made)).rows["late"].nunique() == 2


@pytest.mark.parametrize("cells", [("1", "1.0", "01"), ("1.0", "many", "1"), ("yes", "Y", "perhaps", "no")])
def test_a_draft_knows_each_text_of_its_own_dataset(cells: tuple[str, ...]) -> None:
    content = table({"grade": lambda row: cells[row % len(cells)]})
    for target in ("returned", "grade"):
        made = of(content, target)
        assert len(check(read_csv(content), read_spec(made)).rows) == ROWS, made.notes


def test_yes_and_no_in_other_letters_are_two_categories_and_two_labels() -> None:
    content = table({"late": lambda row: ("yes", "Yes", "yes", "NO", "no ", "no")[row % 6]})
    made = of(content)
    assert column(made, "late").categories == ("no", "yes")
    assert set(check(read_csv(content), read_spec(made)).rows["late"]) == {"no", "yes"}
    assert of(content, "late").target.labels == ("no", "yes")


def test_blanks_around_names_are_none() -> None:
    content = table().replace(b"amount,channel,", b" amount, channel ,", 1)
    made = of(content)
    assert [each.name for each in made.columns] == ["amount", "channel"]
    file = io.BytesIO()
    pd.read_csv(io.BytesIO(content)).to_parquet(file)
    assert len(check(read_dataset(file.getvalue(), "a.parquet"), read_spec(made)).rows) == ROWS
