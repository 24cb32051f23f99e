"""Estimated metrics of a regression's answers, from the errors of similar held-out rows.

A forest learns from the held-out rows how large errors are, and so which rows are alike in that. Each of a window's
rows spreads a weight of one over the held-out rows of its leaves (N. Meinshausen, "Quantile regression forests", JMLR
7, 2006), and a metric of the window is that metric of the weighted held-out rows. It is direct loss estimation, as
NannyML's DLE, for all metrics at once.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import RandomForestRegressor

from mlops.evaluation.metrics.answers import Floats, Integers, ValueAnswers
from mlops.evaluation.metrics.catalog import VALUE_METRICS
from mlops.evaluation.metrics.metric import Metric
from mlops.monitoring.estimate.outcomes import CURVES, Outcome, resamples, spread
from mlops.monitoring.estimate.reference import Reference

TREES = 40
LEAF_ROWS = 10
ROWS_PER_TREE = 20_000


@dataclass(frozen=True, eq=False)
class ValueEstimator:
    """A forest of errors, the held-out answers that it was grown on, and their leaves [n, trees]."""

    forest: RandomForestRegressor
    answers: ValueAnswers
    leaves: Integers
    with_inputs: bool
    metrics: tuple[Metric[ValueAnswers], ...]

    def weigh(self, described: Floats) -> Floats:
        """The weight of each held-out row [n] for a window of rows [m, d]; together one."""
        reached = self.forest.apply(described)
        weights = np.zeros(len(self.leaves))
        for own, seen in zip(self.leaves.T, reached.T, strict=True):
            size = 1 + max(int(own.max()), int(seen.max()))
            held, wanted = np.bincount(own, minlength=size), np.bincount(seen, minlength=size)
            weights += np.divide(wanted, held, out=np.zeros(size), where=held > 0)[own]
        return weights / weights.sum()

    def outcomes(self, window: Reference, rng: np.random.Generator) -> dict[str, Outcome]:
        """The metrics of a window's answers, whose `truth` isn't looked at, by name.

        The noise holds that other rows might have come, too, so it is rather too large. Raises ValueError for rows
        without inputs where the reference has some.
        """
        asked = window.answers
        assert isinstance(asked, ValueAnswers)
        if self.with_inputs and window.inputs is None:
            raise ValueError("the reference has inputs and the window's rows have none")
        weights = self.weigh(_describe(asked, window.inputs if self.with_inputs else None))
        counts = rng.multinomial(len(asked), weights, size=resamples(len(self.answers))).astype(np.float64)
        again = rng.standard_exponential((CURVES, len(self.answers)))
        found = {}
        for metric in self.metrics:
            statistic = metric.prepare(self.answers)
            noise, reweighed = statistic(counts), statistic(again * weights)
            found[metric.name] = Outcome(
                value=float(statistic(weights[np.newaxis])[0]),
                noise=noise[np.isfinite(noise)],
                reference_error=spread(reweighed),
                change_error=spread(reweighed - statistic(again)),
                window_error=spread(noise),
            )
        return found


def prepare_values(reference: Reference, rng: np.random.Generator, names: Collection[str] = ()) -> ValueEstimator:
    """The estimator that the held-out rows of a regression make, of the metrics of these names (none: of all)."""
    answers = reference.answers
    assert isinstance(answers, ValueAnswers)
    described = _describe(answers, reference.inputs)
    errors = np.abs(answers.residuals)
    errors = errors / (float(errors.mean()) or 1.0)
    forest = RandomForestRegressor(
        TREES,
        min_samples_leaf=LEAF_ROWS,
        max_features=1.0,
        max_samples=min(1.0, ROWS_PER_TREE / len(errors)),
        random_state=int(rng.integers(2**31)),
    )
    forest.fit(described, np.column_stack([errors, errors**2]))
    return ValueEstimator(
        forest=forest,
        answers=answers,
        leaves=forest.apply(described).astype(np.intp),
        with_inputs=reference.inputs is not None,
        metrics=tuple(metric for metric in VALUE_METRICS if not names or metric.name in names),
    )


def _describe(answers: ValueAnswers, inputs: Floats | None) -> Floats:
    """What the forest sees of each row [n, d + 1]: the prediction, and the inputs where there are any."""
    return np.column_stack([answers.predictions[:, np.newaxis], *([] if inputs is None else [inputs])])
