"""Selectors of columns: what they keep goes on as it is, whoever chose it and how."""

from typing import Any

from sklearn.feature_selection import (
    RFE,
    RFECV,
    GenericUnivariateSelect,
    SelectFdr,
    SelectFpr,
    SelectFromModel,
    SelectFwe,
    SelectKBest,
    SelectPercentile,
    SequentialFeatureSelector,
    VarianceThreshold,
)

from mlops.training.compile.columns import Columns
from mlops.training.compile.walk import Answer, Predictor, Transformer, Walk


def _select(estimator: Any, columns: Columns, walk: Walk) -> Columns:
    known = walk.numbers(columns)
    return tuple(known[position] for position in estimator.get_support(indices=True))


def _eliminated(estimator: RFE, columns: Columns, walk: Walk) -> Answer:
    return walk.predict(estimator.estimator_, _select(estimator, columns, walk))


_SELECTORS = (
    GenericUnivariateSelect,
    RFE,
    RFECV,
    SelectFdr,
    SelectFpr,
    SelectFromModel,
    SelectFwe,
    SelectKBest,
    SelectPercentile,
    SequentialFeatureSelector,
    VarianceThreshold,
)
TRANSFORMERS: dict[type, Transformer] = dict.fromkeys(_SELECTORS, _select)
PREDICTORS: dict[type, Predictor] = {RFE: _eliminated, RFECV: _eliminated}
