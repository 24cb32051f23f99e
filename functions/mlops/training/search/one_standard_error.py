"""Of several options in order of simplicity, the first that is statistically as good as the best."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def simplest_within_error(options: Sequence[Sequence[float]]) -> int:
    """The position of the first option whose scores (more is better) are within one standard error of the best's.

    Each option has a score a fold, on the same folds. The one-standard-error rule (Breiman, Friedman, Olshen & Stone,
    *Classification and Regression Trees*, 1984, 3.4.3) on the paired differences to the option with the best mean. As
    the folds share training rows, the error is that of Nadeau & Bengio, "Inference for the generalization error"
    (Machine Learning 52, 2003): the variance of the differences times 1/k + (rows held out / rows trained on).
    """
    scores = np.array(options, dtype=np.float64)
    best = scores[int(np.argmax(scores.mean(axis=1)))]
    return next(number for number, each in enumerate(scores) if (best - each).mean() <= standard_error(best - each))


def standard_error(differences: NDArray[np.float64]) -> float:
    """The corrected standard error of a mean over k folds of equal size."""
    folds = len(differences)
    return float(np.sqrt(differences.var(ddof=1) * (1 / folds + 1 / (folds - 1))))
