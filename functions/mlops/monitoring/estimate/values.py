"""Estimated metrics of a regression's answers, from the errors of similar held-out rows.

A forest learns from the held-out rows how large errors are, and so which rows are alike in that. Each of a window's
rows spreads a weight of one over the held-out rows of its leaves (N. Meinshausen, "Quantile regression forests", JMLR
7, 2006), and a metric of the window is that metric of the weighted held-out rows. It is direct loss estimation, as
NannyML's DLE, for all metrics at once.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import RandomForestRegressor

from mlops.monitoring.estimate.outcomes import CURVES, Outcome, resamples, spread
from mlops.monitoring.estimate.reference import Reference
from mlops.monitoring.measures import VALUE_METRICS, Floats, ValueAnswers

TREES = 40
LEAF_ROWS = 10
ROWS_PER_TREE = 20_000


@dataclass(frozen=True, eq=False)
class ErrorForest:
    """A forest of errors and the leaves [n, trees] of the held-out rows that it was grown on."""

    forest: RandomForestRegressor
    leaves: Floats

    def weigh(self, described: Floats) -> Floats:
        """The weight of each held-out row [n] for a window of rows [m, d]; together one."""
        reached = self.forest.apply(described)
        weights = np.zeros(len(self.leaves))
        for own, seen in zip(self.leaves.T, reached.T, strict=True):
            size = 1 + max(int(own.max()), int(seen.max()))
            held = np.bincount(own.astype(np.intp), minlength=size)
            wanted = np.bincount(seen, minlength=size)
            share = np.divide(wanted, held, out=np.zeros(size), where=held > 0)
            weights += share[own.astype(np.intp)]
        return weights / weights.sum()


def grow(reference: Reference, seed: int) -> ErrorForest:
    """The forest for the held-out rows of a regression."""
    answers = reference.answers
    assert isinstance(answers, ValueAnswers)
    described = describe(answers, reference.inputs)
    errors = np.abs(answers.residuals)
    scale = float(errors.mean()) or 1.0
    share = min(1.0, ROWS_PER_TREE / len(errors))
    forest = RandomForestRegressor(
        TREES, min_samples_leaf=LEAF_ROWS, max_features=1.0, max_samples=share, random_state=seed
    )
    forest.fit(described, np.column_stack([errors / scale, (errors / scale) ** 2]))
    return ErrorForest(forest, forest.apply(described))


def describe(answers: ValueAnswers, inputs: Floats | None) -> Floats:
    """What the forest sees of each row [n, d + 1]: the prediction, and the inputs where there are any."""
    columns = [answers.predictions[:, np.newaxis], *([] if inputs is None else [inputs])]
    return np.column_stack(columns)


def estimate_values(
    reference: Reference, window: ValueAnswers, inputs: Floats | None, seed: int, rng: np.random.Generator
) -> dict[str, Outcome]:
    """The metrics of a window's answers, whose `truth` isn't looked at, by name.

    `inputs` [m, d] describe the window's rows as the reference's do. Raises ValueError where only one of them has any.
    """
    if (inputs is None) != (reference.inputs is None):
        raise ValueError("the window's rows and the reference's must both have inputs, or neither")
    answers = reference.answers
    assert isinstance(answers, ValueAnswers)
    weights = grow(reference, seed).weigh(describe(window, inputs))
    rows, draws = len(window), resamples(len(answers))
    counts = rng.multinomial(rows, weights, size=draws).astype(np.float64)
    again = rng.standard_exponential((CURVES, len(answers)))
    found = {}
    for metric in VALUE_METRICS:
        statistic = metric.prepare(answers)
        noise = statistic(counts)
        reweighed = statistic(again * weights)
        found[metric.name] = Outcome(
            value=float(statistic(weights[np.newaxis])[0]),
            noise=noise[np.isfinite(noise)],
            reference_error=spread(reweighed),
            change_error=spread(reweighed - statistic(again)),
            window_error=spread(noise),
        )
    return found
