"""Contributions of real estimators: those of the shap library where it has any, and a sum that is the score."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shap
from catboost import CatBoostClassifier, CatBoostRegressor, Pool
from lightgbm import LGBMClassifier, LGBMRegressor
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge, SGDClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from xgboost import DMatrix, XGBClassifier, XGBRegressor

from mlops.artifact.explanation.explainer import Explainer, Explanation
from mlops.artifact.explanation.files import ABOUT, NUMBERS, read_explainer, read_reason
from mlops.artifact.explanation.linear import Linear
from mlops.artifact.frames import frame_inputs
from mlops.artifact.session import open_session
from mlops.contract import Contract
from mlops.spec.label_encoded import LabelEncoded
from mlops.training.artifacts.explainer import make_explainer, nodes
from mlops.training.compile.compiler import walk_through
from mlops.training.search.boosting import settle_boosting
from tests.unit.mlops.artifact.explanation.test_trees import shapley
from tests.unit.mlops.training.compile.tables import CATEGORIES, contract, prepared, table, target
from tests.unit.mlops.training.compile.tables import NUMBERS as NUMERIC

FRAME = table(150)
SHOWN = FRAME.head(12)


def explainer_of(files: dict[str, bytes]) -> Explainer:
    return read_explainer(files[ABOUT], files[NUMBERS])


def explain(estimator: Any, kept: Contract, answers: int, rows: pd.DataFrame = SHOWN) -> list[list[Explanation]]:
    """Fitted on the table, an explanation of each answer of each row: [answers][rows]."""
    inputs = FRAME[list(kept.names)]
    explainer = explainer_of(make_explainer(estimator, inputs, kept))
    features = open_session(explainer.graph).run(None, frame_inputs(kept, rows))[0]
    return [explainer.explain(features, [answer] * len(rows)) for answer in range(answers)]


def fit(estimator: Any, kept: Contract) -> Any:
    return estimator.fit(FRAME[list(kept.names)], target(FRAME, kept.target.task))


def matrix(explained: list[Explanation]) -> NDArray[np.float64]:
    return np.array([[*each.contributions.values()] for each in explained])


def sums(explained: list[Explanation]) -> NDArray[np.float64]:
    return np.array([each.base + sum(each.contributions.values()) for each in explained])


def by_column(pipeline: Pipeline, values: NDArray[np.float64], kept: Contract) -> NDArray[np.float64]:
    """shap's values [N, features] of a prepared table, summed by the column that each feature comes from."""
    names = [name.partition("__")[2] for name in pipeline[:-1].get_feature_names_out()]
    total = np.zeros((len(values), len(kept.names)))
    for index, name in enumerate(names):
        origin = name if name in NUMERIC else name.rpartition("_")[0]
        total[:, kept.names.index(origin)] += values[:, index]
    return total


TREES: dict[str, tuple[Any, str]] = {
    "forest": (RandomForestClassifier(10, random_state=0), "binary"),
    "forest of many labels": (RandomForestClassifier(10, random_state=0), "multiclass"),
    "weighted forest": (RandomForestClassifier(10, random_state=0, class_weight="balanced"), "binary"),
    "extra trees": (ExtraTreesClassifier(5, random_state=0), "binary"),
    "tree": (DecisionTreeClassifier(random_state=0), "multiclass"),
    "forest of values": (RandomForestRegressor(10, random_state=0), "regression"),
    "boosting": (GradientBoostingClassifier(n_estimators=20, random_state=0), "binary"),
    "boosting of values": (GradientBoostingRegressor(n_estimators=20, random_state=0), "regression"),
    "histogram boosting": (HistGradientBoostingClassifier(max_iter=20, random_state=0), "binary"),
    "histogram boosting of many labels": (HistGradientBoostingClassifier(max_iter=10, random_state=0), "multiclass"),
    "histogram boosting of values": (HistGradientBoostingRegressor(max_iter=20, random_state=0), "regression"),
}


