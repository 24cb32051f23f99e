"""A column that gives the answer away is refused by name; honest columns pass, however strong they are."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets

from mlops.contract import Column, Target
from mlops.data.leakage import check_leakage
from mlops.data.leakage.identifiers import is_named_so
from mlops.errors.violations import Violation
from mlops.spec import ModelSpec
from tests.unit.mlops.samples import make_spec

ROWS = 600
BINARY = Target(name="churned", task="binary", labels=("active", "inactive"), positive="inactive")
PRICE = Target(name="price", task="regression")


def honest(rows: int = ROWS, seed: int = 0) -> pd.DataFrame:
    """Customers whose leaving depends on age, spending and city, with noise; and a price likewise."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": random.integers(18, 90, rows).astype(float),
            "spend": random.gamma(2, 50, rows).round(2),
            "city": pd.Series(random.choice(["Bern", "Basel", "Genf"], rows), dtype="str"),
        }
    )
    score = (
        (frame["age"] - 54) / 20 + (frame["spend"] - 100) / 70 + (frame["city"] == "Bern") + random.normal(0, 1, rows)
    )
    frame["churned"] = pd.Series(np.where(score > 0.3, "inactive", "active"), dtype="str")
    frame["price"] = (1000 + 200 * score + random.normal(0, 50, rows)).round(2)
    return frame


def spec_for(frame: pd.DataFrame, target: Target, vouched: Sequence[str] = ()) -> ModelSpec:
    names = [str(name) for name in frame.columns if name not in ("churned", "price", target.name)]
    columns = tuple(
        Column(name=name, kind="number" if frame[name].dtype == float else "category", required=False) for name in names
    )
    spec = make_spec(columns=columns, vouched=tuple(vouched))
    object.__setattr__(spec, "target", target)
    return spec


def find(frame: pd.DataFrame, target: Target = BINARY, vouched: Sequence[str] = ()) -> list[Violation]:
    return check_leakage(frame, spec_for(frame, target, vouched))


def test_honest_columns_pass() -> None:
    assert find(honest()) == []
    assert find(honest(), PRICE) == []


def as_frame(data: Any, name: str) -> pd.DataFrame:
    frame: pd.DataFrame = data["frame"].astype(float)
    return frame.rename(columns={"target": name})


HONEST: dict[str, Callable[[], pd.DataFrame]] = {
    "iris": lambda: as_frame(datasets.load_iris(as_frame=True), "y"),
    "wine": lambda: as_frame(datasets.load_wine(as_frame=True), "y"),
    "digits": lambda: as_frame(datasets.load_digits(as_frame=True), "y"),
    "breast cancer": lambda: as_frame(datasets.load_breast_cancer(as_frame=True), "y"),
}


@pytest.mark.parametrize("name", HONEST)
def test_strong_columns_of_well_known_tables_pass(name: str) -> None:
    frame = HONEST[name]()
    frame["y"] = frame["y"].astype(int).astype(str)
    labels = tuple(sorted(set(frame["y"])))
    task = "binary" if len(labels) == 2 else "multiclass"
    assert find(frame, Target.model_validate({"name": "y", "task": task, "labels": labels})) == []


def test_the_columns_of_the_diabetes_table_pass() -> None:
    assert find(as_frame(datasets.load_diabetes(as_frame=True), "y"), Target(name="y", task="regression")) == []


def test_an_easy_question_that_every_column_answers_passes() -> None:
    frame = as_frame(datasets.load_iris(as_frame=True), "y")
    frame = pd.concat([frame[frame["y"] < 2]] * 8, ignore_index=True)
    frame["y"] = np.where(frame["y"] == 0, "setosa", "versicolor")
    assert find(frame, Target(name="y", task="binary", labels=("setosa", "versicolor"))) == []


def noisy(frame: pd.DataFrame) -> pd.Series:
    """Near the label in all rows but two."""
    random = np.random.default_rng(1)
    value = (frame["churned"] == "inactive") * 3 + random.normal(0, 0.3, len(frame))
    value.iloc[[5, 50]] = 1.5
    return value


