"""Columns that tell something are told from those that don't."""

import numpy as np
import pandas as pd
import pytest

from mlops.evaluation.metrics.answers import Integers, ValueAnswers, value_answers
from mlops.evaluation.metrics.values import MAE, R2
from mlops.training.artifacts.plots.importance import permute_columns

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