@pytest.mark.parametrize("kind", TREES)
def test_contributions_of_trees_are_those_of_the_shap_library(kind: str) -> None:
    model, task = TREES[kind]
    kept = contract(task)
    pipeline = fit(prepared(model), kept)
    library = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
    values = np.asarray(library.shap_values(pipeline[:-1].transform(SHOWN[list(kept.names)])))
    bases = np.atleast_1d(library.expected_value)
    labels = kept.target.labels
    for answer, explained in enumerate(explain(pipeline, kept, max(1, len(labels)))):
        position = list(pipeline.classes_).index(labels[answer]) if labels else 0
        if values.ndim == 3:
            expected, base = values[:, :, position], bases[position]
        else:  # of two classes shap has the second's
            sign = 1 if position == len(labels[1:]) else -1
            expected, base = sign * values, sign * bases[0]
        scale = max(1.0, float(np.abs(expected).max()))
        np.testing.assert_allclose(
            matrix(explained), by_column(pipeline, expected, kept), rtol=0, atol=1e-9 * scale, err_msg=kind
        )
        assert explained[0].base == pytest.approx(base, rel=1e-6)


def library_values(model: Any, rows: pd.DataFrame) -> NDArray[np.float64]:
    """[N, columns + 1]: a boosting library's own contributions to its scores, and the base."""
    if isinstance(model, LGBMClassifier | LGBMRegressor):
        return np.asarray(model.predict(rows, pred_contrib=True))
    if isinstance(model, CatBoostClassifier | CatBoostRegressor):
        return np.asarray(model.get_feature_importance(Pool(rows), type="ShapValues"))
    booster = (model.classifier_ if isinstance(model, LabelEncoded) else model).get_booster()
    return np.asarray(booster.predict(DMatrix(rows), pred_contribs=True))


@pytest.mark.parametrize(
    ("model", "task"),
    [
        (XGBClassifier(n_estimators=20, max_depth=4), "binary"),
        (XGBRegressor(n_estimators=20, max_depth=4), "regression"),
        (XGBRegressor(n_estimators=20, objective="count:poisson"), "regression"),
        (LGBMClassifier(n_estimators=20), "binary"),
        (LGBMRegressor(n_estimators=20), "regression"),
        (CatBoostClassifier(iterations=20, depth=4), "binary"),
        (CatBoostRegressor(iterations=20, depth=4), "regression"),
    ],
    ids=lambda each: each if isinstance(each, str) else type(each).__name__,
)
def test_contributions_of_boosting_libraries_are_their_own(model: Any, task: str) -> None:
    kept = contract(task, *NUMERIC)
    settled = settle_boosting(model)
    rows, truth = FRAME[list(kept.names)], target(FRAME, task)
    fitted = settled.fit(rows, np.abs(truth) / 1e5 if task == "regression" else truth)
    values = library_values(fitted, SHOWN[list(kept.names)])
    answer = list(kept.target.labels).index(fitted.classes_[1]) if kept.target.labels else 0
    explained = explain(fitted, kept, answer + 1)[answer]
    scale = max(1.0, float(np.abs(values).max()))
    np.testing.assert_allclose(matrix(explained), values[:, :-1], rtol=0, atol=2e-5 * scale)
    np.testing.assert_allclose([each.base for each in explained], values[:, -1], rtol=1e-5, atol=1e-6)


def test_a_model_behind_a_step_that_mixes_columns_is_refused_with_the_reason() -> None:
    kept = contract("regression", "area", "rooms", "built")
    files = make_explainer(fit(make_pipeline(StandardScaler(), PCA(2), Ridge()), kept), FRAME[list(kept.names)], kept)
    assert read_reason(files[ABOUT]) == (
        "Ridge can't be explained exactly: a step before it mixes columns, so that no contribution is one column's"
    )


def test_scores_without_probabilities_are_explained_as_scores() -> None:
    kept = contract("binary", "area", "rooms", "built")
    model = fit(CalibratedClassifierCV(make_pipeline(StandardScaler(), LinearSVC()), method="isotonic", cv=2), kept)
    files = make_explainer(model, FRAME[list(kept.names)], kept)
    assert explainer_of(files).unit == "score before calibration, mean of 2 members"


