"""Which of the contract's columns reach an estimator within another as they are, and what it can't do with them."""

from collections.abc import Sequence
from typing import Any

from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import StackingClassifier, StackingRegressor, VotingClassifier, VotingRegressor
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder
from sklearn.semi_supervised import SelfTrainingClassifier

from mlops.contract import Column
from mlops.spec.label_encoded import LabelEncoded
from mlops.training.compile.table import Part

type Reaching = Sequence[Column] | None
"""The contract's columns that reach an estimator unchanged; None where others may, or it isn't known which."""

_PASSING = (
    CalibratedClassifierCV,
    FeatureUnion,
    FrozenEstimator,
    GridSearchCV,
    LabelEncoded,
    RandomizedSearchCV,
    SelfTrainingClassifier,
    StackingClassifier,
    StackingRegressor,
    TransformedTargetRegressor,
    VotingClassifier,
    VotingRegressor,
)
"""Estimators that give those within them the columns that they get."""


def reaching_part(estimator: Any, part: Part, columns: Reaching) -> Reaching:
    """The columns that reach an estimator within one that `columns` reach."""
    if columns is None:
        return None
    if isinstance(estimator, Pipeline):
        return _within_pipeline(estimator, part, columns)
    if isinstance(estimator, ColumnTransformer):
        return _chosen(estimator, part, columns)
    is_final = part.name == "final_estimator"
    return columns if isinstance(estimator, _PASSING) and not is_final else None


def refusal_for_columns(estimator: Any, columns: Reaching) -> str | None:
    """Why an estimator can't be compiled for the columns that reach it; None if nothing speaks against it."""
    if not columns:
        return None
    if isinstance(estimator, OneHotEncoder | OrdinalEncoder) and estimator.handle_unknown == "error":
        is_open = [column.name for column in columns if not column.categories]
        remedy = "ignore" if isinstance(estimator, OneHotEncoder) else "use_encoded_value"
        if is_open:
            return (
                f"it raises at values of {is_open[0]!r} that it doesn't know, where the compiled model would answer; "
                f"use handle_unknown={remedy!r}, or list the column's categories in the contract"
            )
    if isinstance(estimator, CountVectorizer | TfidfVectorizer):
        optional = [column.name for column in columns if not column.required]
        if optional:
            return f"it raises where {optional[0]!r} is missing; make that column required"
    if isinstance(estimator, SimpleImputer) and len({column.kind == "category" for column in columns}) > 1:
        return "numbers and categories reach it together; give each an imputer of its own"
    return None


def _within_pipeline(estimator: Pipeline, part: Part, columns: Sequence[Column]) -> Reaching:
    """Those of the first step, and behind steps that fill missing values the same ones without any."""
    for _, step in estimator.steps:
        if step is part.estimator:
            return columns
        if type(step) is SimpleImputer and not step.add_indicator:
            columns = [column.model_copy(update={"required": True}) for column in columns]
        elif step is not None and step != "passthrough":
            return None
    return None


def _chosen(estimator: ColumnTransformer, part: Part, columns: Sequence[Column]) -> Reaching:
    """The columns that a transformer of a ColumnTransformer names; None where it chooses them otherwise."""
    by_name = {column.name: column for column in columns}
    named: list[str] = []
    for name, step, given in estimator.transformers:
        names = _names(given, columns)
        if names is None or not {*names} <= by_name.keys():
            return None
        if step is part.estimator and name == part.name:
            return [by_name[each] for each in names]
        named += names
    return [column for column in columns if column.name not in named]


def _names(given: Any, columns: Sequence[Column]) -> list[str] | None:
    if isinstance(given, str):
        return [given]
    if not isinstance(given, list | tuple):
        return None
    if all(isinstance(each, str) for each in given):
        return [*given]
    if all(type(each) is int and -len(columns) <= each < len(columns) for each in given):
        return [columns[each].name for each in given]
    return None
