"""A trial's estimator is a copy with its parameters, the spec's seed, and a size that can be served."""

import pytest
from catboost import CatBoostClassifier
from lightgbm import LGBMClassifier
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import ExtraTreesRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier

from mlops.spec.label_encoded import LabelEncoded
from mlops.training.search.estimators import MAX_LEAVES, make_estimator, plain_parameters, set_forest_jobs


def test_the_specs_own_estimator_stays_as_it_is() -> None:
    forest = RandomForestClassifier(n_estimators=5, n_jobs=2)
    pipeline = make_pipeline(StandardScaler(), forest)
    made = make_estimator(pipeline, {"randomforestclassifier__max_depth": 3}, 7, 100)
    parameters = plain_parameters(made)
    assert parameters["randomforestclassifier__random_state"] == 7
    assert parameters["randomforestclassifier__max_depth"] == 3
    assert parameters["randomforestclassifier__n_jobs"] is None
    assert (forest.random_state, forest.max_depth, forest.n_jobs) == (None, None, 2)


def test_parameters_are_plain_values() -> None:
    made = make_estimator(make_pipeline(StandardScaler(), LogisticRegression()), {}, 0, 100)
    parameters = plain_parameters(made)
    assert parameters["logisticregression__C"] == 1.0
    assert all(isinstance(value, str | int | float | bool | None) for value in parameters.values())


def test_a_forest_on_a_small_table_may_grow_to_its_end() -> None:
    assert make_estimator(RandomForestClassifier(), {}, 0, 4_000).max_leaf_nodes is None


@pytest.mark.parametrize("forest", [RandomForestClassifier(), ExtraTreesRegressor(n_estimators=100)])
def test_a_forest_on_a_large_table_has_no_more_leaves_than_can_be_served(forest: object) -> None:
    made = make_estimator(make_pipeline(StandardScaler(), forest), {}, 0, 1_000_000)
    assert made[-1].max_leaf_nodes == MAX_LEAVES // 100


@pytest.mark.parametrize("own", [{"max_leaf_nodes": 50_000}, {"max_depth": 10}, {"min_samples_leaf": 0.01}])
def test_a_forest_that_is_limited_already_keeps_its_own_limit(own: dict[str, float]) -> None:
    made = make_estimator(RandomForestClassifier(), own, 0, 1_000_000)
    assert made.max_leaf_nodes == own.get("max_leaf_nodes")


def test_forests_are_found_anywhere_in_a_pipeline_and_other_jobs_are_left() -> None:
    prepare = ColumnTransformer([("scale", StandardScaler(), [0])], n_jobs=3)
    pipeline = make_pipeline(prepare, RandomForestClassifier())
    forest, linear = RandomForestClassifier(), LogisticRegression()
    for each in (pipeline, forest, linear):
        set_forest_jobs(each, 2)
    assert pipeline.get_params()["randomforestclassifier__n_jobs"] == 2
    assert forest.n_jobs == 2
    assert linear.n_jobs is None


def test_boosting_libraries_are_silent_alike_on_any_number_of_cores_and_take_any_labels() -> None:
    made = make_estimator(make_pipeline(StandardScaler(), XGBClassifier()), {"xgbclassifier__max_depth": 3}, 7, 100)
    assert isinstance(made[-1], LabelEncoded)
    assert made[-1].classifier.get_params() | {"n_jobs": 1, "random_state": 7, "max_depth": 3} == (
        made[-1].classifier.get_params()
    )
    light = make_estimator(LGBMClassifier(), {}, 7, 100).get_params()
    assert (light["n_jobs"], light["deterministic"], light["verbose"], light["random_state"]) == (1, True, -1, 7)
    cat = make_estimator(CatBoostClassifier(), {"depth": 3}, 7, 100).get_params()
    assert cat == {"thread_count": 1, "allow_writing_files": False, "verbose": False, "depth": 3}
    loud = make_estimator(CatBoostClassifier(logging_level="Info"), {}, 7, 100).get_params()
    assert "verbose" not in loud
