"""Intervals of mean errors, where a few large errors may be most of the mean: covered, or refused with the reason.

Rows that are rare enough not to be among those seen may change such a mean, so a bootstrap of the rows seen is too
narrow. M. Taddy, H. Lopes and M. Gardner ("Scalable semiparametric inference for the means of heavy-tailed
distributions", 2016) describe the largest errors by a generalised Pareto distribution (J. Pickands, Annals of
Statistics 3, 1975), whose posterior includes tails that are heavier than what was seen, and the others by the Bayesian
bootstrap (D. Rubin, Annals of Statistics 9, 1981). Where the tail may be so heavy that its mean isn't finite, the
interval has no upper end: then there is none.
"""

import math

import numpy as np

from mlops.evaluation.metrics.answers import Floats
from mlops.registry.manifest.evidence import Interval

IN_TAIL = 2.0
"""So many times the root of the number of rows are in the tail."""
SHAPE, SHAPE_SPREAD = 0.4, 0.3
"""The prior of the tail's shape, a normal one: 0 is an exponential tail, 0.5 has no variance, 1 no mean."""
MOST_TIMES = 5.0
"""An upper end that is so many times the metric says nothing."""
MOST_SPREAD = 4.5
SMALL = 1_000
"""With fewer rows, none is given if a tenth of the errors are more than MOST_SPREAD times the median.

Normal errors have 2.4, those of a price that varies by a factor of e 3.8, of e squared 8. Few rows show the tail of
such errors so seldom that the samples that look harmless are those which lack it.
"""

_DRAWS = 4_000
_SHAPES = np.linspace(-0.5, 2.0, 51)
_SCALES = np.exp(np.linspace(-2.0, 2.0, 41))
"""The tail's possible scales, in means of the excesses."""
_ABOUT_ZERO = 1e-9


def interval_of_mean(errors: Floats, level: float, rng: np.random.Generator, power: int = 1) -> Interval | str:
    """The interval of the mean of errors [n], or with a `power` of 2 of the root of their mean square; or why not.

    `errors` aren't negative, and not all zero.
    """
    values = errors**power
    described = _describe_tail(values, "squared error" if power == 2 else "error")
    if len(errors) < SMALL and (spread := _spread(errors)) > MOST_SPREAD:
        return f"{described} (a tenth of the errors are more than {spread:.1f} times the median)"
    ends = _mean_ends(values, level, rng)
    if ends is None:
        return described
    low, high = (end ** (1 / power) for end in ends)
    value = float(values.mean()) ** (1 / power)
    if high > MOST_TIMES * value:
        return described
    return Interval(
        low=min(low, value), high=max(high, value), level=level, method="semi-parametric Bayesian bootstrap"
    )


def _mean_ends(values: Floats, level: float, rng: np.random.Generator) -> tuple[float, float] | None:
    """The ends of the interval of the mean of values [n], of which the upper one may be infinite.

    None if fewer of them than a tail has are larger than the smallest.
    """
    ordered, count = np.sort(values), len(values)
    wanted = round(IN_TAIL * math.sqrt(count))
    below = ordered[: count - wanted]
    threshold = below[-1] if len(below) else ordered[0]
    # Equal values are on one side of the threshold.
    if ordered[-wanted] == threshold:
        lower = ordered[ordered < threshold]
        if not len(lower):
            return None
        threshold = lower[-1]
    body, excesses = ordered[ordered <= threshold], ordered[ordered > threshold] - threshold
    shapes, scales = _draw_tails(excesses, rng)
    finite = shapes < 1
    tail_mean = np.where(finite, threshold + scales / np.where(finite, 1 - shapes, 1.0), np.inf)
    share = rng.beta(len(excesses), len(body), _DRAWS)
    # The body has no tail, so that its mean's posterior is normal.
    body_mean = body.mean() + rng.normal(size=_DRAWS) * body.std() / math.sqrt(len(body) + 1)
    means = (1 - share) * body_mean + share * tail_mean
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
    return max(float(low), 0.0), float(high)


def _draw_tails(excesses: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Shapes and scales [draws] of a generalised Pareto distribution, from their posterior on a grid."""
    relative = excesses / excesses.mean()
    logarithm = -0.5 * ((_SHAPES - SHAPE) / SHAPE_SPREAD) ** 2
    posterior = np.array(
        [prior + _likelihood(relative, shape) for shape, prior in zip(_SHAPES, logarithm, strict=True)]
    )
    chances = np.cumsum(np.exp(posterior - posterior.max()))
    drawn = np.searchsorted(chances, rng.random(_DRAWS) * chances[-1])
    shape, scale = np.unravel_index(np.minimum(drawn, posterior.size - 1), posterior.shape)
    return _SHAPES[shape], _SCALES[scale] * excesses.mean()


def _likelihood(excesses: Floats, shape: float) -> Floats:
    """The logarithm of the likelihood of each scale [scales], -inf where an excess is beyond the distribution's end."""
    ratio = excesses / _SCALES[:, np.newaxis]
    if abs(shape) < _ABOUT_ZERO:
        surprise = ratio.sum(axis=1)
    else:
        inside = 1 + shape * ratio
        surprise = (1 + 1 / shape) * np.log(np.where(inside > 0, inside, 1.0)).sum(axis=1)
        surprise[(inside <= 0).any(axis=1)] = np.inf
    likelihood: Floats = -len(excesses) * np.log(_SCALES) - surprise
    return likelihood


def _spread(errors: Floats) -> float:
    """How many times the median the largest tenth of the errors that aren't zero are."""
    middle, large = np.quantile(errors[errors > 0], [0.5, 0.9])
    return float(large / middle)


def _describe_tail(values: Floats, what: str) -> str:
    """Why errors with a heavy tail have no interval."""
    ordered = np.sort(values)[::-1]
    count = max(1, round(0.01 * len(ordered)))
    share = ordered[:count].sum() / ordered.sum()
    rows = "one row has" if count == 1 else f"{count} rows have"
    return f"too few large errors: {rows} {share:.0%} of the {what} of {len(ordered)}, so others may be far worse"
