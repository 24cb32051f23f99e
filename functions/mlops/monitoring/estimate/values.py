"""Estimated metrics of a regression's answers, from the errors of similar held-out rows.

A forest learns from the held-out rows how large errors are, and so which rows are alike in that. The truth of a
window's row is drawn as its prediction plus the residual of a held-out row in one of its leaves (N. Meinshausen,
"Quantile regression forests", JMLR 7, 2006), and a metric of the window is the mean of that metric over many draws. It
is direct loss estimation, as NannyML's DLE, for all metrics at once; those that depend on how much the truth varies
(R²) follow from the window's own predictions.
"""

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import RandomForestRegressor

from mlops.evaluation.answered_rows import AnsweredRows
from mlops.evaluation.metrics.answers import Floats, Integers, ValueAnswers
from mlops.evaluation.metrics.catalog import VALUE_METRICS
from mlops.evaluation.metrics.metric import Metric
from mlops.monitoring.estimate.outcomes import CURVES, Outcome, resamples, spread

TREES = 40
LEAF_ROWS = 10
ROWS_PER_TREE = 20_000


@dataclass(frozen=True, eq=False)
class ValueEstimator:
    """A forest of errors, the held-out answers that it was grown on, and their leaves [n, trees].

    `ordered` [n, trees] are the held-out rows of each tree in the order of their leaves.
    """

    forest: RandomForestRegressor
    answers: ValueAnswers
    leaves: Integers
    ordered: Integers
    with_inputs: bool
    metrics: tuple[Metric[ValueAnswers], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics that are estimated."""
        return tuple(metric.name for metric in self.metrics)

    def weigh(self, reached: Integers) -> Floats:
        """The weight of each held-out row [n] for a window of rows that reach these leaves [m, trees]; together one."""
        weights = np.zeros(len(self.leaves))
        for own, seen in zip(self.leaves.T, reached.T, strict=True):
            size = 1 + max(int(own.max()), int(seen.max()))
            held, wanted = np.bincount(own, minlength=size), np.bincount(seen, minlength=size)
            weights += np.divide(wanted, held, out=np.zeros(size), where=held > 0)[own]
        return weights / weights.sum()

    def reach(self, described: Floats) -> Integers:
        """The leaves of a window's rows [m, trees]."""
        leaves: Integers = self.forest.apply(described).astype(np.intp)
        return leaves

    def draw_residuals(self, reached: Integers, draws: int, rng: np.random.Generator) -> Iterator[Floats]:
        """Residuals of held-out rows [m], one from a leaf of each of a window's rows, as often as `draws` says.

        A row's trees take turns.
        """
        rows, trees = reached.shape
        first, after = np.empty_like(reached), np.empty_like(reached)
        for tree in range(trees):
            sorted_leaves = self.leaves[self.ordered[:, tree], tree]
            first[:, tree] = np.searchsorted(sorted_leaves, reached[:, tree], "left")
            after[:, tree] = np.searchsorted(sorted_leaves, reached[:, tree], "right")
        every, turn = np.arange(rows), rng.integers(0, trees, rows)
        for draw in range(draws):
            tree_of = (turn + draw) % trees
            low, high = first[every, tree_of], after[every, tree_of]
            yield self.answers.residuals[self.ordered[rng.integers(low, high), tree_of]]

    def outcomes(self, window: AnsweredRows, rng: np.random.Generator) -> dict[str, Outcome]:
        """The metrics of a window's answers, whose `truth` isn't looked at, by name.

        Raises ValueError for rows without inputs where the held-out rows have some.
        """
        asked = window.answers
        assert isinstance(asked, ValueAnswers)
        if self.with_inputs and window.inputs is None:
            raise ValueError("the reference has inputs and the window's rows have none")
        reached = self.reach(_describe(asked, window.inputs if self.with_inputs else None))
        same, others = self._draw_metrics(asked.predictions, reached, rng)
        weights = self.weigh(reached)
        again = rng.standard_exponential((CURVES, len(self.answers)))
        found = {}
        for place, metric in enumerate(self.metrics):
            statistic = metric.prepare(self.answers)
            reweighed = statistic(again * weights)
            noise = same[place][np.isfinite(same[place])]
            found[metric.name] = Outcome(
                value=float(noise.mean()) if len(noise) else math.nan,
                noise=noise,
                reference_error=spread(reweighed),
                change_error=spread(reweighed - statistic(again)),
                window_error=spread(others[place]),
            )
        return found

    def _draw_metrics(self, predictions: Floats, reached: Integers, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """The metrics of drawn truths [metrics, draws]: of the rows themselves, and of rows drawn from them."""
        rows, draws = len(predictions), resamples(len(predictions))
        found = np.empty((2, len(self.metrics), draws))
        for draw, residuals in enumerate(self.draw_residuals(reached, draws, rng)):
            answers = ValueAnswers(predictions + residuals, predictions)
            weights = np.ones((2, rows))
            weights[1] = np.bincount(rng.integers(0, rows, rows), minlength=rows)
            for place, metric in enumerate(self.metrics):
                found[:, place, draw] = metric.prepare(answers)(weights)
        return found[0], found[1]


def prepare_values(reference: AnsweredRows, rng: np.random.Generator, names: Collection[str] = ()) -> ValueEstimator:
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
    leaves = forest.apply(described).astype(np.intp)
    return ValueEstimator(
        forest=forest,
        answers=answers,
        leaves=leaves,
        ordered=np.argsort(leaves, axis=0, kind="stable"),
        with_inputs=reference.inputs is not None,
        metrics=tuple(metric for metric in VALUE_METRICS if not names or metric.name in names),
    )


def _describe(answers: ValueAnswers, inputs: Floats | None) -> Floats:
    """What the forest sees of each row [n, d + 1]: the prediction, and the inputs where there are any."""
    return np.column_stack([answers.predictions[:, np.newaxis], *([] if inputs is None else [inputs])])
