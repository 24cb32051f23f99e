"""Of several options in order of simplicity, the first that is statistically as good as the best."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def simplest_within_error(options: Sequence[Sequence[float]], most: float = math.inf, repeats: int = 1) -> int:
    """The position of the first option whose scores (more is better) are within one standard error of the best's.

    Each option has a score a fold, on the same folds, and so for each of the `repeats` of cross-validation. The
    one-standard-error rule (Breiman, Friedman, Olshen & Stone, *Classification and Regression Trees*, 1984, 3.4.3) on
    the paired differences to the option with the best mean. Noisy folds make the error large: `most` is the loss that
    simplicity may cost at most.
    """
    scores = np.array(options, dtype=np.float64)
    best = scores[int(np.argmax(scores.mean(axis=1)))]
    losses = [best - each for each in scores]
    return next(number for number, loss in enumerate(losses) if loss.mean() <= min(standard_error(loss, repeats), most))


def standard_error(differences: NDArray[np.float64], repeats: int = 1) -> float:
    """The corrected standard error of a mean over k folds of equal size, each of the `repeats` times.

    As folds share training rows, it's that of J. Nadeau & Y. Bengio, "Inference for the generalization error" (Machine
    Learning 52, 2003): the variance of the differences times 1/n + (rows held out / rows trained on); that repeats add
    to n alone is by R. Bouckaert & E. Frank, "Evaluating the replicability of significance tests", PAKDD 2004.
    """
    count = len(differences)
    folds = count // repeats
    return float(np.sqrt(differences.var(ddof=1) * (1 / count + 1 / (folds - 1))))
