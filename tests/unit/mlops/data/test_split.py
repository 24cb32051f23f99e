"""Rows for the test are held out: apart from the training rows, alike in classes, and the same each time."""

import pandas as pd
import pytest

from mlops.data.split import split

TABLE = pd.DataFrame({"length": range(200), "kind": ["long" if row % 5 == 0 else "short" for row in range(200)]})


def test_every_row_is_on_one_side() -> None:
    train, test = split(TABLE, "kind", 0.25, seed=0)
    assert (len(train), len(test)) == (150, 50)
    assert sorted([*train["length"], *test["length"]]) == list(range(200))
    assert train["length"].is_monotonic_increasing
    assert test["length"].is_monotonic_increasing


@pytest.mark.parametrize("seed", range(5))
def test_both_sides_have_the_same_share_of_each_class(seed: int) -> None:
    for part in split(TABLE, "kind", 0.25, seed):
        assert (part["kind"] == "long").mean() == pytest.approx(0.2)


def test_a_seed_gives_the_same_split_and_another_another() -> None:
    _, once = split(TABLE, "kind", 0.25, seed=7)
    _, again = split(TABLE, "kind", 0.25, seed=7)
    _, other = split(TABLE, "kind", 0.25, seed=8)
    assert once.equals(again)
    assert not once.equals(other)
