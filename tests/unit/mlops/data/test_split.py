"""Rows for the test are held out: apart from the training rows, alike in classes, and the same in every version."""

import numpy as np
import pandas as pd
import pytest

from mlops.contract import Target
from mlops.data.row_digests import row_digests
from mlops.data.split import split

KIND = Target(name="kind", task="binary", labels=("long", "short"))
TABLE = pd.DataFrame({"length": range(200), "kind": ["long" if row % 5 == 0 else "short" for row in range(200)]})


def cut(table: pd.DataFrame, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    return split(table, KIND, ["length"], 0.25, seed)


def test_every_row_is_on_one_side() -> None:
    train, test = cut(TABLE)
    assert (len(train), len(test)) == (150, 50)
    assert sorted([*train["length"], *test["length"]]) == list(range(200))
    assert train["length"].is_monotonic_increasing
    assert test["length"].is_monotonic_increasing


@pytest.mark.parametrize("seed", range(5))
def test_both_sides_have_the_same_share_of_each_class(seed: int) -> None:
    for part in cut(TABLE, seed):
        assert (part["kind"] == "long").mean() == pytest.approx(0.2)


def test_a_seed_gives_the_same_split_and_another_another() -> None:
    (_, once), (_, again), (_, other) = cut(TABLE, 7), cut(TABLE, 7), cut(TABLE, 8)
    assert once.equals(again)
    assert not once.equals(other)


def test_a_row_is_on_the_same_side_in_any_order_and_whatever_is_added() -> None:
    train, _ = cut(TABLE)
    shuffled, _ = cut(TABLE.sample(frac=1, random_state=0))
    assert set(shuffled["length"]) == set(train["length"])
    more = pd.DataFrame(
        {"length": range(200, 400), "kind": ["long" if row % 5 == 0 else "short" for row in range(200)]}
    )
    _, test = cut(pd.concat([TABLE, more], ignore_index=True))
    crossed = set(test["length"]) & set(train["length"])
    assert len(crossed) <= 8, "only rows at the border change sides"


def test_a_regressions_rows_are_one_group() -> None:
    table = pd.DataFrame({"length": range(200), "size": np.linspace(0, 1, 200)})
    train, test = split(table, Target(name="size", task="regression"), ["length"], 0.25, 0)
    assert (len(train), len(test)) == (150, 50)


def test_a_digest_knows_a_row_by_its_values_in_the_columns_given() -> None:
    table = pd.DataFrame({"a": [1.0, 2.0, 1.0, np.nan], "b": ["x", "y", "x", None], "c": [1, 2, 3, 4]})
    one, two, same, missing = row_digests(table, ["a", "b"])
    assert one == same
    assert len({one, two, missing}) == 3
    assert row_digests(table.iloc[[3]], ["a", "b"])[0] == missing


def test_equal_inputs_are_on_one_side_whatever_their_label() -> None:
    random = np.random.default_rng(0)
    table = pd.DataFrame({"x": random.normal(size=400), "kind": ["long", "short"] * 200})
    again = table.iloc[:20].assign(kind="short")
    train, test = split(pd.concat([table, again], ignore_index=True), KIND, ["x"], 0.25, seed=0)
    assert not set(train["x"]) & set(test["x"])
    assert len(train) + len(test) == 420


def test_a_coarse_table_is_split_row_by_row() -> None:
    table = pd.DataFrame({"x": [0.0, 1.0] * 200, "kind": ["long"] * 200 + ["short"] * 200})
    train, test = split(table, KIND, ["x"], 0.25, seed=0)
    assert (len(train), len(test)) == (300, 100)
