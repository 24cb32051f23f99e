"""How far realised metrics have lain from their estimates, and so how far the next one may.

A method of estimation assumes that what it learnt on held-out rows still holds. Past windows with truth, and stretches
of the reference in the order of time, show by how much it didn't. The difference realised - estimated is taken for a
bias that wanders from window to window, plus a scatter of its own, plus the noise of the window's truth (a local level
model: Durbin & Koopman, "Time Series Analysis by State Space Methods", 2012). The bias moves in jumps, in every window
or seldom (Adams & MacKay, "Bayesian online changepoint detection", 2007). How large and how frequent they are and how
large the scatter is isn't known; each trio of a grid is weighed by the likelihood of the past differences, and by a
prior that holds all for small until they are seen.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from mlops.evaluation.metrics.answers import Floats

LEVELS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
"""Variances of scatter and of a jump of the bias, in units of the noise's."""
FREQUENCIES = (0.05, 0.25, 1.0)
"""Chances of a jump from one window to the next."""
FORGOTTEN = 1e-6
"""What is so much less likely than the likeliest is left out."""
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
    estimate from the finite reference: what the bias may be before any truth has come. Both methods of estimation
    shrink towards what they were fitted on, so the truth may lie beyond either: what their `disagreement` has changed
    since truth was last seen counts as a standard error in full.
    """
    defined = [each for each in past if math.isfinite(each.value)]
    seen = sorted(defined, key=lambda each: each.place)[-MOST:]
    scale = float(np.median([each.noise for each in seen])) if seen else noise
    filtered = _Filter(scale or noise or reference_error or TINY, reference_error, moved=bool(seen))
    before = seen[0].place if seen else place
    for each in seen:
        filtered.move(each.place - before)
        filtered.observe(each)
        before = each.place
    filtered.move(place - before)
    doubt = disagreement - (seen[-1].disagreement if seen else 0.0)
    return filtered.predict(doubt)


class _Filter:
    """The bias by what is known of it [pairs, runs]: for each trio of jumps' size and frequency and of scatter, and for
    each window since which the bias may have stayed as it is."""

    def __init__(self, scale: float, reference_error: float, *, moved: bool) -> None:
        """`moved`: the first window's bias may differ from the reference's by a jump."""
        places = np.arange(len(LEVELS))
        jump, scatter, often = (
            grid.ravel() for grid in np.meshgrid(places, places, np.arange(len(FREQUENCIES)), indexing="ij")
        )
        self.jump, self.scatter = (np.array(LEVELS)[each, np.newaxis] * scale**2 for each in (jump, scatter))
        self.frequency = np.array(FREQUENCIES)[often, np.newaxis]
        self.least = 1e-9 * scale
        self.weights = PRIOR ** (jump + scatter)[:, np.newaxis].astype(np.float64)
        self.means = np.zeros_like(self.weights)
        self.variances = reference_error**2 + moved * self.jump

    def move(self, windows: int) -> None:
        """Pass so many windows, in which the bias may have jumped from where all runs together have it."""
        if windows < 1:
            return
        stayed = (1 - self.frequency) ** windows
        total = self.weights.sum(axis=1, keepdims=True)
        shares = self.weights / np.where(total > 0, total, 1.0)
        mean = (shares * self.means).sum(axis=1, keepdims=True)
        variance = (shares * (self.variances + (self.means - mean) ** 2)).sum(axis=1, keepdims=True)
        jumps = windows * self.frequency / (1 - stayed)
        self.weights = np.hstack([self.weights * stayed, total * (1 - stayed)])
        self.means = np.hstack([self.means, mean])
        self.variances = np.hstack([self.variances, variance + jumps * self.jump])

    def observe(self, seen: Difference) -> None:
        """Learn from a window's difference."""
        total = self.variances + self.scatter + max(seen.noise, self.least) ** 2
        surprise = seen.value - self.means
        with np.errstate(divide="ignore"):
            logarithms = np.log(self.weights) - 0.5 * (np.log(total) + surprise**2 / total)
        self.weights = np.exp(logarithms - logarithms.max())
        gain = self.variances / total
        self.means, self.variances = self.means + gain * surprise, self.variances * (1 - gain)

    def predict(self, doubt: float) -> PredictedDifference:
        """The difference in the window that was moved to, whose bias is off by a further standard error."""
        kept = self.weights > FORGOTTEN * self.weights.max()
        weights = self.weights[kept]
        scatters = np.broadcast_to(np.sqrt(self.scatter), kept.shape)[kept]
        deviations = np.sqrt(self.variances[kept] + doubt**2)
        return PredictedDifference(weights / weights.sum(), self.means[kept], deviations, scatters)