@pytest.mark.parametrize(("model", "task"), [(LogisticRegression(), "binary"), (Ridge(), "regression")])
def test_contributions_of_linear_models_are_those_of_the_shap_library(model: Any, task: str) -> None:
    kept = contract(task)
    pipeline = fit(prepared(model), kept)
    data = pipeline[:-1].transform(FRAME[list(kept.names)])
    library = shap.LinearExplainer(model, shap.maskers.Independent(data, max_samples=len(data)))
    values = library.shap_values(pipeline[:-1].transform(SHOWN[list(kept.names)]))
    answer = list(kept.target.labels).index(pipeline.classes_[1]) if kept.target.labels else 0
    explained = explain(pipeline, kept, answer + 1)[answer]
    np.testing.assert_allclose(matrix(explained), by_column(pipeline, values, kept), rtol=1e-9, atol=1e-9)
    assert explained[0].base == pytest.approx(library.expected_value)


def test_a_feature_split_by_sets_of_categories_has_its_shapley_value() -> None:
    kept = contract("binary")
    model = HistGradientBoostingClassifier(max_iter=2, max_leaf_nodes=10, categorical_features=CATEGORIES)
    fit(model, kept)
    rows = SHOWN.head(4)
    walk, _ = walk_through(model, kept)
    (splits,) = walk.splits
    assert len(splits.columns) > len(kept.names), "there are sets of categories"
    explainer = explainer_of(make_explainer(model, FRAME[list(kept.names)], kept))
    features = open_session(explainer.graph).run(None, frame_inputs(kept, rows))[0]
    second = list(kept.target.labels).index(model.classes_[1])
    names = explainer.parts[0].columns
    for row, explained in zip(features, explainer.explain(features, [second] * len(rows)), strict=True):
        # The coalitions are over the features that the trees ask, any other's value is 0.
        values = dict(zip(sorted(set(splits.features)), shapley(splits, row), strict=True))
        expected = {names[feature]: value for feature, value in values.items()}
        assert explained.contributions == pytest.approx(expected, abs=1e-10)


