"""How far realised metrics have lain from their estimates, and so how far the next one may.

A method of estimation assumes that what it learnt on held-out rows still holds. Past windows with truth, and stretches
of the reference in the order of time, show by how much it didn't. The difference realised - estimated is taken for a
bias that wanders from window to window, plus a scatter of its own, plus the noise of the window's truth (a local level
model: Durbin & Koopman, "Time Series Analysis by State Space Methods", 2012). How fast the bias wanders and how large
the scatter is isn't known; each pair of a grid is weighed by the likelihood of the past differences, and by a prior
that holds both for small until they are seen.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from mlops.evaluation.metrics.answers import Floats

LEVELS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
"""Variances of scatter and of a step of the bias, in units of the noise's."""
PRIOR = 0.5
"""Each level is half as likely as the one before."""
MOST = 60
TINY = 1e-12
TAILS = 4
"""Degrees of freedom: real differences have outliers that a normal distribution of the same width doesn't."""


@dataclass(frozen=True)
class Difference:
    """Realised minus estimated in window number `place`, where noise alone has the standard deviation `noise`.

    `disagreement` is how far apart two methods of estimation lay there.
    """

    place: int
    value: float
    noise: float
    disagreement: float = 0.0


@dataclass(frozen=True, eq=False)
class PredictedDifference:
    """What the next difference is without noise: a mixture, of which each part [m] has a bias and a scatter.

    The bias has the normal distribution of `means` and `deviations`, and stays from window to window; the scatter, of
    the standard deviations `scatters`, is new in each window.
    """

    weights: Floats
    means: Floats
    deviations: Floats
    scatters: Floats

    @property
    def mean(self) -> float:
        """The expected difference."""
        return float(self.weights @ self.means)

    @property
    def scatter(self) -> float:
        """The standard deviation of what is new in each window."""
        return math.sqrt(float(self.weights @ self.scatters**2))

    def bias_quantile(self, share: float, further_error: float = 0.0) -> float:
        """The value that the bias lies below with this probability; it may be off by a further standard error, too."""
        deviations = np.maximum(np.hypot(self.deviations, further_error), TINY)

        def excess(value: float) -> float:
            return float(self.weights @ ndtr((value - self.means) / deviations)) - share

        reach = 40 * float(deviations.max())
        return float(brentq(excess, float(self.means.min()) - reach, float(self.means.max()) + reach))

    def draw(self, count: int, rng: np.random.Generator) -> Floats:
        """Draws of the difference [count], with the tails of Student's t."""
        which = rng.choice(len(self.weights), size=count, p=self.weights)
        both = np.hypot(self.deviations, self.scatters)
        return self.means[which] + both[which] * rng.standard_t(TAILS, count)


def predict_difference(
    past: Sequence[Difference], place: int, noise: float, reference_error: float, disagreement: float = 0.0
) -> PredictedDifference:
    """The difference to expect in window `place`, after past ones; only the latest 60 that are defined count.

    `noise` is this window's and gives the scale where there's no past. `reference_error` is the standard error of the
    estimate from the finite reference: what the bias may be before any truth has come. The truth may lie with either of
    two methods, so half of what their `disagreement` has changed since truth was last seen is uncertain, too.
    """
    defined = [each for each in past if math.isfinite(each.value)]
    seen = sorted(defined, key=lambda each: each.place)[-MOST:]
    scale = float(np.median([each.noise for each in seen])) if seen else noise
    scale = scale or noise or reference_error or TINY
    step, scatter = (grid.ravel() * scale**2 for grid in np.meshgrid(LEVELS, LEVELS))
    ranks = np.add.outer(np.arange(len(LEVELS)), np.arange(len(LEVELS))).ravel()
    likelihood = ranks * math.log(PRIOR)
    mean, variance = np.zeros(len(step)), np.full(len(step), reference_error**2)
    before = seen[0].place if seen else place
    for each in seen:
        variance = variance + step * max(0, each.place - before)
        before = each.place
        total = variance + scatter + max(each.noise, 1e-9 * scale) ** 2
        surprise = each.value - mean
        likelihood = likelihood - 0.5 * (np.log(total) + surprise**2 / total)
        gain = variance / total
        mean, variance = mean + gain * surprise, variance * (1 - gain)
    variance = variance + step * max(0, place - before)
    doubt = (disagreement - (seen[-1].disagreement if seen else 0.0)) / 2
    weights = np.exp(likelihood - likelihood.max())
    return PredictedDifference(weights / weights.sum(), mean, np.sqrt(variance + doubt**2), np.sqrt(scatter))
