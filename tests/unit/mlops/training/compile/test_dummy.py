from typing import Any

import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor

from mlops.errors.training import CompilationFailed
from tests.unit.mlops.training.compile.tables import CATEGORIES, parity


@pytest.mark.parametrize("task", ["binary", "multiclass"])
@pytest.mark.parametrize("strategy", ["prior", "most_frequent", "uniform"])
def test_a_model_that_looks_at_nothing_is_exact(strategy: str, task: str) -> None:
    assert parity(DummyClassifier(strategy=strategy), task).difference == 0
    assert parity(DummyClassifier(strategy=strategy), task, *CATEGORIES).difference == 0


@pytest.mark.parametrize("options", [{}, {"strategy": "median"}, {"strategy": "constant", "constant": 7}], ids=str)
def test_a_regression_that_looks_at_nothing_is_exact(options: dict[str, Any]) -> None:
    assert parity(DummyRegressor(**options), "regression").difference == 0


def test_answers_at_random_are_refused() -> None:
    with pytest.raises(CompilationFailed, match="answers at random"):
        parity(DummyClassifier(strategy="stratified"), "binary")