def log_odds(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.log(chances / (1 - chances))


UNITS: dict[str, tuple[Any, str, str]] = {
    "logistic regression": (LogisticRegression(), "binary", "log-odds"),
    "forest": (RandomForestClassifier(5, random_state=0), "binary", "probability"),
    "boosting": (HistGradientBoostingClassifier(max_iter=5), "binary", "log-odds"),
    "stochastic": (SGDClassifier(loss="log_loss", alpha=1.0, random_state=0), "binary", "log-odds"),
    "forest of many labels": (RandomForestClassifier(5, random_state=0), "multiclass", "probability"),
    "nothing": (DummyClassifier(strategy="prior"), "binary", "probability"),
    "calibrated by a sigmoid": (
        CalibratedClassifierCV(LogisticRegression(), method="sigmoid", ensemble=False),
        "binary",
        "log-odds",
    ),
    "calibrated forest": (
        CalibratedClassifierCV(RandomForestClassifier(5, random_state=0), method="sigmoid", ensemble=False),
        "binary",
        "log-odds",
    ),
}


@pytest.mark.parametrize("kind", UNITS)
def test_base_and_contributions_add_up_to_the_probability_of_the_answer(kind: str) -> None:
    model, task, unit = UNITS[kind]
    kept = contract(task)
    pipeline = fit(prepared(model), kept)
    chances = pipeline.predict_proba(SHOWN[list(kept.names)])
    for answer, explained in enumerate(explain(pipeline, kept, len(kept.target.labels))):
        chance = chances[:, list(pipeline.classes_).index(kept.target.labels[answer])]
        expected = chance if unit == "probability" else log_odds(chance)
        assert {each.unit for each in explained} == {unit}
        np.testing.assert_allclose(sums(explained), expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("model", [LogisticRegression(), HistGradientBoostingClassifier(max_iter=5)])
def test_scores_of_many_labels_are_what_the_softmax_takes(model: Any) -> None:
    kept = contract("multiclass")
    pipeline = fit(prepared(model), kept)
    explained = explain(pipeline, kept, 4)
    assert {each.unit for each in explained[0]} == {"logit"}
    raised = np.exp(np.array([sums(each) for each in explained]).T)
    order = [list(pipeline.classes_).index(label) for label in kept.target.labels]
    expected = pipeline.predict_proba(SHOWN[list(kept.names)])[:, order]
    np.testing.assert_allclose(raised / raised.sum(axis=1, keepdims=True), expected, atol=1e-9)


@pytest.mark.parametrize(
    ("model", "unit"),
    [
        (Ridge(), "value"),
        (DummyRegressor(), "value"),
        (PoissonRegressor(), "logarithm of value"),
        (HistGradientBoostingRegressor(loss="poisson", max_iter=5), "logarithm of value"),
    ],
)
def test_contributions_of_a_regression_add_up_to_its_value(model: Any, unit: str) -> None:
    kept = contract("regression")
    inputs = FRAME[list(kept.names)]
    pipeline = prepared(model).fit(inputs, np.abs(target(FRAME, "regression")) / 1e5)
    (explained,) = explain(pipeline, kept, 1)
    values = pipeline.predict(SHOWN[list(kept.names)])
    assert {each.unit for each in explained} == {unit}
    np.testing.assert_allclose(sums(explained), values if unit == "value" else np.log(values), rtol=1e-6)


def test_calibrated_members_are_explained_by_the_mean_of_their_log_odds() -> None:
    kept = contract("binary")
    model = fit(CalibratedClassifierCV(prepared(LogisticRegression()), cv=3), kept)
    second = list(kept.target.labels).index(model.classes_[1])
    explained = explain(model, kept, 2)[second]
    members = [log_odds(each.predict_proba(SHOWN[list(kept.names)])[:, 1]) for each in model.calibrated_classifiers_]
    np.testing.assert_allclose(sums(explained), np.mean(members, axis=0), rtol=1e-6)
    assert {each.unit for each in explained} == {"log-odds, mean of 3 members"}


def test_what_isotonic_calibration_bends_is_explained_before_it() -> None:
    kept = contract("binary")
    inner = fit(prepared(RandomForestClassifier(5, random_state=0)), kept)
    model = fit(CalibratedClassifierCV(FrozenEstimator(inner), method="isotonic"), kept)
    for answer, explained in enumerate(explain(model, kept, 2)):
        chance = inner.predict_proba(SHOWN[list(kept.names)])
        position = list(inner.classes_).index(kept.target.labels[answer])
        np.testing.assert_allclose(sums(explained), chance[:, position], atol=1e-9)
        assert explained[0].unit.startswith("probability before calibration")


def test_every_column_has_a_contribution_and_one_that_is_left_out_has_none() -> None:
    kept = contract("binary")
    pipeline = prepared(LogisticRegression())
    pipeline.set_params(prepare__numbers="drop")
    fit(pipeline, kept)
    (explained, _) = explain(pipeline, kept, 2)
    assert tuple(explained[0].contributions) == kept.names
    assert all(explained[0].contributions[name] == 0 for name in NUMERIC)
    assert any(explained[0].contributions[name] != 0 for name in CATEGORIES)


def test_a_forest_that_is_too_large_has_the_reason_in_place_of_an_explainer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlops.training.artifacts.explainer.parts.MAX_LEAVES", 50)
    kept = contract("binary")
    files = make_explainer(fit(prepared(RandomForestClassifier(5)), kept), FRAME[list(kept.names)], kept)
    assert list(files) == [ABOUT]
    assert "leaves are too many to explain an answer in time; 50 are allowed" in (read_reason(files[ABOUT]) or "")
    assert nodes.MAX_LEAVES == 1_000_000


def test_the_means_are_those_of_all_rows_however_many_are_looked_at_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = contract("binary")
    pipeline = fit(prepared(LogisticRegression()), kept)
    inputs = FRAME[list(kept.names)]
    whole = explainer_of(make_explainer(pipeline, inputs, kept)).parts[0].model
    monkeypatch.setattr("mlops.training.artifacts.explainer.make._AT_ONCE", 40)
    parts = explainer_of(make_explainer(pipeline, inputs, kept)).parts[0].model
    assert isinstance(whole, Linear)
    assert isinstance(parts, Linear)
    np.testing.assert_allclose(whole.means, pipeline[:-1].transform(inputs).mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(parts.means, whole.means, atol=1e-12)


def test_the_same_estimator_gives_the_same_files() -> None:
    kept = contract("binary")
    pipeline = fit(prepared(RandomForestClassifier(3, random_state=0)), kept)
    inputs = FRAME[list(kept.names)]
    assert make_explainer(pipeline, inputs, kept) == make_explainer(pipeline, inputs, kept)
