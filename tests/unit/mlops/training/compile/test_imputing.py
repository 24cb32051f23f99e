import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from mlops.errors.training import CompilationFailed
from tests.unit.mlops.training.compile.tables import CATEGORIES, NUMBERS, parity, table


@pytest.mark.parametrize("indicator", [False, True])
@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent", "constant"])
def test_missing_numbers_are_filled_exactly(strategy: str, indicator: bool) -> None:
    imputer = SimpleImputer(strategy=strategy, add_indicator=indicator)
    assert parity(make_pipeline(imputer, Ridge()), "regression", *NUMBERS).difference < 1e-12
    assert parity(make_pipeline(imputer, DecisionTreeClassifier()), "multiclass", *NUMBERS).difference < 1e-12


@pytest.mark.parametrize("indicator", [False, True])
@pytest.mark.parametrize("strategy", ["most_frequent", "constant"])
def test_missing_texts_are_filled_exactly(strategy: str, indicator: bool) -> None:
    imputer = SimpleImputer(add_indicator=indicator, strategy=strategy, fill_value="??")
    model = make_pipeline(imputer, OneHotEncoder(handle_unknown="ignore"), DecisionTreeClassifier())
    assert parity(model, "binary", *CATEGORIES).difference < 1e-12


def test_a_number_and_a_text_that_mean_missing_are_filled_exactly() -> None:
    columns = ColumnTransformer(
        [
            ("rooms", SimpleImputer(missing_values=3.0, strategy="mean"), ["rooms"]),
            (
                "city",
                make_pipeline(
                    SimpleImputer(missing_values="Bern", strategy="constant", fill_value="Basel"),
                    OneHotEncoder(handle_unknown="ignore"),
                ),
                ["city"],
            ),
        ]
    )
    assert parity(make_pipeline(columns, DecisionTreeClassifier()), "binary", "rooms", "city").difference < 1e-12


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
@pytest.mark.parametrize("kept", [False, True])
def test_a_column_that_was_always_missing_is_dropped_or_kept_as_fitted(kept: bool) -> None:
    data = table()
    data["income"] = np.nan
    imputer = SimpleImputer(keep_empty_features=kept, add_indicator=True)
    assert parity(make_pipeline(imputer, Ridge()), "regression", *NUMBERS, data=data).difference < 1e-12


def test_an_imputer_that_takes_the_empty_text_for_missing_is_refused() -> None:
    imputer = SimpleImputer(missing_values="", strategy="constant", fill_value="?")
    model = make_pipeline(imputer, OneHotEncoder(handle_unknown="ignore"), DecisionTreeClassifier())
    with pytest.raises(CompilationFailed, match=r"SimpleImputer\) can't be compiled exactly: it takes the empty text"):
        parity(model, "binary", "city")


def test_a_constant_that_is_itself_missing_leaves_the_column_as_it_is() -> None:
    imputer = SimpleImputer(strategy="constant", fill_value=np.nan, keep_empty_features=True)
    assert parity(make_pipeline(imputer, DecisionTreeClassifier()), "binary", *NUMBERS).difference < 1e-12
