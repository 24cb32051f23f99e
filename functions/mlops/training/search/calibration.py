"""Whether the winner's probabilities become truer by calibration, and in which form."""

from collections.abc import Sequence
from typing import Any, Self, get_args

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV

from mlops.contract import Target
from mlops.registry.manifest.search import Calibration
from mlops.training.evaluation.metrics.answers import ClassAnswers, Floats
from mlops.training.evaluation.metrics.probabilities import BRIER, LOG_LOSS
from mlops.training.search.choice import simplest_as_good
from mlops.training.search.folds import Held

UNCALIBRATED = "none"
FORMS: tuple[Calibration, ...] = get_args(Calibration.__value__)


class Decided(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier whose input is what another one decided, [n, 1] or [n, k]."""

    def fit(self, decisions: Floats, truth: Any) -> Self:  # noqa: ARG002
        """Only the labels are left to learn."""
        self.classes_ = np.unique(truth)
        return self

    def predict(self, decisions: Floats) -> Any:
        """Nobody asks, but scikit-learn takes no classifier without."""
        return self.classes_[(decisions[:, 0] > 0).astype(int) if decisions.shape[1] == 1 else decisions.argmax(axis=1)]

    def decision_function(self, decisions: Floats) -> Floats:
        """The input itself."""
        return decisions[:, 0] if decisions.shape[1] == 1 else decisions


def calibrations(held: Sequence[Held], target: Target) -> dict[str, list[ClassAnswers]]:
    """The answers in each fold, as they are and in each form of calibration, simplest first.

    A fold's calibration is fitted on what was decided in the others. That is cross-fitting of held-out decisions: no
    row's calibration has seen its truth.
    """
    return {
        UNCALIBRATED: [_answers(fold) for fold in held],
        **{form: [_calibrated(held, fold, target, form) for fold in range(len(held))] for form in FORMS},
    }


def choose_calibration(options: dict[str, list[ClassAnswers]]) -> tuple[str, dict[str, float]]:
    """The simplest form with the least log loss, to within a standard error, and each form's mean log loss.

    A form that worsens the Brier score isn't chosen: log loss alone can be moved by a few extreme claims.
    """
    losses = {form: [LOG_LOSS.value(fold) for fold in folds] for form, folds in options.items()}
    briers = {form: np.mean([BRIER.value(fold) for fold in folds]) for form, folds in options.items()}
    fit = [form for form in options if briers[form] <= briers[UNCALIBRATED]]
    chosen = fit[simplest_as_good([[-loss for loss in losses[form]] for form in fit])]
    return chosen, {form: float(np.mean(each)) for form, each in losses.items()}


def _calibrated(held: Sequence[Held], fold: int, target: Target, form: Calibration) -> ClassAnswers:
    others = [each for number, each in enumerate(held) if number != fold]
    labels = np.array(target.labels)
    truth = np.concatenate([labels[_answers(each).truth] for each in others])
    model = CalibratedClassifierCV(Decided(), method=form, cv=2, ensemble=False)
    model.fit(np.concatenate([_matrix(each) for each in others]), truth)
    chances = model.predict_proba(_matrix(held[fold]))
    order = np.searchsorted(model.classes_, labels)
    known = _answers(held[fold])
    return ClassAnswers(known.truth, chances[:, order], known.labels, known.positive, known.threshold)


def _answers(fold: Held) -> ClassAnswers:
    assert isinstance(fold.answers, ClassAnswers)
    return fold.answers


def _matrix(fold: Held) -> Floats:
    assert fold.decisions is not None
    return fold.decisions[:, np.newaxis] if fold.decisions.ndim == 1 else fold.decisions
