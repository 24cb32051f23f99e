"""The usual candidates for a table: a linear model, a random forest and gradient boosting, simplest first.

Each takes every kind of column as check.py makes it, and compiles exactly.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from mlops.contract import Contract
from mlops.spec.search_space import Between, Candidate

MAX_BOOSTED_LABELS = 5
"""Boosting grows a tree for each label in each round: with more labels it's slow and seldom better."""


def candidates_for(contract: Contract) -> Mapping[str, Candidate]:
    """The candidates for a contract's columns and target, each with a search space."""
    return _regressors(contract) if contract.target.task == "regression" else _classifiers(contract)


def _classifiers(contract: Contract) -> dict[str, Candidate]:
    found = {
        "linear": Candidate(
            _prepared(contract, LogisticRegression(max_iter=2_000), scaled=True),
            {"model__C": Between(0.01, 100, log=True)},
        ),
        "random-forest": Candidate(
            _prepared(contract, RandomForestClassifier(n_estimators=100)),
            {"model__min_samples_leaf": Between(1, 10, log=True)},
        ),
    }
    if len(contract.target.labels) <= MAX_BOOSTED_LABELS:
        found["gradient-boosting"] = Candidate(
            _prepared(contract, HistGradientBoostingClassifier(), coded=True),
            {"model__learning_rate": Between(0.03, 0.3, log=True)},
        )
    return found


def _regressors(contract: Contract) -> dict[str, Candidate]:
    return {
        "linear": Candidate(
            _prepared(contract, Ridge(), scaled=True),
            {"model__alpha": Between(0.01, 1_000, log=True)},
        ),
        "random-forest": Candidate(
            _prepared(contract, RandomForestRegressor(n_estimators=100, min_samples_leaf=3)),
            {"model__min_samples_leaf": Between(1, 20, log=True)},
        ),
        "gradient-boosting": Candidate(
            _prepared(contract, HistGradientBoostingRegressor(), coded=True),
            {"model__learning_rate": Between(0.03, 0.3, log=True)},
        ),
    }


def _prepared(contract: Contract, model: Any, *, scaled: bool = False, coded: bool = False) -> Pipeline:
    """A model behind the preparation it needs: `scaled` numbers for linear ones; `coded` texts and missing numbers as
    they are for trees that take them, else one column a text and medians.
    """
    texts = [column.name for column in contract.columns if column.kind == "category"]
    whole = [column.name for column in contract.columns if column.kind != "category" and column.required]
    holed = [column.name for column in contract.columns if column.kind != "category" and not column.required]
    encoder = (
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=np.nan)
        if coded
        else OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    )
    fill = [] if coded else [SimpleImputer(strategy="median", add_indicator=True)]
    scale = [StandardScaler()] if scaled else []
    parts = [
        ("numbers", _chain(scale), whole),
        ("numbers with gaps", _chain([*fill, *scale]), holed),
        ("texts", encoder, texts),
    ]
    return Pipeline([("prepare", ColumnTransformer([part for part in parts if part[2]])), ("model", model)])


def _chain(steps: Sequence[Any]) -> Any:
    return make_pipeline(*steps) if steps else "passthrough"
