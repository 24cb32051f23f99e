"""Rows for the test are held out: apart from the training rows, alike in classes, and the same in every version."""

import numpy as np
import pandas as pd
import pytest

from mlops.contract import Target
from mlops.data.row_digests import ROW, TIME, UNIT, dump_digests, fresh_rows, load_digests, row_digests
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


def coarse(rows: int = 1_000, seed: int = 0) -> pd.DataFrame:
    """A table of three columns of few values, of which some cells are far larger than others."""
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "class": random.choice([1.0, 2.0, 3.0], rows, p=[0.2, 0.2, 0.6]),
            "sex": random.choice([0.0, 1.0], rows, p=[0.35, 0.65]),
            "decade": np.where(random.random(rows) < 0.6, np.nan, random.integers(0, 8, rows)),
            "kind": random.choice(["long", "short"], rows),
        }
    )


COARSE = ["class", "sex", "decade"]


@pytest.mark.parametrize("seed", range(5))
def test_in_a_coarse_table_each_cell_has_its_share_of_test_rows(seed: int) -> None:
    table = coarse()
    train, test = split(table, KIND, COARSE, 0.25, seed)
    assert (len(train), len(test)) == (750, 250)
    sizes = table.groupby(COARSE, dropna=False).size()
    tested = test.groupby(COARSE, dropna=False).size().reindex(sizes.index, fill_value=0)
    large = sizes[sizes > 60].index
    assert len(large) >= 4
    shares = tested[large] / sizes[large]
    assert shares.between(0.25 - 0.19, 0.25 + 0.19).all(), "three standard errors of a share of 60 rows"


def test_a_coarse_table_is_split_the_same_in_any_order_and_stably_as_it_grows() -> None:
    table = coarse(1_500)
    _, test = split(table, KIND, COARSE, 0.25, 0)
    shuffled = table.sample(frac=1, random_state=1).reset_index(drop=True)
    _, again = split(shuffled, KIND, COARSE, 0.25, 0)
    assert sorted(again[ROW]) == sorted(test[ROW])
    earlier, _ = split(table.head(1_200), KIND, COARSE, 0.25, 0)
    crossed = np.isin(test[ROW], earlier[ROW])
    assert crossed.mean() < 0.06, "only rows at the border change sides"
    trained = load_digests(dump_digests(earlier, COARSE))
    fresh = fresh_rows(test, COARSE, trained)
    assert len(fresh) == (~crossed).sum() > 0.9 * len(test)


def test_copied_records_stay_together_however_many_they_are() -> None:
    random = np.random.default_rng(0)
    things = pd.DataFrame({"x": random.normal(size=300), "y": random.normal(size=300), "kind": ["long", "short"] * 150})
    table = pd.concat([things, things.sample(400, replace=True, random_state=1)], ignore_index=True)
    train, test = split(table, KIND, ["x", "y"], 0.25, 0)
    assert len(train) + len(test) == 700
    assert not set(train["x"]) & set(test["x"])
    assert not set(train[UNIT]) & set(test[UNIT])


def test_rows_of_a_group_are_on_one_side_and_stay_there() -> None:
    random = np.random.default_rng(0)
    patient = random.integers(0, 80, 1_000)
    table = pd.DataFrame({"x": random.normal(size=1_000), "kind": ["long", "short"] * 500, "patient": patient})
    groups = row_digests(table, ["patient"])
    train, test = split(table, KIND, ["x"], 0.25, 0, groups=groups)
    assert not set(train["patient"]) & set(test["patient"])
    assert 0.2 < len(test) / 1_000 < 0.3
    before, _ = split(table.head(800), KIND, ["x"], 0.25, 0, groups=groups[:800])
    moved = set(before["patient"]) & set(test["patient"])
    assert len(moved) <= 4, "only groups at the border change sides"
    trained = load_digests(dump_digests(before, ["x"]))
    assert set(fresh_rows(test, ["x"], trained)["patient"]) == set(test["patient"]) - moved


def test_a_group_that_is_most_of_the_table_is_trained_on() -> None:
    group = np.array([0] * 700 + list(range(1, 301)))
    table = pd.DataFrame({"x": np.arange(1_000.0), "kind": ["long", "short"] * 500, "group": group})
    for seed in range(20):
        _, test = split(table, KIND, ["x"], 0.25, seed, groups=row_digests(table, ["group"]))
        assert 0 not in set(test["group"])
        assert len(test) == 250


def test_by_time_the_latest_rows_are_the_test_and_equal_times_stay_together() -> None:
    days = np.random.default_rng(0).integers(0, 40, 1_000).astype(float)
    table = pd.DataFrame({"x": np.arange(1_000.0), "kind": ["long", "short"] * 500, "day": days})
    train, test = split(table, KIND, ["x"], 0.25, 0, times=days)
    assert train["day"].max() < test["day"].min()
    assert 0.2 < len(test) / 1_000 < 0.32
    assert train["day"].is_monotonic_increasing
    assert (np.diff(train[TIME]) >= 0).all()


def test_two_times_are_split_between_them() -> None:
    table = pd.DataFrame({"x": np.arange(100.0), "kind": ["long", "short"] * 50})
    for early in (10, 90):
        train, test = split(table, KIND, ["x"], 0.25, 0, times=np.repeat([1.0, 2.0], [early, 100 - early]))
        assert (len(train), len(test)) == (early, 100 - early)
