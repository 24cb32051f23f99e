from typing import Any

import numpy as np
import pytest
from onnx import load_from_string
from onnxruntime import InferenceSession
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from mlops.contract import Column, Contract, Target
from mlops.errors.training import CompilationFailed
from mlops.training.compile import compile_estimator
from tests.unit.mlops.training.compile.tables import DENSE, NUMBERS, contract, prepared, table, target


class Overconfident(LogisticRegression):  # type: ignore[misc]  # scikit-learn ships no types
    """A subclass that answers otherwise than its parent."""

    def predict_proba(self, X: Any) -> Any:  # noqa: N803
        return super().predict_proba(X).round()


class Doubled(StandardScaler):  # type: ignore[misc]
    """A subclass that scales otherwise than its parent."""

    def transform(self, X: Any, copy: bool | None = None) -> Any:  # noqa: N803
        return 2 * super().transform(X, copy)


def fit(model: Any, task: str, *names: str) -> Any:
    """The model, fitted on the table or some of its columns."""
    rows = table()
    return model.fit(rows[list(contract(task, *names).names)], target(rows, task))


def signature(model: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Inputs and outputs: name → type and shape without the rows."""
    session = InferenceSession(model, providers=["CPUExecutionProvider"])
    inputs = {value.name: (value.type, value.shape[1:]) for value in session.get_inputs()}
    return inputs, {value.name: (value.type, value.shape[1:]) for value in session.get_outputs()}


def test_the_graph_has_the_inputs_and_outputs_that_the_contract_makes() -> None:
    numbers, texts = ("tensor(double)", [5]), ("tensor(string)", [2])
    model = compile_estimator(fit(prepared(LogisticRegression(max_iter=500)), "multiclass"), contract("multiclass"))
    chances = {"probabilities": ("tensor(double)", [4])}
    assert signature(model) == ({"numbers": numbers, "categories": texts}, chances)
    model = compile_estimator(fit(prepared(Ridge()), "regression"), contract("regression"))
    assert signature(model) == ({"numbers": numbers, "categories": texts}, {"value": ("tensor(double)", [])})
    model = compile_estimator(fit(Ridge(), "regression", *DENSE), contract("regression", *DENSE))
    assert signature(model) == ({"numbers": ("tensor(double)", [3])}, {"value": ("tensor(double)", [])})


def test_a_column_that_the_model_drops_is_still_an_input() -> None:
    names = ("area", "city")
    model = prepared(LogisticRegression())
    model.steps[0] = ("prepare", _only("area"))
    compiled = compile_estimator(fit(model, "binary", *names), contract("binary", *names))
    assert set(signature(compiled)[0]) == {"numbers", "categories"}


def test_probabilities_are_in_the_contracts_order() -> None:
    model = fit(RandomForestClassifier(10, random_state=0), "multiclass", *NUMBERS)
    rows = table()[NUMBERS]
    for labels in (("low", "mid", "high", "top"), ("top", "low", "high", "mid")):
        asked = Contract(
            columns=contract("multiclass", *NUMBERS).columns,
            target=Target(name="band", task="multiclass", labels=labels),
        )
        session = InferenceSession(compile_estimator(model, asked), providers=["CPUExecutionProvider"])
        answer = session.run(["probabilities"], {"numbers": rows.to_numpy()})[0]
        order = [list(model.classes_).index(label) for label in labels]
        np.testing.assert_allclose(answer, model.predict_proba(rows)[:, order], atol=1e-15)


def test_classes_that_are_numbers_match_the_labels_as_text() -> None:
    rows = table()[list(DENSE)]
    model = LogisticRegression(max_iter=2000).fit(rows, (target(table(), "binary") == "yes").astype(int))
    ones = Target(name="sold", task="binary", labels=("1", "0"))
    asked = Contract(columns=contract("binary", *DENSE).columns, target=ones)
    session = InferenceSession(compile_estimator(model, asked), providers=["CPUExecutionProvider"])
    answer = session.run(None, {"numbers": rows.to_numpy()})[0]
    np.testing.assert_allclose(answer[:, 0], model.predict_proba(rows)[:, 1], atol=1e-12)


@pytest.mark.parametrize(
    "model", [RandomForestClassifier(10, random_state=0), HistGradientBoostingClassifier(max_iter=5)], ids=str
)
def test_two_fits_of_the_same_rows_compile_to_the_same_bytes(model: Any) -> None:
    first = compile_estimator(fit(prepared(model), "multiclass"), contract("multiclass"))
    assert compile_estimator(fit(prepared(model), "multiclass"), contract("multiclass")) == first


def test_the_number_of_jobs_leaves_no_trace_in_the_bytes() -> None:
    one, two = (RandomForestClassifier(10, random_state=0, n_jobs=jobs) for jobs in (1, 2))
    compiled = [compile_estimator(fit(each, "binary", *DENSE), contract("binary", *DENSE)) for each in (one, two)]
    assert compiled[0] == compiled[1]


def test_the_graph_names_its_versions_and_its_maker() -> None:
    model = load_from_string(compile_estimator(fit(Ridge(), "regression", *DENSE), contract("regression", *DENSE)))
    assert {(opset.domain, opset.version) for opset in model.opset_import} == {("", 21), ("ai.onnx.ml", 5)}
    assert (model.ir_version, model.producer_name) == (10, "mlops-on-lambda")


@pytest.mark.parametrize(
    ("model", "step"),
    [
        (make_pipeline(Doubled(), LogisticRegression()), r"Pipeline > doubled \(Doubled\)"),
        (make_pipeline(StandardScaler(), Overconfident()), r"overconfident \(Overconfident\)"),
        (Pipeline([("inner", make_pipeline(Doubled())), ("m", Ridge())]), r"inner \(Pipeline\) > doubled"),
    ],
    ids=["transformer", "model", "nested"],
)
def test_a_step_without_an_exact_conversion_is_refused_by_name(model: Any, step: str) -> None:
    task = "regression" if isinstance(model, Pipeline) and "m" in model.named_steps else "binary"
    with pytest.raises(CompilationFailed, match=rf"{step}.* can't be compiled exactly: it has no exact conversion"):
        compile_estimator(fit(model, task, *DENSE), contract(task, *DENSE))


def test_a_target_transformed_by_a_python_function_is_refused_by_name() -> None:
    def halved(values: Any) -> Any:
        return values / 2

    model = TransformedTargetRegressor(Ridge(), func=np.positive, inverse_func=halved, check_inverse=False)
    with pytest.raises(CompilationFailed, match="'halved'") as raised:
        compile_estimator(fit(model, "regression", *DENSE), contract("regression", *DENSE))
    assert raised.value.step == "TransformedTargetRegressor"


def test_a_subclass_is_not_taken_for_its_parent() -> None:
    with pytest.raises(CompilationFailed, match="Overconfident"):
        compile_estimator(fit(Overconfident(max_iter=2000), "binary", *DENSE), contract("binary", *DENSE))


def test_a_category_that_reaches_a_model_as_text_is_refused() -> None:
    model = fit(LogisticRegression(), "binary", "rooms")
    asked = Contract(columns=(Column(name="rooms", kind="category"),), target=contract("binary").target)
    with pytest.raises(CompilationFailed, match="a category column reaches it as text; encode it first"):
        compile_estimator(model, asked)


def test_a_model_that_was_not_fitted_is_refused() -> None:
    with pytest.raises(NotFittedError, match="not fitted"):
        compile_estimator(prepared(LogisticRegression()), contract("binary"))


def test_columns_labels_and_task_must_be_the_contract_s() -> None:
    model = fit(LogisticRegression(max_iter=2000), "binary", *DENSE)
    with pytest.raises(CompilationFailed, match="fitted on the columns"):
        compile_estimator(model, contract("binary", "area", "rooms"))
    nameless = LogisticRegression(max_iter=2000).fit(table()[list(DENSE)].to_numpy(), target(table(), "binary"))
    with pytest.raises(CompilationFailed, match="fitted on 3 columns, and the contract has 2"):
        compile_estimator(nameless, contract("binary", "area", "rooms"))
    with pytest.raises(CompilationFailed, match="knows the classes"):
        compile_estimator(model, contract("multiclass", *DENSE))
    with pytest.raises(CompilationFailed, match="is a classifier"):
        compile_estimator(model, contract("regression", *DENSE))
    with pytest.raises(CompilationFailed, match="is a regressor"):
        compile_estimator(fit(Ridge(), "regression", *DENSE), contract("binary", *DENSE))


def test_a_model_of_texts_alone_has_no_numbers() -> None:
    columns = (Column(name="city", kind="category"), Column(name="heating", kind="category", required=False))
    model = prepared(LogisticRegression())
    model.steps[0][1].transformers = model.steps[0][1].transformers[1:]
    asked = Contract(columns=columns, target=contract("binary").target)
    rows = table()[["city", "heating"]]
    compiled = compile_estimator(model.fit(rows, target(table(), "binary")), asked)
    assert set(signature(compiled)[0]) == {"categories"}


def _only(*names: str) -> Any:
    return ColumnTransformer([("kept", "passthrough", list(names))])
