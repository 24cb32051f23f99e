"""Two models on the same rows: is the candidate better, not worse, or worse than the champion, or undecided?

Both answer the same rows, which neither was trained on; a resample of rows is a resample of both, so what makes a row
hard cancels out (paired bootstrap). The standard error is the bootstrap's, the tests and the interval are Student's: on
120 rows with no real difference, tests at 2.5 % were wrong in 2.1 % (accuracy) and 2.2 % (log loss) of 5,000
simulations, where tests by BCa limits were wrong about one and a half times as often. One-sided tests at 2.5 % agree
with the two-sided 95 % interval that is shown (ICH E9, "Statistical principles for clinical trials", 1998, which also
describes non-inferiority and its margin).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlops.evaluation.bootstrap import FEWEST_RESAMPLES, RESAMPLES, Distribution, apply, count_units, draw_weights
from mlops.evaluation.metrics.answers import Answers, ClassAnswers, Floats, ValueAnswers
from mlops.evaluation.metrics.metric import Metric
from mlops.evaluation.slices import Slice
from mlops.evaluation.verdicts import ALPHA, conclude, conclude_slices
from mlops.registry.manifest.evidence import Difference

MOST_UNDEFINED = 0.05


@dataclass(frozen=True)
class Differences:
    """How two models differ on all rows and on each slice; `untold` names slices where the metric isn't defined."""

    overall: Difference
    slices: tuple[Difference, ...] = ()
    untold: tuple[str, ...] = ()

    @property
    def not_worse(self) -> bool:
        """Whether the candidate is shown to be no worse than the margin overall, and harms no slice."""
        return self.overall.verdict in ("better", "not worse") and not self.harmed

    @property
    def better(self) -> bool:
        """Whether the candidate is shown to be better overall, and harms no slice."""
        return self.overall.verdict == "better" and not self.harmed

    @property
    def harmed(self) -> tuple[Difference, ...]:
        """The slices on which the candidate is significantly worse by more than the margin."""
        return tuple(part for part in self.slices if part.verdict == "worse")


def compare[A: (ClassAnswers, ValueAnswers)](
    candidate: A,
    champion: A,
    metric: Metric[A],
    margin: float,
    rng: np.random.Generator,
    slices: Sequence[Slice] = (),
    resamples: int = RESAMPLES,
    alpha: float = ALPHA,
    inflation: float = 1.0,
    repeats: Sequence[tuple[A, A]] = (),
) -> Differences:
    """Compare two models' answers to the same rows, in the same order.

    `margin` is the loss that doesn't matter, in the metric's unit. Over slices, the p-values for gain and harm are
    Holm-adjusted (Scandinavian Journal of Statistics 6, 1979): the chance that any slice is called better, or
    harmed, by luck alone stays below alpha. Being not worse isn't adjusted: a claim about all slices needs each
    of them. `inflation` is how much larger the standard error is than that over independent rows.

    `repeats` are more answers of both to the same rows, by fits that differ by chance: the gain is the mean over all
    pairs. Its variance is that over rows, and as much more as `inflation` has of a single pair's, since repeats don't
    lessen what the fits have in common. Raises ValueError for answers to different rows, a negative margin, or too few
    resamples.
    """
    pairs = [(candidate, champion)]
    pairs.extend(repeats)
    for pair in pairs:
        _check_arguments(*pair, margin, resamples)
        if not np.array_equal(pair[0].truth, candidate.truth):
            raise ValueError("repeats must answer the same rows in the same order: their truths differ")
    test = _PairedTest(metric, margin, resamples, alpha, inflation)
    overall = test.run(pairs, rng, "all rows")
    if overall is None:
        raise ValueError(f"{metric.name} is not defined on these {len(candidate)} rows: too few of a label")
    parts: list[Difference] = []
    untold: list[str] = []
    for part in slices:
        taken = [(one.take(part.rows), other.take(part.rows)) for one, other in pairs]
        found = test.run(taken, rng, str(part))
        if found is None:
            untold.append(str(part))
        else:
            parts.append(found)
    return Differences(overall, conclude_slices(parts), tuple(untold))


@dataclass(frozen=True)
class _PairedTest[A: (ClassAnswers, ValueAnswers)]:
    metric: Metric[A]
    margin: float
    resamples: int
    alpha: float
    inflation: float

    def run(self, pairs: Sequence[tuple[A, A]], rng: np.random.Generator, where: str) -> Difference | None:
        """The evidence on these rows, or None where the metric isn't defined on them."""
        first = pairs[0][0]
        values = np.array([[self.metric.value(each) for each in pair] for pair in pairs])
        statistics = [self.metric.prepare(each) for pair in pairs for each in pair]
        rows = len(first)
        drawn = apply(statistics, draw_weights(rows, self.resamples, rng, first.units))
        gains = self.metric.sign * (drawn[::2] - drawn[1::2])
        gains = gains[:, np.isfinite(gains).all(axis=0)]
        if rows < 2 or not np.isfinite(values).all() or gains.shape[1] < (1 - MOST_UNDEFINED) * self.resamples:
            return None
        mine, theirs = values.mean(axis=0)
        gain = Distribution(self.metric.sign * float(mine - theirs), count_units(first), self._widened(gains))
        low, high = gain.student_interval(1 - 2 * self.alpha)
        found = Difference(
            metric=self.metric.name,
            where=where,
            rows=rows,
            candidate=float(mine),
            champion=float(theirs),
            difference=gain.value,
            low=low,
            high=high,
            margin=self.margin,
            p_better=gain.p_above(0.0),
            p_not_worse=gain.p_above(-self.margin),
            p_worse=gain.p_below(-self.margin),
            alpha=self.alpha,
            verdict="undecided",
        )
        return conclude(found)

    def _widened(self, gains: Floats) -> Floats:
        """The mean gain of all pairs in each resample [resamples] of theirs [pairs, resamples], as spread as it is."""
        mean: Floats = gains.mean(axis=0)
        variance = float(mean.var())
        if variance == 0:
            return mean
        added = (self.inflation**2 - 1) * float(gains.var(axis=1).mean())
        widened: Floats = mean.mean() + math.sqrt(1 + added / variance) * (mean - mean.mean())
        return widened


def _check_arguments(candidate: Answers, champion: Answers, margin: float, resamples: int) -> None:
    if len(candidate) != len(champion) or not np.array_equal(candidate.truth, champion.truth):
        raise ValueError("candidate and champion must answer the same rows in the same order: their truths differ")
    if isinstance(candidate, ClassAnswers) and isinstance(champion, ClassAnswers):
        labels = candidate.labels, champion.labels
        if labels[0] != labels[1]:
            raise ValueError(f"candidate and champion must know the same labels, and have {labels[0]} and {labels[1]}")
    if margin < 0:
        raise ValueError(f"a margin is the loss that doesn't matter, 0 or more, and this is {margin}")
    if resamples < FEWEST_RESAMPLES:
        raise ValueError(f"{resamples} resamples are too few for a standard error: use {FEWEST_RESAMPLES} or more")
