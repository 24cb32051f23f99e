"""What a day's share of answers with a click is expected to be, by the days before it, on the scale of its logarithm.

Days differ in proportion, so by their logarithms: by weekday, and by themselves. Weekdays' effects are shrunk towards
none by as much of their differences as the days' own would explain (the best linear unbiased predictor of C. Henderson,
"Best linear unbiased estimation and prediction under a selection model", Biometrics 31, 1975, with variances by the
method of moments). What's left between days, beyond the chance of their answers, is estimated by the method of moments
too (R. DerSimonian & N. Laird, "Meta-analysis in clinical trials", Controlled Clinical Trials 7, 1986), and used as a
prediction interval of random effects does (J. Higgins, S. Thompson & D. Spiegelhalter, "A re-evaluation of
random-effects meta-analysis", JRSS A 172, 2009).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaln

from mlops.monitoring.recommendations.share import Share

WEEK = 7
FEWEST_WEEKS = 3
"""How many days of each weekday there must be for effects of weekdays."""
_REACH, _POINTS = 16.0, 801
_GRID = np.linspace(-_REACH, _REACH, _POINTS)


@dataclass(frozen=True)
class Expected:
    """A day's share of clicks: `value`, and how days like it are spread around it, on the scale of the logarithm.

    `spread` is the standard error of the prediction without the chance of the day's answers, by Student's distribution
    with `freedom` degrees of freedom; `effect` is the design effect of a usual day's answers.
    """

    value: float
    spread: float
    freedom: int
    effect: float

    def chance_below(self, day: Share, factor: float) -> float:
        """The chance of a share of at most this day's, of days whose share is `factor` times what's expected.

        The answers' chance is binomial, with as many answers as there are in effect; over the spread between days it's
        integrated.
        """
        answers = day.rows / self.effect
        clicked = day.value * answers
        shares = np.minimum(factor * self.value * np.exp(self.spread * _GRID), 1 - 1e-9)
        below = betainc(max(answers - clicked, 1e-9), clicked + 1, 1 - shares)
        weights = _density(self.freedom)
        return float(min(1.0, weights @ below))


def expect(before: Sequence[Share], ago: Sequence[int] | None) -> Expected:
    """What a day is expected to be by the usual days before it, at least three.

    `ago` says how many days ago each was; without it nothing is known of weekdays. Raises ValueError where no day has a
    click.
    """
    rows = np.array([each.rows for each in before], dtype=np.float64)
    effect = float(np.mean([each.design_effect for each in before]))
    pooled = float(np.mean([each.value for each in before]))
    if not pooled:
        raise ValueError("no day has a click")
    # Half a click more: a day without any has a logarithm too.
    clicked = np.array([each.value for each in before]) * rows / effect
    logs = np.log((clicked + 0.5) / (rows / effect + 0.5))
    chance = float(np.mean(effect * (1 - pooled) / (rows * pooled)))
    shift, error, spread, freedom = _predict(logs, None if ago is None else np.array(ago) % WEEK)
    between = max(0.0, spread - chance)
    return Expected(
        value=min(math.exp(shift + between / 2), 1.0),
        spread=math.sqrt(between + error),
        freedom=freedom,
        effect=effect,
    )


def _predict(logs: NDArray[np.float64], weekday: NDArray[np.int64] | None) -> tuple[float, float, float, int]:
    """The expected logarithm, the variance of that expectation, that of days around it, and degrees of freedom.

    `weekday` is 0 for the predicted day's.
    """
    mean, count = float(logs.mean()), len(logs)
    spread = float(logs.var(ddof=1))
    if weekday is None or (counts := np.bincount(weekday, minlength=WEEK)).min() < FEWEST_WEEKS:
        return mean, spread / count, spread, count - 2
    means = np.bincount(weekday, logs, minlength=WEEK) / counts
    left = logs - means[weekday]
    freedom = count - WEEK
    within = float(left @ left) / freedom
    of_weekdays = max(0.0, float(means.var(ddof=1)) - within * float((1 / counts).mean()))
    # How much of a weekday's mean is its own.
    kept = of_weekdays / (of_weekdays + within / counts[0]) if of_weekdays else 0.0
    error = within / count + of_weekdays * (1 - kept)
    return mean + kept * (float(means[0]) - mean), error, within, freedom - 1


def _density(freedom: int) -> NDArray[np.float64]:
    """Student's distribution at the grid, as weights that sum up to 1."""
    logs = gammaln((freedom + 1) / 2) - gammaln(freedom / 2) - (freedom + 1) / 2 * np.log1p(_GRID**2 / freedom)
    weights = np.exp(logs)
    return np.asarray(weights / weights.sum())
