from typing import Any

import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR, NuSVC

from mlops.errors.training import CompilationFailed
from mlops.training.compile import compile_estimator
from tests.unit.mlops.training.compile.tables import DENSE, contract, parity, table, target


@pytest.mark.filterwarnings("ignore:The `probability` parameter")
@pytest.mark.parametrize("kernel", ["linear", "poly", "rbf", "sigmoid"])
@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_probabilities_coupled_pair_by_pair_are_exact(task: str, kernel: str) -> None:
    model = make_pipeline(StandardScaler(), SVC(kernel=kernel, probability=True, random_state=0))
    assert parity(model, task, *DENSE).exact


@pytest.mark.parametrize("shape", ["ovr", "ovo"])
@pytest.mark.parametrize("model", [SVC(), NuSVC(nu=0.2), SVC(break_ties=True)], ids=str)
def test_decisions_are_exact_before_calibration(model: Any, shape: str) -> None:
    if model.break_ties and shape == "ovo":
        pytest.skip("scikit-learn can't break ties between pairs")
    scaled = make_pipeline(StandardScaler(), model.set_params(decision_function_shape=shape))
    assert parity(CalibratedClassifierCV(scaled, cv=3), "binary", *DENSE).exact
    if shape == "ovr":
        assert parity(CalibratedClassifierCV(scaled, cv=3), "multiclass", *DENSE).exact


@pytest.mark.parametrize("kernel", ["linear", "poly", "rbf", "sigmoid"])
def test_a_regression_by_support_vectors_is_exact(kernel: str) -> None:
    assert parity(make_pipeline(StandardScaler(), SVR(kernel=kernel, C=10)), "regression", *DENSE).exact


def test_scores_without_probabilities_are_refused_with_the_remedy() -> None:
    rows = table()[list(DENSE)]
    model = make_pipeline(StandardScaler(), SVC()).fit(rows, target(table(), "binary"))
    with pytest.raises(CompilationFailed, match="it gives no probabilities; put it into CalibratedClassifierCV"):
        compile_estimator(model, contract("binary", *DENSE))
