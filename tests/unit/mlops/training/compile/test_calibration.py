from typing import Any

import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from mlops.errors.training import CompilationFailed
from mlops.training.compile import compile_estimator
from tests.unit.mlops.training.compile.tables import NUMBERS, contract, parity, prepared, table, target

MODELS = [
    RandomForestClassifier(20, max_depth=4, random_state=0),
    HistGradientBoostingClassifier(max_iter=15),
    LogisticRegression(max_iter=1000),
]


@pytest.mark.parametrize("ensemble", [True, False])
@pytest.mark.parametrize("task", ["binary", "multiclass"])
@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
@pytest.mark.parametrize("model", MODELS, ids=str)
def test_calibrated_probabilities_are_exact(model: Any, method: str, task: str, ensemble: bool) -> None:
    calibrated = CalibratedClassifierCV(prepared(model), method=method, cv=3, ensemble=ensemble)
    assert parity(calibrated, task).difference < 1e-9


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_a_frozen_model_that_is_calibrated_afterwards_is_exact(method: str) -> None:
    rows = table(seed=9)
    model = RandomForestClassifier(20, random_state=0).fit(rows[NUMBERS], target(rows, "binary"))
    calibrated = CalibratedClassifierCV(FrozenEstimator(model), method=method)
    assert parity(calibrated, "binary", *NUMBERS).difference < 1e-9


def test_temperature_scaling_is_refused_by_name() -> None:
    rows = table()[NUMBERS]
    model = CalibratedClassifierCV(RandomForestClassifier(5), method="temperature").fit(rows, target(table(), "binary"))
    with pytest.raises(CompilationFailed, match="its method 'temperature' has no exact conversion"):
        compile_estimator(model, contract("binary", *NUMBERS))
