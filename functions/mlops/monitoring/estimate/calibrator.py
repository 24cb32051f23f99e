"""Calibrators: from a model's probabilities to how often they came true on held-out rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression

from mlops.evaluation.metrics.answers import ClassAnswers, Floats

Form = Literal["sigmoid", "isotonic"]

FEWEST_ISOTONIC_ROWS = 1000
"""Below that isotonic regression follows the noise (Niculescu-Mizil & Caruana, ICML 2005)."""
FOLDS = 5
NEWTON_STEPS = 25
EDGE = 1e-6
RIDGE = 1e-6


@dataclass(frozen=True, eq=False)
class Sigmoid:
    """A logistic curve of the logit (J. Platt, 1999): `slope` times the logit plus `offset`."""

    slope: float
    offset: float

    def apply(self, scores: Floats) -> Floats:
        """The calibrated probabilities [n]."""
        curve: Floats = expit(self.slope * _logit(scores) + self.offset)
        return curve


@dataclass(frozen=True, eq=False)
class Isotonic:
    """A step-wise linear, never falling curve through `heights` [k] at `places` [k] (Zadrozny & Elkan, KDD 2002)."""

    places: Floats
    heights: Floats

    def apply(self, scores: Floats) -> Floats:
        """The calibrated probabilities [n]; beyond the ends those at the ends."""
        return np.interp(scores, self.places, self.heights)


@dataclass(frozen=True, eq=False)
class Calibrator:
    """A curve for the positive label, or one for each of more than two labels."""

    curves: tuple[Sigmoid | Isotonic, ...]
    positive: int

    def apply(self, probabilities: Floats) -> Floats:
        """Calibrated probabilities [n, k] of the model's [n, k]; with more than two labels normalised to one."""
        if len(self.curves) == 1:
            chance = self.curves[0].apply(probabilities[:, self.positive])
            both = np.empty_like(probabilities)
            both[:, self.positive], both[:, 1 - self.positive] = chance, 1 - chance
            return both
        raw = np.column_stack([curve.apply(column) for curve, column in zip(self.curves, probabilities.T, strict=True)])
        total = raw.sum(axis=1, keepdims=True)
        return np.where(total > 0, raw / np.where(total > 0, total, 1.0), 1 / raw.shape[1])


def fit(answers: ClassAnswers, form: Form, weights: Floats | None = None) -> Calibrator:
    """A calibrator of this form for the answers, whose rows count `weights` [n] times."""
    counts = np.ones(len(answers)) if weights is None else weights
    labels: Sequence[int] = (answers.positive,) if answers.binary else range(len(answers.labels))
    curve = _sigmoid if form == "sigmoid" else _isotonic
    curves = tuple(
        curve(answers.probabilities[:, label], (answers.truth == label).astype(np.float64), counts) for label in labels
    )
    return Calibrator(curves, answers.positive)


def choose_form(answers: ClassAnswers, rng: np.random.Generator) -> Form:
    """Isotonic where there are a thousand rows and its Brier score is the lower one in cross-validation."""
    if len(answers) < FEWEST_ISOTONIC_ROWS:
        return "sigmoid"
    fold = rng.permutation(len(answers)) % FOLDS
    losses = {"sigmoid": 0.0, "isotonic": 0.0}
    for number in range(FOLDS):
        held = answers.take(np.flatnonzero(fold == number))
        rest = answers.take(np.flatnonzero(fold != number))
        truth = np.eye(len(answers.labels))[held.truth]
        for form in ("sigmoid", "isotonic"):
            losses[form] += float(((fit(rest, form).apply(held.probabilities) - truth) ** 2).sum())
    return "isotonic" if losses["isotonic"] < losses["sigmoid"] else "sigmoid"


def _isotonic(scores: Floats, hits: Floats, weights: Floats) -> Isotonic:
    used = weights > 0
    curve = IsotonicRegression(out_of_bounds="clip").fit(scores[used], hits[used], sample_weight=weights[used])
    return Isotonic(curve.X_thresholds_.astype(np.float64), curve.y_thresholds_.astype(np.float64))


def _sigmoid(scores: Floats, hits: Floats, weights: Floats) -> Sigmoid:
    """Newton's method on the weighted log likelihood; Platt's targets keep it finite where all labels are alike."""
    positives = float(weights @ hits)
    negatives = float(weights.sum()) - positives
    targets = np.where(hits > 0, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    design = np.column_stack([_logit(scores), np.ones(len(scores))])
    parameters = np.array([1.0, 0.0])
    for _ in range(NEWTON_STEPS):
        chance = expit(design @ parameters)
        curvature = weights * np.maximum(chance * (1 - chance), RIDGE)
        hessian = (design * curvature[:, np.newaxis]).T @ design + RIDGE * np.eye(2)
        step = np.linalg.solve(hessian, design.T @ (weights * (targets - chance)))
        parameters = parameters + np.clip(step, -2, 2)
        if np.abs(step).max() < EDGE:
            break
    return Sigmoid(float(parameters[0]), float(parameters[1]))


def _logit(scores: Floats) -> Floats:
    values: Floats = logit(np.clip(scores, EDGE, 1 - EDGE))
    return values
