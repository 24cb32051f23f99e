"""The compiled model is the same function as the estimator, at its thresholds too."""

import numpy as np
import onnx
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from mlops.data.check import check
from mlops.data.read import read_csv
from mlops.errors import CompilationFailed
from mlops.training.compile import TOLERANCE, check_parity, compile_model
from mlops.training.evaluate import predict_probabilities
from tests.unit.mlops.samples import make_csv, make_lines, make_spec

CONTRACT = make_spec().contract


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    # Overlapping classes, so that trees have many splits.
    noisy = [f"{row % 37 + row / 1000:.3f},{row % 23},{('short', 'long')[(row * 7) % 3 > 1]}" for row in range(120)]
    return check(read_csv(make_csv([*make_lines(), *noisy])), make_spec())


@pytest.mark.parametrize("name", ["linear", "forest"])
def test_estimator_and_compiled_model_agree_on_rows_and_thresholds(name: str, rows: pd.DataFrame) -> None:
    estimator = make_spec().candidates[name].fit(rows[list(CONTRACT.names)], rows["kind"])
    parity = check_parity(estimator, compile_model(estimator, CONTRACT), rows, CONTRACT, seed=0)
    assert parity.difference <= TOLERANCE
    assert (parity.rows > len(rows)) == (name == "forest")


def test_probabilities_stand_in_the_order_of_the_contract_and_not_of_the_estimator(rows: pd.DataFrame) -> None:
    estimator = make_spec().candidates["linear"].fit(rows[list(CONTRACT.names)], rows["kind"])
    assert list(estimator.classes_) == ["long", "short"]
    probabilities = predict_probabilities(estimator, rows, CONTRACT)
    np.testing.assert_array_equal(probabilities, estimator.predict_proba(rows[list(CONTRACT.names)])[:, ::-1])


def test_a_forest_compared_in_another_precision_is_caught_at_its_thresholds(rows: pd.DataFrame) -> None:
    estimator = make_spec().candidates["forest"].fit(rows[list(CONTRACT.names)], rows["kind"])
    model = onnx.load_from_string(compile_model(estimator, CONTRACT))
    (nudge,) = [node for node in model.graph.node if node.op_type == "Cast" and "numbers" in node.input]
    shift = onnx.helper.make_tensor("shift", onnx.TensorProto.DOUBLE, [], [1e-6])
    model.graph.initializer.append(shift)
    model.graph.node.insert(0, onnx.helper.make_node("Add", ["numbers", "shift"], ["moved"]))
    nudge.input[0] = "moved"
    assert check_parity(estimator, model.SerializeToString(), rows, CONTRACT, seed=0).difference > 0.1


def test_the_same_estimator_compiles_to_the_same_bytes(rows: pd.DataFrame) -> None:
    estimator = make_spec().candidates["forest"].fit(rows[list(CONTRACT.names)], rows["kind"])
    assert compile_model(estimator, CONTRACT) == compile_model(estimator, CONTRACT)


def test_an_estimator_without_an_exact_conversion_is_refused_by_name(rows: pd.DataFrame) -> None:
    estimator = HistGradientBoostingClassifier().fit(rows[list(CONTRACT.names)], rows["kind"])
    with pytest.raises(CompilationFailed, match="HistGradientBoostingClassifier"):
        compile_model(estimator, CONTRACT)
