from typing import Any

import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, Normalizer, PowerTransformer, QuantileTransformer
from sklearn.tree import DecisionTreeRegressor

from tests.unit.mlops.training.compile.tables import DENSE, NUMBERS, parity

SHAPES = [
    PowerTransformer(),
    PowerTransformer(standardize=False),
    QuantileTransformer(n_quantiles=100),
    QuantileTransformer(n_quantiles=300, output_distribution="normal"),
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_changed_distribution_is_exact_before_a_linear_model(shape: Any) -> None:
    assert parity(make_pipeline(shape, Ridge()), "regression", *DENSE).difference < 1e-9


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_changed_distribution_is_exact_around_the_thresholds_of_a_tree_behind_it(shape: Any) -> None:
    # Missing values stay missing, and the tree has a direction for them.
    assert parity(make_pipeline(shape, DecisionTreeRegressor(max_leaf_nodes=30)), "regression", *NUMBERS).exact


def test_box_cox_is_exact_for_positive_numbers() -> None:
    model = make_pipeline(MinMaxScaler((1, 2), clip=True), PowerTransformer(method="box-cox"), Ridge())
    assert parity(model, "regression", *DENSE).difference < 1e-9


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
def test_rows_of_unit_norm_are_exact(norm: str) -> None:
    assert parity(make_pipeline(Normalizer(norm), Ridge()), "regression", *DENSE).difference < 1e-12
