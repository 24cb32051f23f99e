"""The calibration method for the winner's probabilities, if any makes them better."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self, get_args

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV

from mlops.contract import Target
from mlops.evaluation.metrics.answers import ClassAnswers, Floats
from mlops.evaluation.metrics.probabilities import BRIER, LOG_LOSS
from mlops.registry.manifest.search import CalibrationMethod
from mlops.training.search.folds import HeldOut
from mlops.training.search.one_standard_error import simplest_within_error

UNCALIBRATED = "none"
METHODS: tuple[CalibrationMethod, ...] = get_args(CalibrationMethod.__value__)


class PassThrough(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier whose input is the decision function of another one, [n, 1] or [n, k]."""

    def fit(self, decisions: Floats, truth: Any) -> Self:  # noqa: ARG002
        """Only the labels are left to learn."""
        self.classes_ = np.unique(truth)
        return self

    def predict(self, decisions: Floats) -> Any:
        """Never called; scikit-learn requires it of a classifier."""
        return self.classes_[(decisions[:, 0] > 0).astype(int) if decisions.shape[1] == 1 else decisions.argmax(axis=1)]

    def decision_function(self, decisions: Floats) -> Floats:
        """The input itself."""
        return decisions[:, 0] if decisions.shape[1] == 1 else decisions


def calibrate_held_out(held: Sequence[HeldOut], target: Target) -> dict[str, list[ClassAnswers]]:
    """The answers in each fold, uncalibrated and calibrated by each method, simplest first.

    A fold's calibration is fitted on the decision functions of the others (cross-fitting): no row is calibrated with
    its own truth.
    """
    return {
        UNCALIBRATED: [_answers(fold) for fold in held],
        **{method: [_calibrated(held, fold, target, method) for fold in range(len(held))] for method in METHODS},
    }


def choose_calibration(options: dict[str, list[ClassAnswers]]) -> tuple[str, dict[str, float]]:
    """The simplest method with the least log loss, to within a standard error, and each method's mean log loss.

    A method that worsens the Brier score isn't chosen: log loss alone can depend on a few extreme probabilities.
    """
    losses = {method: [LOG_LOSS.value(fold) for fold in folds] for method, folds in options.items()}
    briers = {method: np.mean([BRIER.value(fold) for fold in folds]) for method, folds in options.items()}
    usable = [method for method in options if briers[method] <= briers[UNCALIBRATED]]
    chosen = usable[simplest_within_error([[-loss for loss in losses[method]] for method in usable])]
    return chosen, {method: float(np.mean(each)) for method, each in losses.items()}


def _calibrated(held: Sequence[HeldOut], fold: int, target: Target, method: CalibrationMethod) -> ClassAnswers:
    others = [each for number, each in enumerate(held) if number != fold]
    labels = np.array(target.labels)
    truth = np.concatenate([labels[_answers(each).truth] for each in others])
    model = CalibratedClassifierCV(PassThrough(), method=method, cv=2, ensemble=False)
    model.fit(np.concatenate([_matrix(each) for each in others]), truth)
    chances = model.predict_proba(_matrix(held[fold]))
    order = np.searchsorted(model.classes_, labels)
    known = _answers(held[fold])
    return replace(known, probabilities=chances[:, order])


def _answers(fold: HeldOut) -> ClassAnswers:
    assert isinstance(fold.answers, ClassAnswers)
    return fold.answers


def _matrix(fold: HeldOut) -> Floats:
    assert fold.decisions is not None
    return fold.decisions[:, np.newaxis] if fold.decisions.ndim == 1 else fold.decisions
