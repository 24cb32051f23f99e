from typing import Any

import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler
from sklearn.tree import DecisionTreeRegressor

from tests.unit.mlops.training.compile.tables import DENSE, NUMBERS, parity

SCALERS = [
    StandardScaler(),
    StandardScaler(with_mean=False),
    StandardScaler(with_std=False),
    RobustScaler(),
    RobustScaler(with_centering=False),
    MaxAbsScaler(),
    MinMaxScaler(),
    MinMaxScaler((-1, 3), clip=True),
]


@pytest.mark.parametrize("scaler", SCALERS, ids=str)
def test_a_scaler_is_exact_before_a_linear_model(scaler: Any) -> None:
    assert parity(make_pipeline(scaler, Ridge()), "regression", *DENSE).difference < 1e-12


@pytest.mark.parametrize("scaler", SCALERS, ids=str)
def test_a_scaler_is_exact_at_the_thresholds_of_a_tree_behind_it(scaler: Any) -> None:
    assert parity(make_pipeline(scaler, DecisionTreeRegressor()), "regression", *NUMBERS).difference < 1e-12
