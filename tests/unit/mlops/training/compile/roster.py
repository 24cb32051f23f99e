"""Every estimator of scikit-learn that answers from a table or changes its columns, and how it is tried."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_selection import SelectFromModel, chi2
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tests.unit.mlops.training.compile.tables import CATEGORIES, DENSE, NUMBERS

SCALED = StandardScaler()
POSITIVE = MinMaxScaler(clip=True)


def scaled(model: Any) -> Any:
    """A model behind a scaler."""
    return make_pipeline(StandardScaler(), model)


def positive(model: Any) -> Any:
    """A model behind a scaler to [0, 1]."""
    return make_pipeline(MinMaxScaler(clip=True), model)


def calibrated(model: Any) -> Any:
    """A classifier that gives scores alone, with probabilities made of them."""
    return CalibratedClassifierCV(scaled(model), cv=3)


def before(model: Any) -> Callable[[Any], Any]:
    """A transformer of scaled columns in front of a model."""
    return lambda transformer: make_pipeline(StandardScaler(), transformer, model)
