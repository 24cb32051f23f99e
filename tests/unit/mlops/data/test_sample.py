"""A sample has of each label what the table has, in its order, and the same every time."""

import numpy as np
import pandas as pd

from mlops.data.sample import sample

LABELS = pd.Series(["a"] * 9_000 + ["b"] * 985 + ["c"] * 15).sample(frac=1, random_state=0)


def test_a_table_that_is_small_enough_is_taken_whole() -> None:
    assert sample(LABELS, 10_000, labels=True, seed=0).tolist() == list(range(10_000))


def test_each_label_has_its_share_and_a_rare_one_enough() -> None:
    chosen = sample(LABELS, 1_000, labels=True, seed=0)
    assert LABELS.iloc[chosen].value_counts().to_dict() == {"a": 900, "b": 98, "c": 10}


def test_rows_keep_their_order_and_none_comes_twice() -> None:
    for labels in (True, False):
        chosen = sample(LABELS, 1_000, labels=labels, seed=0)
        assert (np.diff(chosen) > 0).all()


def test_the_seed_decides() -> None:
    one, again, other = (sample(LABELS, 100, labels=True, seed=seed).tolist() for seed in (1, 1, 2))
    assert one == again != other


def test_numbers_are_sampled_evenly() -> None:
    chosen = sample(pd.Series(np.arange(10_000.0)), 2_000, labels=False, seed=0)
    assert len(chosen) == 2_000
    assert np.histogram(chosen, bins=10, range=(0, 10_000))[0].min() > 150