PLANTED: dict[str, tuple[str, str, Callable[[pd.DataFrame], pd.Series]]] = {
    "a copy": ("copy", "binary", lambda frame: frame["churned"]),
    "other labels": ("copy", "binary", lambda frame: frame["churned"].map({"active": 7.5, "inactive": -1.0})),
    "a copy with gaps": ("copy", "binary", lambda frame: frame["churned"].where(frame.index % 3 > 0)),
    "present only for one label": (
        "copy",
        "binary",
        lambda frame: pd.Series("signed off", frame.index, dtype="str").where(frame["churned"] == "inactive"),
    ),
    "the label within a text": (
        "copy",
        "binary",
        lambda frame: "ticket " + (frame.index % 40).astype(str) + ": now " + frame["churned"].str.upper(),
    ),
    "a score made of the label": ("leak", "binary", noisy),
    "a date that only one label has": (
        "leak",
        "binary",
        lambda frame: (frame["age"] * 1.5).where(frame["churned"] == "inactive"),
    ),
    "many codes of one label each": (
        "leak",
        "binary",
        lambda frame: frame["churned"].str[:2] + (frame.index % 7).astype(str),
    ),
    "a running number": ("identifier", "binary", lambda frame: pd.Series(frame.index + 5000.0, frame.index)),
    "shuffled numbers": (
        "identifier",
        "binary",
        lambda frame: pd.Series(np.random.default_rng(3).permutation(len(frame)) * 1.0, frame.index),
    ),
    "names": ("identifier", "binary", lambda frame: pd.Series([f"customer {row}" for row in frame.index], dtype="str")),
    "a copy of the price": ("copy", "regression", lambda frame: frame["price"]),
    "the price in another currency": ("copy", "regression", lambda frame: (frame["price"] * 1.08 + 3).round(2)),
    "the logarithm of the price": ("copy", "regression", lambda frame: np.log(frame["price"] + 1000)),
    "the price with noise": (
        "leak",
        "regression",
        lambda frame: frame["price"] + np.random.default_rng(4).normal(0, 5, len(frame)),
    ),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_column_is_found_with_its_rule_and_a_remedy(kind: str) -> None:
    rule, task, plant = PLANTED[kind]
    target = BINARY if task == "binary" else PRICE
    frame = honest()
    frame["planted"] = plant(frame)
    (violation,) = find(frame, target)
    assert (violation.rule, violation.column) == (rule, "planted")
    assert 'vouched=("planted",)' in violation.message
    assert find(frame, target, vouched=("planted",)) == []


def test_two_leaks_do_not_hide_each_other() -> None:
    frame = honest()
    frame["one"], frame["two"] = noisy(frame), noisy(frame) * 2 + 1
    assert [(each.rule, each.column) for each in find(frame)] == [("leak", "one"), ("leak", "two")]


def test_a_leak_among_strong_columns_is_found() -> None:
    frame = as_frame(datasets.load_breast_cancer(as_frame=True), "y")
    frame["y"] = np.where(frame["y"] == 0, "malignant", "benign")
    random = np.random.default_rng(0)
    frame["worst area"] = (frame["y"] == "malignant") + random.uniform(0, 0.9, len(frame))
    (violation,) = find(frame, Target(name="y", task="binary", labels=("benign", "malignant")))
    assert (violation.rule, violation.column) == ("leak", "worst area")
    assert "100.0% of the rows" in violation.message


def test_few_rows_are_no_evidence() -> None:
    frame = honest(60)
    frame["planted"] = (frame["churned"] == "inactive") * 3 + np.random.default_rng(0).normal(0, 0.3, 60)
    assert find(frame) == []


@pytest.mark.parametrize("name", ["id", "customer_id", "customerId", "order no", "ID", "uuid", "row_number", "key"])
def test_names_of_identifiers_are_known(name: str) -> None:
    assert is_named_so(name)


@pytest.mark.parametrize("name", ["humid", "paid", "valid", "casino", "monkey", "width", "amount", "acid"])
def test_other_names_are_not_taken_for_identifiers(name: str) -> None:
    assert not is_named_so(name)


def test_numbers_that_happen_to_differ_are_no_identifier_unless_they_are_named_so() -> None:
    frame = honest()
    random = np.random.default_rng(9)
    frame["income"] = random.choice(10_000_000, ROWS, replace=False).astype(float)
    assert find(frame) == []
    (violation,) = find(frame.rename(columns={"income": "account_id"}))
    assert violation.rule == "identifier"
    assert 'key=("account_id",)' in violation.message


@pytest.mark.parametrize(
    "values", [np.arange(ROWS) * 1.0, [f"text {row}" for row in range(ROWS)]], ids=["count", "texts"]
)
def test_no_statistic_of_a_private_identifier_is_reported(values: Any) -> None:
    frame = honest()
    frame["secret"] = values
    spec = spec_for(frame, BINARY)
    columns = [
        column.model_copy(update={"privacy": "drop"}) if column.name == "secret" else column for column in spec.columns
    ]
    (violation,) = check_leakage(frame, replace(spec, columns=tuple(columns)))
    assert (violation.rule, violation.column) == ("identifier", "secret")
    assert not any(letter.isdigit() for letter in violation.message)
