from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder
from sklearn.tree import DecisionTreeClassifier

from mlops.errors.training import CompilationFailed
from tests.unit.mlops.training.compile.tables import CATEGORIES, parity, table


@pytest.mark.filterwarnings("ignore:Found unknown categories")
@pytest.mark.parametrize("drop", [None, "if_binary", "first"])
@pytest.mark.parametrize("names", [CATEGORIES, ["rooms", "garden"], ["city", "rooms", "heating"]], ids=str)
def test_one_hot_columns_are_exact_for_unseen_and_missing_values(drop: str | None, names: list[str]) -> None:
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore", drop=drop), LogisticRegression(max_iter=1000))
    assert parity(model, "binary", *names).difference < 1e-12


@pytest.mark.parametrize("options", [{"unknown_value": -1}, {"unknown_value": np.nan}], ids=str)
@pytest.mark.parametrize("names", [CATEGORIES, ["rooms", "garden"], ["city", "rooms", "heating"]], ids=str)
def test_ordinal_codes_are_exact_for_unseen_and_missing_values(options: dict[str, Any], names: list[str]) -> None:
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", encoded_missing_value=-7, **options)
    model = make_pipeline(encoder, RandomForestClassifier(5, random_state=0))
    assert parity(model, "multiclass", *names).difference < 1e-12


def test_given_categories_keep_their_order() -> None:
    encoder = OrdinalEncoder(categories=[["oil", "gas", "none", np.nan]], encoded_missing_value=9)
    assert parity(make_pipeline(encoder, DecisionTreeClassifier()), "binary", "heating").difference < 1e-12


def test_a_category_absent_from_the_data_that_was_fitted_is_unknown() -> None:
    data = table()
    data.loc[data["city"] == "東京", "city"] = "Bern"
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), DecisionTreeClassifier())
    assert parity(model, "binary", "city", data=data).difference < 1e-12


@pytest.mark.parametrize("encoder", [OneHotEncoder(), OrdinalEncoder()], ids=str)
def test_an_encoder_that_raises_at_unknown_categories_needs_a_closed_contract(encoder: Any) -> None:
    assert parity(make_pipeline(encoder, DecisionTreeClassifier()), "binary", "heating").difference < 1e-12
    with pytest.raises(CompilationFailed, match="set handle_unknown="):
        parity(make_pipeline(encoder, DecisionTreeClassifier()), "binary", "city")


@pytest.mark.filterwarnings("ignore:Found unknown categories")
@pytest.mark.parametrize("limit", [{"min_frequency": 40}, {"max_categories": 2}, {"max_categories": 3}], ids=str)
@pytest.mark.parametrize("unknown", ["ignore", "infrequent_if_exist", "warn"])
@pytest.mark.parametrize("drop", [None, "first", "if_binary"])
def test_infrequent_categories_share_a_column_exactly(drop: str | None, unknown: str, limit: dict[str, int]) -> None:
    encoder = OneHotEncoder(handle_unknown=unknown, drop=drop, **limit)
    model = make_pipeline(encoder, LogisticRegression(max_iter=1000))
    assert parity(model, "binary", "city", "rooms", "heating").difference < 1e-12


@pytest.mark.parametrize("limit", [{"min_frequency": 40}, {"max_categories": 2}], ids=str)
def test_infrequent_categories_share_a_code_exactly(limit: dict[str, int]) -> None:
    options = {"handle_unknown": "use_encoded_value", "unknown_value": -1, "encoded_missing_value": -7, **limit}
    model = make_pipeline(OrdinalEncoder(**options), RandomForestClassifier(5, random_state=0))
    assert parity(model, "multiclass", "city", "rooms", "heating").difference < 1e-12


@pytest.mark.parametrize("smooth", ["auto", 5.0])
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_target_encodings_are_exact_for_unseen_and_missing_values(task: str, smooth: float | str) -> None:
    model = Ridge() if task == "regression" else LogisticRegression(max_iter=1000)
    encoder = TargetEncoder(smooth=smooth)
    assert parity(make_pipeline(encoder, model), task, "city", "rooms", "heating").difference < 1e-12


def test_the_empty_text_as_a_category_is_refused() -> None:
    data = table()
    data.loc[:9, "city"] = ""
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), DecisionTreeClassifier())
    with pytest.raises(CompilationFailed, match="empty text is one of its categories"):
        parity(model, "binary", "city", data=data)


def test_two_ways_to_write_missing_are_refused() -> None:
    data = table().astype({"heating": object})
    data.loc[:9, "heating"] = None
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), DecisionTreeClassifier())
    with pytest.raises(CompilationFailed, match="both None and NaN"):
        parity(model, "binary", "heating", data=data)
