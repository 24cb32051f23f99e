"""The usual candidates for a table: a linear model, a random forest and gradient boosting, simplest first.

Each takes every kind of column as check.py makes it, and compiles exactly.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler, TargetEncoder

from mlops.contract import Contract
from mlops.spec.boosting import boosting_estimator
from mlops.spec.search_space import Between, Candidate

MAX_BOOSTED_LABELS = 5
"""Boosting grows a tree for each label in each round: with more labels it's slow and seldom better."""
MAX_TEXTS = 100
"""A column whose texts the contract doesn't list has a column of the model for each of its most frequent ones, so many
at most, and one for all others."""

type Names = Collection[str]


def candidates_for(
    contract: Contract, *, target_encoded: Names = (), log_target: bool = False, boosting: Sequence[str] = ()
) -> Mapping[str, Candidate]:
    """The candidates for a contract's columns and target, each with a search space.

    Of the columns of texts in `target_encoded` the models get the mean of the target for each text, in place of a
    column a text (Micci-Barreca, "A preprocessing scheme for high-cardinality categorical attributes", 2001). With
    `log_target` the regressions are tried on the target's logarithm too. `boosting` names libraries of gradient
    boosting to add: "xgboost", "lightgbm" or "catboost". Raises ValueError for one that isn't known or installed.
    """
    if contract.target.task == "regression":
        found = _regressors(contract, target_encoded)
        return {**found, **_boosted(contract, target_encoded, boosting), **(_logarithmic(found) if log_target else {})}
    return {**_classifiers(contract, target_encoded), **_boosted(contract, target_encoded, boosting)}


def _classifiers(contract: Contract, means: Names) -> dict[str, Candidate]:
    found = {
        "linear": Candidate(
            _prepared(contract, LogisticRegression(max_iter=2_000), means, scaled=True),
            {"model__C": Between(0.01, 100, log=True)},
        ),
        "random-forest": Candidate(
            _prepared(contract, RandomForestClassifier(n_estimators=100), means),
            {"model__min_samples_leaf": Between(1, 10, log=True)},
        ),
    }
    if len(contract.target.labels) <= MAX_BOOSTED_LABELS:
        found["gradient-boosting"] = Candidate(
            _prepared(contract, HistGradientBoostingClassifier(), means, coded=True),
            {"model__learning_rate": Between(0.03, 0.3, log=True)},
        )
    return found


def _regressors(contract: Contract, means: Names) -> dict[str, Candidate]:
    return {
        "linear": Candidate(
            _prepared(contract, Ridge(), means, scaled=True),
            {"model__alpha": Between(0.01, 1_000, log=True)},
        ),
        "random-forest": Candidate(
            _prepared(contract, RandomForestRegressor(n_estimators=100, min_samples_leaf=3), means),
            {"model__min_samples_leaf": Between(1, 20, log=True)},
        ),
        "gradient-boosting": Candidate(
            _prepared(contract, HistGradientBoostingRegressor(), means, coded=True),
            {"model__learning_rate": Between(0.03, 0.3, log=True)},
        ),
    }


def _logarithmic(found: Mapping[str, Candidate]) -> dict[str, Candidate]:
    """The same regressions of log(1 + target), which suits a target whose largest values are many times the others."""
    return {
        f"{name}-log": Candidate(
            TransformedTargetRegressor(found[name].estimator, func=np.log1p, inverse_func=np.expm1),
            {f"regressor__{parameter}": values for parameter, values in found[name].search.items()},
        )
        for name in ("linear", "gradient-boosting")
    }


def _boosted(contract: Contract, means: Names, libraries: Sequence[str]) -> dict[str, Candidate]:
    return {
        library: Candidate(
            _prepared(contract, boosting_estimator(library, contract.target.task), means, coded=True),
            {"model__learning_rate": Between(0.03, 0.3, log=True)},
        )
        for library in libraries
    }


def _prepared(contract: Contract, model: Any, means: Names, *, scaled: bool = False, coded: bool = False) -> Pipeline:
    """A model behind the preparation it needs: `scaled` numbers for linear ones; `coded` texts and missing numbers as
    they are for trees that take them, else one column a text and medians. Texts in `means` are the target's means.
    """
    texts = [column for column in contract.columns if column.kind == "category"]
    whole = [column.name for column in contract.columns if column.kind != "category" and column.required]
    holed = [column.name for column in contract.columns if column.kind != "category" and not column.required]
    listed = [column.name for column in texts if column.name not in means and (column.categories or coded)]
    free = [column.name for column in texts if column.name not in means and column.name not in listed]
    averaged = [column.name for column in texts if column.name in means]
    encoder = (
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=np.nan)
        if coded
        else OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    )
    folds = (StratifiedKFold if contract.target.labels else KFold)(5, shuffle=True, random_state=0)
    # Sparse where most cells are 0: the transformer around it decides by their share.
    frequent = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=MAX_TEXTS)
    fill = [] if coded else [SimpleImputer(strategy="median", add_indicator=True)]
    scale = [StandardScaler()] if scaled else []
    parts = [
        ("numbers", _chain(scale), whole),
        ("numbers with gaps", _chain([*fill, *scale]), holed),
        ("texts", encoder, listed),
        ("free texts", frequent, free),
        ("texts by target", _chain([TargetEncoder(cv=folds), *scale]), averaged),
    ]
    return Pipeline([("prepare", ColumnTransformer([part for part in parts if part[2]])), ("model", model)])


def _chain(steps: Sequence[Any]) -> Any:
    return make_pipeline(*steps) if steps else "passthrough"
