from typing import Any

import numpy as np
import pandas as pd
import pytest
from catboost import CatBoostClassifier, CatBoostRegressor
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from xgboost import XGBClassifier, XGBRegressor, XGBRFClassifier, XGBRFRegressor

from mlops.contract import Contract
from mlops.errors.training import CompilationFailed
from mlops.spec.label_encoded import LabelEncoded
from mlops.training.compile import check_compilable, check_parity, compile_estimator, probe_rows
from mlops.training.search.boosting import settle_boosting
from tests.unit.mlops.training.compile.tables import CATEGORIES, DENSE, NUMBERS, contract, parity, table, target

pytestmark = [
    pytest.mark.filterwarnings("ignore:X does not have valid feature names"),
    pytest.mark.filterwarnings("ignore:`XGBRF:FutureWarning"),
    # LightGBM takes it all the same.
    pytest.mark.filterwarnings("ignore:categorical_feature keyword has been found in `params`"),
]
TASKS = ["binary", "multiclass", "regression"]
XGBOOST: list[dict[str, Any]] = [
    {},
    {"missing": 1.0},
    {"max_leaves": 9, "grow_policy": "lossguide"},
    {"subsample": 0.7},
]
LIGHTGBM: list[dict[str, Any]] = [
    {},
    {"zero_as_missing": True},
    {"use_missing": False},
    {"boosting_type": "dart"},
    {"boosting_type": "rf", "subsample": 0.7, "subsample_freq": 1},
]
CATBOOST: list[dict[str, Any]] = [
    {},
    {"nan_mode": "Max"},
    {"grow_policy": "Lossguide"},
    {"grow_policy": "Depthwise", "border_count": 8},
]


def xgboost(task: str, **options: Any) -> Any:
    kind = XGBRegressor if task == "regression" else XGBClassifier
    return settle_boosting(kind(**{"n_estimators": 40, **options}))


def lightgbm(task: str, **options: Any) -> Any:
    kind = LGBMRegressor if task == "regression" else LGBMClassifier
    return settle_boosting(kind(**{"n_estimators": 30, "min_child_samples": 5, **options}))


def catboost(task: str, **options: Any) -> Any:
    kind = CatBoostRegressor if task == "regression" else CatBoostClassifier
    return settle_boosting(kind(**{"iterations": 40, **options}))


def coded(model: Any) -> Any:
    """A model behind categories as codes, which come first."""
    encoder = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan, dtype=np.float64
    )
    return make_pipeline(ColumnTransformer([("texts", encoder, CATEGORIES)], remainder="passthrough"), model)


@pytest.mark.parametrize("options", XGBOOST, ids=str)
@pytest.mark.parametrize("task", TASKS)
def test_xgboost_is_exact_at_its_thresholds_in_float32(task: str, options: dict[str, Any]) -> None:
    assert parity(xgboost(task, **options), task, *NUMBERS, limit=2500).difference < 2e-7


@pytest.mark.parametrize("task", TASKS)
def test_random_forests_of_xgboost_are_exact(task: str) -> None:
    forest = (XGBRFRegressor if task == "regression" else XGBRFClassifier)(n_estimators=15)
    assert parity(settle_boosting(forest), task, *NUMBERS).difference < 2e-7


def test_many_trees_of_xgboost_add_up_to_the_same_bits() -> None:
    assert parity(xgboost("regression", n_estimators=400), "regression", *NUMBERS).difference == 0


@pytest.mark.parametrize("options", LIGHTGBM, ids=str)
@pytest.mark.parametrize("task", TASKS)
def test_lightgbm_is_exact_at_its_thresholds_and_around_zero(task: str, options: dict[str, Any]) -> None:
    assert parity(lightgbm(task, **options), task, *NUMBERS, limit=2500).difference < 1e-12


@pytest.mark.parametrize("options", CATBOOST, ids=str)
@pytest.mark.parametrize("task", TASKS)
def test_catboost_is_exact_at_its_borders(task: str, options: dict[str, Any]) -> None:
    assert parity(catboost(task, **options), task, *NUMBERS, limit=2500).difference < 1e-12


@pytest.mark.parametrize("task", TASKS)
def test_sets_of_categories_are_exact_for_unseen_and_missing_ones(task: str) -> None:
    types = ["c", "c", *["q"] * 5]
    boosted = xgboost(task, enable_categorical=True, feature_types=types, max_cat_to_onehot=1)
    assert parity(coded(boosted), task).difference < 2e-7
    grouped = {"categorical_feature": [0, 1], "min_data_per_group": 5, "cat_smooth": 1.0}
    assert parity(coded(lightgbm(task, **grouped)), task).difference < 1e-12


def whole(task: str) -> tuple[Contract, pd.DataFrame]:
    """A contract of a number and two texts without missing values, one of which may be any text."""
    kept = contract(task, "area", "city", "heating")
    columns = tuple(column.model_copy(update={"required": True}) for column in kept.columns)
    rows = table(400)
    return kept.model_copy(update={"columns": columns}), rows.assign(heating=rows["heating"].fillna("none"))


