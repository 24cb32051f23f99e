"""Estimators of the gradient boosting libraries that are installed where a model is trained."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from mlops.contract import Task

_CLASSES = {
    "xgboost": ("XGBClassifier", "XGBRegressor"),
    "lightgbm": ("LGBMClassifier", "LGBMRegressor"),
    "catboost": ("CatBoostClassifier", "CatBoostRegressor"),
}
LIBRARIES = (*_CLASSES,)


def installed_libraries() -> tuple[str, ...]:
    """The names of the gradient boosting libraries that are installed."""
    return tuple(name for name in LIBRARIES if find_spec(name) is not None)


def boosting_estimator(library: str, task: Task) -> Any:
    """An unfitted estimator of a library for a task, with the library's own parameters.

    Raises ValueError for a library that isn't known, and ImportError for one that isn't installed.
    """
    if library not in _CLASSES:
        raise ValueError(f"there is no boosting library {library!r}; choose among {', '.join(LIBRARIES)}")
    classifier, regressor = _CLASSES[library]
    estimator = getattr(import_module(library), regressor if task == "regression" else classifier)
    # Its own number of trees, a thousand, makes a model that is slow to train and to serve.
    return estimator(iterations=300, learning_rate=0.1) if library == "catboost" else estimator(learning_rate=0.1)
