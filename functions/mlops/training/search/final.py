"""The winner, fitted on all training rows, and calibrated if that was found to help."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import StratifiedKFold

from mlops.registry.search import Calibration
from mlops.spec import ModelSpec
from mlops.training.search.estimators import forest_jobs
from mlops.training.search.sample import sample

# Up to here the calibration is fitted on held-out answers to all rows, at the price of another fit a fold.
CROSS_FITTED_ROWS = 50_000
# Beyond, on this many rows that the estimator isn't fitted on.
CALIBRATION_ROWS = 20_000


def fit_winner(
    estimator: Any, train: pd.DataFrame, spec: ModelSpec, calibration: Calibration | None, cores: int
) -> Any:
    """The estimator fitted on the training rows; forests grow a tree a core, and are the same on any number of them."""
    inputs, truth = train[list(spec.contract.names)], train[spec.target.name]
    parallel = estimator.set_params(**forest_jobs(estimator, cores))
    if calibration is None:
        fitted = parallel.fit(inputs, truth)
    elif len(train) <= CROSS_FITTED_ROWS:
        folds = StratifiedKFold(spec.folds, shuffle=True, random_state=spec.seed)
        fitted = CalibratedClassifierCV(parallel, method=calibration, cv=folds, ensemble=False).fit(inputs, truth)
    else:
        apart = sample(truth, CALIBRATION_ROWS, labels=True, seed=spec.seed)
        seen = np.setdiff1d(np.arange(len(train)), apart)
        parallel.fit(inputs.iloc[seen], truth.iloc[seen])
        frozen = CalibratedClassifierCV(FrozenEstimator(parallel), method=calibration, cv=2)
        fitted = frozen.fit(inputs.iloc[apart], truth.iloc[apart])
    return _single_threaded(fitted)


def _single_threaded(fitted: Any) -> Any:
    """Forests add up their trees' answers in the order in which threads finish, unless there's one thread."""
    fitted.set_params(**forest_jobs(fitted, None))
    for member in getattr(fitted, "calibrated_classifiers_", ()):
        member.estimator.set_params(**forest_jobs(member.estimator, None))
    return fitted
