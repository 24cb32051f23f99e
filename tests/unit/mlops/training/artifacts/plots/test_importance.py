"""Columns that tell something are told from those that don't."""

import numpy as np
import pandas as pd
import pytest

from mlops.evaluation.metrics.answers import Integers, ValueAnswers, value_answers
from mlops.evaluation.metrics.values import MAE, R2
from mlops.training.artifacts.plots.importance import GROUPS, permute_columns

ROWS = 500
_RNG_SEED = 3


def _data() -> pd.DataFrame:
    rng = np.random.default_rng(_RNG_SEED)
    return pd.DataFrame({name: rng.normal(size=ROWS) for name in ("much", "little", "nothing")})


def _answer(rows: pd.DataFrame, positions: Integers) -> ValueAnswers:
    truth = (3 * _data()["much"] + 0.5 * _data()["little"]).to_numpy()
    return value_answers(truth[positions], 3 * rows["much"] + 0.5 * rows["little"])


def test_a_columns_importance_follows_from_its_effect() -> None:
    much, little, nothing = permute_columns(_data(), _answer, MAE, np.random.default_rng(1))
    assert much.loss == pytest.approx(3 * 2 / np.sqrt(np.pi), rel=0.1)  # the mean distance of two normal draws
    assert little.loss == pytest.approx(much.loss / 6, rel=0.15)
    assert (nothing.loss, nothing.deviation) == (0, 0)


def test_a_loss_is_positive_whichever_way_the_metric_goes() -> None:
    assert all(found.loss >= 0 for found in permute_columns(_data(), _answer, R2, np.random.default_rng(1)))


def test_large_data_are_sampled_and_the_data_stay_as_they_were() -> None:
    data, sizes = _data(), []

    def answer(rows: pd.DataFrame, positions: Integers) -> ValueAnswers:
        sizes.append(len(rows))
        return _answer(rows, positions)

    permute_columns(data, answer, MAE, np.random.default_rng(1), repeats=2, most_rows=100)
    assert sizes == [100, 200, 200, 200]
    pd.testing.assert_frame_equal(data, _data())


def test_the_same_seed_gives_the_same_importance() -> None:
    first, again = (permute_columns(_data(), _answer, MAE, np.random.default_rng(5)) for _ in range(2))
    assert first == again


def test_of_many_columns_those_that_matter_are_found_with_few_answers() -> None:
    rng = np.random.default_rng(2)
    data = pd.DataFrame(rng.normal(size=(400, 600)), columns=[f"x{place}" for place in range(600)])
    matter = {"x3": 4.0, "x4": 2.0, "x250": 3.0, "x599": 1.0}
    sizes = []

    def total(rows: pd.DataFrame) -> "pd.Series[float]":
        return rows[[*matter]] @ pd.Series(matter)

    def answer(rows: pd.DataFrame, positions: Integers) -> ValueAnswers:
        sizes.append(len(rows))
        return value_answers(total(data).to_numpy()[positions], total(rows))

    found = permute_columns(data, answer, MAE, np.random.default_rng(1))
    assert [each.column for each in sorted(found, key=lambda each: -each.loss)[:4]] == ["x3", "x250", "x4", "x599"]
    assert len(found) <= GROUPS
    assert len(sizes) < 300
    assert sum(sizes) < 300 * 400
    assert [each.column for each in found] == sorted((each.column for each in found), key=lambda name: int(name[1:]))


def test_wide_tables_are_answered_on_fewer_rows() -> None:
    data = pd.DataFrame(np.zeros((1_000, 5_000)), columns=[f"x{place}" for place in range(5_000)])
    sizes = []

    def answer(rows: pd.DataFrame, positions: Integers) -> ValueAnswers:
        sizes.append(rows.size)
        return value_answers(np.arange(len(positions)), np.zeros(len(positions)))

    permute_columns(data, answer, MAE, np.random.default_rng(1))
    assert max(sizes) <= 5_000_000
