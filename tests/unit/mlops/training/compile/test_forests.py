from typing import Any

import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tests.unit.mlops.training.compile.tables import DENSE, NUMBERS, parity, prepared

CLASSIFIERS = [
    RandomForestClassifier(20, random_state=0),
    RandomForestClassifier(20, max_depth=3, class_weight="balanced", random_state=0),
    ExtraTreesClassifier(20, random_state=0),
    DecisionTreeClassifier(random_state=0),
]
REGRESSORS = [
    RandomForestRegressor(20, random_state=0),
    ExtraTreesRegressor(20, random_state=0),
    DecisionTreeRegressor(max_leaf_nodes=17, random_state=0),
]


@pytest.mark.parametrize("task", ["binary", "multiclass"])
@pytest.mark.parametrize("model", CLASSIFIERS, ids=str)
def test_a_forest_of_classes_is_exact_with_missing_values(model: Any, task: str) -> None:
    assert parity(model, task, *NUMBERS).difference < 1e-12


@pytest.mark.parametrize("task", ["binary", "multiclass"])
@pytest.mark.parametrize("model", CLASSIFIERS, ids=str)
def test_a_forest_of_classes_is_exact_behind_a_preparation(model: Any, task: str) -> None:
    assert parity(prepared(model), task).difference < 1e-12


@pytest.mark.parametrize("model", REGRESSORS, ids=str)
def test_a_forest_of_values_is_exact(model: Any) -> None:
    assert parity(model, "regression", *NUMBERS).difference < 1e-12
    assert parity(prepared(model), "regression").difference < 1e-12


@pytest.mark.parametrize("options", [{}, {"init": "zero"}, {"subsample": 0.5, "learning_rate": 0.3}], ids=str)
@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_gradient_boosting_of_classes_is_exact(task: str, options: dict[str, Any]) -> None:
    assert (
        parity(GradientBoostingClassifier(n_estimators=15, random_state=0, **options), task, *DENSE).difference < 1e-12
    )


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber", "quantile"])
def test_gradient_boosting_of_values_is_exact(loss: str) -> None:
    model = GradientBoostingRegressor(n_estimators=15, loss=loss, random_state=0)
    assert parity(model, "regression", *DENSE).difference < 1e-12


def test_a_tree_that_never_splits_is_exact() -> None:
    assert parity(RandomForestClassifier(3, min_samples_split=10_000, random_state=0), "binary", *DENSE).exact
    assert parity(DecisionTreeClassifier(min_samples_split=10_000), "multiclass", *DENSE).exact
