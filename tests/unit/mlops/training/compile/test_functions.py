import numpy as np
import pytest
from onnx import TensorProto, helper
from scipy.special import ndtr, ndtri
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler

from mlops.artifact.session import open_session
from mlops.errors.training import CompilationFailed
from mlops.training.compile import numerics
from mlops.training.compile.families.functions import FUNCTIONS
from mlops.training.compile.graph import Graph
from mlops.training.compile.tensors import Tensor
from tests.unit.mlops.training.compile.tables import parity


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_a_function_of_numpy_is_exact(function: np.ufunc) -> None:
    model = make_pipeline(MinMaxScaler((0.1, 3), clip=True), FunctionTransformer(function), Ridge())
    assert parity(model, "regression", "area", "rooms").difference < 1e-12


def test_a_function_of_python_is_refused_by_name_with_those_that_are_known() -> None:
    def halved(values: object) -> object:
        return values

    with pytest.raises(CompilationFailed, match=r"'halved'; use one of NumPy's .*log1p"):
        parity(make_pipeline(FunctionTransformer(halved), Ridge()), "regression", "area")


def computed(make: object, values: np.ndarray) -> np.ndarray:
    """What a formula makes of values [N, 1]."""
    graph = Graph()
    graph.declare("x", 1)
    result = make(Tensor(graph, "x"))  # type: ignore[operator]
    inputs = [helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["N", 1])]
    output = helper.make_tensor_value_info("y", TensorProto.DOUBLE, ["N", None])
    found: np.ndarray = open_session(graph.finish(inputs, result.name, output)).run(None, {"x": values[:, None]})[0]
    return found[:, 0]


def test_functions_near_zero_lose_no_digits() -> None:
    small = np.array([0.0, 1e-300, -1e-12, 3e-7, -9e-4, 1.1e-3, 0.7, -0.5])
    np.testing.assert_allclose(computed(numerics.expm1, small), np.expm1(small), rtol=1e-12)
    np.testing.assert_allclose(computed(numerics.log1p, small), np.log1p(small), rtol=1e-12)


def test_the_normal_distribution_and_its_inverse_are_tabulated_to_rounding() -> None:
    points = np.linspace(-8, 8, 5001)
    np.testing.assert_allclose(computed(numerics.normal_distribution, points), ndtr(points), atol=1e-14)
    chances = np.concatenate([np.geomspace(1e-7, 0.5, 3000), 1 - np.geomspace(1e-7, 0.5, 3000)])
    found = computed(lambda x: numerics.normal_quantile(x, 1e-7), chances)
    np.testing.assert_allclose(found, ndtri(chances), atol=1e-12)


@pytest.mark.parametrize("points", [[0.0, 1.0, 2.0], [0.0, 0.0, 1.0, 1.0, 3.0, 3.0], [5.0]], ids=str)
def test_interpolation_is_numpy_s_to_the_last_bit(points: list[float]) -> None:
    known = np.array(points, dtype=np.float64)
    values = np.linspace(-1, 1, len(points), dtype=np.float64)
    asked = np.concatenate([np.linspace(-1, 4, 101), known, np.nextafter(known, -9), np.nextafter(known, 9)])
    expected = np.interp(asked, known, values)
    np.testing.assert_array_equal(computed(lambda x: numerics.interpolate(x, known, values), asked), expected)
