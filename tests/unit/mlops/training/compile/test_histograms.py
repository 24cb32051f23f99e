from typing import Any

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

from tests.unit.mlops.training.compile.tables import CATEGORIES, DENSE, NUMBERS, parity, prepared, table


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_boosted_classes_are_exact_with_missing_values(task: str) -> None:
    assert parity(HistGradientBoostingClassifier(max_iter=25), task, *NUMBERS).difference < 1e-12


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "poisson", "gamma"])
def test_boosted_values_are_exact_with_missing_values(loss: str) -> None:
    data = table()
    data["area"] += 1000  # keeps the target positive, which gamma demands
    assert parity(HistGradientBoostingRegressor(max_iter=25, loss=loss), "regression", *NUMBERS, data=data).exact


def test_boosted_quantiles_are_exact() -> None:
    model = HistGradientBoostingRegressor(max_iter=25, loss="quantile", quantile=0.9)
    assert parity(model, "regression", *NUMBERS).difference < 1e-12


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_native_splits_of_categories_are_exact_for_unseen_and_missing_ones(task: str) -> None:
    model = HistGradientBoostingClassifier(max_iter=25, categorical_features=CATEGORIES, min_samples_leaf=5)
    assert parity(model, task, limit=3000).difference < 1e-12


def test_native_splits_of_encoded_categories_are_exact() -> None:
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    columns = ColumnTransformer([("codes", encoder, CATEGORIES)], remainder="passthrough")
    model = HistGradientBoostingClassifier(max_iter=25, categorical_features=[0, 1], min_samples_leaf=5)
    assert parity(Pipeline([("prepare", columns), ("model", model)]), "binary").difference < 1e-12


def test_native_splits_of_numbers_as_categories_are_exact() -> None:
    model = HistGradientBoostingClassifier(max_iter=25, categorical_features=["rooms", "garden"], min_samples_leaf=5)
    assert parity(model, "binary", *NUMBERS).difference < 1e-12


@pytest.mark.parametrize("options", [{"max_leaf_nodes": 2}, {"min_samples_leaf": 1, "max_iter": 5}], ids=str)
def test_small_and_large_trees_are_exact(options: dict[str, Any]) -> None:
    assert parity(HistGradientBoostingClassifier(**options), "binary", *DENSE).difference < 1e-12


def test_boosting_that_never_splits_is_exact() -> None:
    model = HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=10_000)
    assert parity(model, "multiclass", *DENSE).exact


def test_boosting_behind_a_preparation_is_exact() -> None:
    assert parity(prepared(HistGradientBoostingRegressor(max_iter=25)), "regression").difference < 1e-12