@pytest.mark.parametrize("task", TASKS)
def test_one_hot_splits_of_catboost_are_exact_where_the_contract_names_the_categories(task: str) -> None:
    kept, rows = whole(task)
    kept = kept.model_copy(update={"columns": tuple(each for each in kept.columns if each.name != "city")})
    inputs = rows[list(kept.names)]
    model = catboost(task, cat_features=["heating"], one_hot_max_size=10).fit(inputs, target(rows, task))
    probes = probe_rows(model, kept, inputs, np.random.default_rng(0), 1500)
    assert check_parity(model, kept, compile_estimator(model, kept), probes).difference < 1e-12


def test_one_hot_splits_of_catboost_are_refused_where_the_contract_leaves_the_categories_open() -> None:
    kept, rows = whole("binary")
    inputs = rows[list(kept.names)]
    model = catboost("binary", cat_features=["city", "heating"], one_hot_max_size=10)
    with pytest.raises(CompilationFailed, match="'city' by their hashes alone; name them in the contract"):
        compile_estimator(model.fit(inputs, target(rows, "binary")), kept)


def test_statistics_of_the_target_are_refused_by_name_before_the_search_and_after() -> None:
    kept, rows = whole("binary")
    reason = "statistics of the target, which have no exact conversion; raise one_hot_max_size"
    with pytest.raises(CompilationFailed, match=reason):
        check_compilable(catboost("binary", cat_features=["city"]), kept, "candidate 'cat'")
    inputs = rows[list(kept.names)]
    model = catboost("binary", cat_features=["city", "heating"], one_hot_max_size=2)
    with pytest.raises(CompilationFailed, match=reason):
        compile_estimator(model.fit(inputs, target(rows, "binary")), kept)


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
@pytest.mark.parametrize("task", ["binary", "multiclass"])
@pytest.mark.parametrize("make", [xgboost, lightgbm, catboost])
def test_calibrated_libraries_are_exact(make: Any, task: str, method: str) -> None:
    calibrated = CalibratedClassifierCV(make(task), method=method, cv=2)
    assert parity(calibrated, task, *NUMBERS).difference < 1e-6


POSITIVE_LOSSES = [
    *(XGBRegressor(n_estimators=20, objective=name) for name in ("count:poisson", "reg:gamma", "reg:tweedie")),
    *(LGBMRegressor(n_estimators=20, objective=name, verbose=-1) for name in ("poisson", "gamma", "tweedie", "mape")),
    LGBMRegressor(n_estimators=20, reg_sqrt=True, verbose=-1),
    *(
        CatBoostRegressor(iterations=20, loss_function=name, verbose=False, allow_writing_files=False)
        for name in ("Poisson", "Tweedie:variance_power=1.5", "MAE")
    ),
]


@pytest.mark.parametrize("model", POSITIVE_LOSSES, ids=lambda model: type(model).__name__)
def test_losses_of_positive_values_are_exact(model: Any) -> None:
    rows = table()[NUMBERS]
    values = np.abs(target(table(), "regression")) / 1e5 + 0.1
    fitted, kept = model.fit(rows, values), contract("regression", *NUMBERS)
    probes = probe_rows(fitted, kept, rows, np.random.default_rng(0), 800)
    assert check_parity(fitted, kept, compile_estimator(fitted, kept), probes).difference < 1e-6


def test_one_against_the_rest_is_exact() -> None:
    assert parity(lightgbm("multiclass", objective="multiclassova"), "multiclass", *NUMBERS).difference < 1e-12
    assert parity(catboost("multiclass", loss_function="MultiClassOneVsAll"), "multiclass", *NUMBERS).exact


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (XGBClassifier(booster="gblinear"), "use 'gbtree'"),
        (XGBClassifier(booster="dart"), "use 'gbtree'"),
        (XGBRegressor(objective="survival:cox"), "has no exact conversion; use one of"),
        (LGBMClassifier(linear_tree=True), "leave linear_tree out"),
        (LGBMRegressor(objective=lambda truth, raw: (raw - truth, truth)), "a Python function"),
        (CatBoostClassifier(text_features=["city"]), "takes texts"),
    ],
    ids=[
        "XGBoost's linear models",
        "XGBoost with dropout",
        "XGBoost on survival times",
        "LightGBM with linear leaves",
        "LightGBM with an objective in Python",
        "CatBoost on texts",
    ],
)
def test_what_a_library_does_beyond_trees_is_refused_before_the_search(model: Any, reason: str) -> None:
    task = "regression" if isinstance(model, XGBRegressor | LGBMRegressor) else "binary"
    with pytest.raises(CompilationFailed, match=reason):
        check_compilable(model, contract(task), "candidate")


@pytest.mark.parametrize("make", [xgboost, lightgbm, catboost])
def test_two_fits_of_the_same_rows_compile_to_the_same_bytes(make: Any) -> None:
    rows, labels = table()[list(DENSE)], target(table(), "multiclass")
    kept = contract("multiclass", *DENSE)
    first, second = (compile_estimator(make("multiclass").fit(rows, labels), kept) for _ in range(2))
    assert first == second


def test_labels_of_any_kind_reach_xgboost_as_numbers_and_come_back() -> None:
    rows, labels = table()[list(DENSE)], target(table(), "multiclass")
    model = xgboost("multiclass").fit(rows, labels)
    assert isinstance(model, LabelEncoded)
    assert model.classes_.tolist() == ["high", "low", "mid", "top"]
    assert (model.predict(rows) == labels).mean() > 0.9
    assert model.predict_proba(rows).shape == (300, 4)
