from typing import Any

import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, SplineTransformer, StandardScaler

from mlops.errors.training import CompilationFailed
from mlops.training.compile import check_compilable
from tests.unit.mlops.training.compile.tables import DENSE, NUMBERS, contract, parity


@pytest.mark.parametrize("options", [{}, {"degree": 3}, {"interaction_only": True}, {"include_bias": False}], ids=str)
def test_products_of_columns_are_exact(options: dict[str, Any]) -> None:
    model = make_pipeline(StandardScaler(), PolynomialFeatures(**options), Ridge())
    assert parity(model, "regression", *DENSE).difference < 1e-9


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize("extrapolation", ["constant", "linear", "continue", "periodic"])
def test_splines_are_exact_at_their_knots_and_beyond_them(extrapolation: str, degree: int) -> None:
    if (extrapolation, degree) in {("periodic", 0), ("constant", 0), ("linear", 0), ("linear", 1)}:
        pytest.skip("scikit-learn makes no such splines, or wrong ones")
    knots = "quantile" if degree == 2 else "uniform"
    splines = SplineTransformer(5, degree=degree, extrapolation=extrapolation, knots=knots)
    assert parity(make_pipeline(splines, Ridge()), "regression", "area", "built").difference < 1e-9


def test_splines_without_the_last_one_and_with_missing_values_are_exact() -> None:
    splines = SplineTransformer(include_bias=False, handle_missing="zeros")
    assert parity(make_pipeline(splines, Ridge()), "regression", *NUMBERS).difference < 1e-9


@pytest.mark.parametrize(("extrapolation", "degree"), [("constant", 0), ("linear", 0), ("linear", 1)])
def test_splines_that_scikit_learn_gets_wrong_beyond_their_knots_are_refused(extrapolation: str, degree: int) -> None:
    splines = make_pipeline(SplineTransformer(degree=degree, extrapolation=extrapolation), Ridge())
    with pytest.raises(CompilationFailed, match="don't go on beyond their knots"):
        check_compilable(splines, contract("regression"), "candidate")
