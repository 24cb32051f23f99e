"""Answers to judge, drawn from a seed."""

import numpy as np

from mlops.evaluation.metrics.answers import ClassAnswers, ValueAnswers


def draw_class_answers(seed: int, rows: int = 120, classes: int = 2, ties: bool = False) -> ClassAnswers:
    """A fair classifier's answers; with `ties`, many rows share a probability."""
    rng = np.random.default_rng(seed)
    truth = np.r_[np.arange(classes), rng.integers(0, classes, rows - classes)]
    scores = rng.normal(size=(rows, classes)) + 1.5 * np.eye(classes)[truth]
    raw = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    if ties:
        raw = np.round(raw, 1) + 0.01
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    return ClassAnswers(truth, probabilities, tuple("abcdefgh"[:classes]))


def draw_value_answers(seed: int, rows: int = 120, noise: float = 1.0) -> ValueAnswers:
    """A regression's answers, off by noise of this standard deviation; the truth's is 3."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(20, 3, rows)
    return ValueAnswers(truth, truth + rng.normal(0, noise, rows))
