from typing import Any

import pytest
from sklearn.linear_model import (
    ElasticNet,
    HuberRegressor,
    Lasso,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
    SGDClassifier,
    SGDRegressor,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.unit.mlops.training.compile.tables import DENSE, parity, prepared, table


@pytest.mark.parametrize("task", ["binary", "multiclass"])
@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(max_iter=500),
        LogisticRegression(fit_intercept=False, max_iter=500),
        SGDClassifier(loss="log_loss", random_state=0),
    ],
    ids=str,
)
def test_a_linear_classifier_is_exact(model: Any, task: str) -> None:
    assert parity(prepared(model), task).difference < 1e-12


@pytest.mark.parametrize(
    "model",
    [
        LinearRegression(),
        LinearRegression(fit_intercept=False),
        Ridge(),
        Lasso(alpha=1000),
        ElasticNet(alpha=10),
        HuberRegressor(max_iter=1000),
        SGDRegressor(random_state=0),
    ],
    ids=str,
)
def test_a_linear_regression_is_exact(model: Any) -> None:
    assert parity(prepared(model), "regression").difference < 1e-12


def test_a_log_linear_regression_is_exact() -> None:
    data = table()
    data["area"] += 200  # keeps the target positive
    model = make_pipeline(StandardScaler(), PoissonRegressor(max_iter=500))
    assert parity(model, "regression", "area", "rooms", data=data).difference < 1e-12


def test_a_linear_model_without_a_scaler_is_exact() -> None:
    assert parity(Ridge(), "regression", *DENSE).difference < 1e-12
