"""The winner, fitted on the training rows, calibrated if that helps, and with its threshold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from mlops.data.row_digests import TIME, UNIT
from mlops.data.sample import sample
from mlops.evaluation.metrics.answers import ClassAnswers, Integers, join_answers
from mlops.registry.manifest.search import CalibrationMethod
from mlops.spec import ModelSpec
from mlops.training.search.calibrator import METHODS, calibrate_held_out, choose_calibration
from mlops.training.search.estimators import set_forest_jobs
from mlops.training.search.folds import HeldOut, predict_held_out
from mlops.training.search.partition import partition_rows
from mlops.training.search.threshold import choose_threshold

# Up to here all rows are fitted on, and a calibration costs another fit a fold.
CROSS_FITTED_ROWS = 50_000
# Beyond, so many rows are kept apart for calibration and threshold: that is fitting once, and judging that very fit.
ROWS_APART = 20_000


@dataclass(frozen=True, eq=False)
class FinalFit:
    """The fitted winner.

    `losses` holds the log loss of each calibration method on held-out rows; `held_out` are a classifier's calibrated
    answers to them. None of these rows was fitted on for its own answer.
    """

    estimator: Any
    calibration: CalibrationMethod | None = None
    losses: dict[str, float] | None = None
    threshold: float | None = None
    held_out: ClassAnswers | None = None


@dataclass(frozen=True, eq=False)
class _Refinement:
    """What held-out answers decide: the calibration that helps, each method's log loss, the threshold."""

    calibration: CalibrationMethod | None
    losses: dict[str, float]
    threshold: float | None
    answers: ClassAnswers


def fit_winner(estimator: Any, train: pd.DataFrame, held: Sequence[HeldOut], spec: ModelSpec, cores: int) -> FinalFit:
    """Fit the estimator; what was held out in its trial decides on calibration and threshold, or rows kept apart.

    Forests grow a tree a core, and are the same on any number of them.
    """
    set_forest_jobs(estimator, cores)
    if not spec.target.labels:
        return FinalFit(_fit(estimator, train, spec))
    if len(train) > CROSS_FITTED_ROWS:
        return _fit_apart(estimator, train, spec)
    found = _refine(held, spec)
    fitted = fit_calibrated(estimator, train, found.calibration, spec)
    return FinalFit(fitted, found.calibration, found.losses, found.threshold, found.answers)


def fit_calibrated(estimator: Any, rows: pd.DataFrame, calibration: CalibrationMethod | None, spec: ModelSpec) -> Any:
    """Fit on the rows; with a calibration method, calibrate by answers to folds that were held out."""
    if calibration is None:
        return _fit(estimator, rows, spec)
    calibrated = CalibratedClassifierCV(estimator, method=calibration, cv=partition_rows(rows, spec), ensemble=False)
    # The folds are those of these rows, and no part of the fitted estimator.
    return _fit(calibrated, rows, spec).set_params(cv=spec.folds)


def _fit_apart(estimator: Any, train: pd.DataFrame, spec: ModelSpec) -> FinalFit:
    chosen = _choose_apart(train, spec)
    fitted = _fit(estimator, train.iloc[np.setdiff1d(np.arange(len(train)), chosen)], spec)
    apart = train.iloc[chosen]
    threshold = spec.threshold if isinstance(spec.threshold, float) else None
    held = [predict_held_out(fitted, apart.iloc[rows], spec, threshold) for _, rows in partition_rows(apart, spec)]
    found = _refine(held, spec)
    if found.calibration:
        frozen = CalibratedClassifierCV(FrozenEstimator(fitted), method=found.calibration, cv=2)
        fitted = frozen.fit(*_inputs_and_truth(apart, spec))
    return FinalFit(fitted, found.calibration, found.losses, found.threshold, found.answers)


def _choose_apart(train: pd.DataFrame, spec: ModelSpec) -> Integers:
    """The positions of the rows to keep apart: a sample of each label; the latest ones; or whole units."""
    if TIME in train:
        return np.arange(len(train) - ROWS_APART, len(train))
    if UNIT in train:
        codes, units = pd.factorize(train[UNIT])
        order = np.random.default_rng(spec.seed).permutation(len(units))
        rows_so_far = np.cumsum(np.bincount(codes)[order])
        return np.flatnonzero(np.isin(codes, order[rows_so_far <= ROWS_APART]))
    return sample(train[spec.target.name], ROWS_APART, labels=True, seed=spec.seed)


def _refine(held: Sequence[HeldOut], spec: ModelSpec) -> _Refinement:
    options = calibrate_held_out(held, spec.target)
    chosen, losses = choose_calibration(options)
    answers = options[chosen]
    threshold = choose_threshold(answers, spec.threshold, spec.metric)
    calibration = next((method for method in METHODS if method == chosen), None)
    return _Refinement(calibration, losses, threshold, join_answers(answers))


def _fit(estimator: Any, rows: pd.DataFrame, spec: ModelSpec) -> Any:
    """Fit, and leave one thread to answer: several add up a forest's answers in the order in which they finish."""
    fitted = estimator.fit(*_inputs_and_truth(rows, spec))
    set_forest_jobs(fitted, None)
    for member in getattr(fitted, "calibrated_classifiers_", ()):
        set_forest_jobs(member.estimator, None)
    return fitted


def _inputs_and_truth(rows: pd.DataFrame, spec: ModelSpec) -> tuple[pd.DataFrame, pd.Series]:
    return rows[list(spec.contract.names)], rows[spec.target.name]
