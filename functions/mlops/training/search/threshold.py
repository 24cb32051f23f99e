"""From which probability a binary answer is positive."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from mlops.evaluation.metrics.answers import ClassAnswers, Floats
from mlops.evaluation.metrics.decisions import ACCURACY, F1
from mlops.spec.search_space import Costs, Threshold
from mlops.training.search.one_standard_error import simplest_within_error

_BY_NAME = {"accuracy": ACCURACY, "f1": F1}
RARE = 0.1
"""A label that is less than this share of the rows is rare: it's seldom the most probable one, so never the answer."""


@dataclass(frozen=True, eq=False)
class Cuts:
    """The counts if the most probable rows are answered positive: none, one, … all [n + 1].

    `hits` and `alarms` count the positives and the others among them; `low` and `high` bound the thresholds for it.
    """

    hits: Floats
    alarms: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, answers: ClassAnswers) -> Self:
        """The cuts between a binary model's answers."""
        probabilities = answers.probabilities[:, answers.positive]
        order = np.argsort(-probabilities, kind="stable")
        hits = np.concatenate([[0.0], np.cumsum(answers.truth[order] == answers.positive)])
        high, low = np.concatenate([[1.0], probabilities[order]]), np.concatenate([probabilities[order], [0.0]])
        return cls(hits, np.arange(len(hits)) - hits, low, high)

    def utility(self, wanted: Costs | str) -> Floats:
        """The utility of each cut, up to a constant."""
        positives = self.hits[-1]
        if isinstance(wanted, Costs):
            utility = -(wanted.false_positive * self.alarms + wanted.false_negative * (positives - self.hits))
        elif wanted == "accuracy":
            utility = self.hits - self.alarms
        else:
            utility = 2 * self.hits / (self.hits + self.alarms + positives)
        return np.asarray(utility)

    def best(self, wanted: Costs | str, natural: float) -> float:
        """The threshold of the highest utility; of equals, the nearest to the natural one."""
        # No threshold separates rows with equal probabilities.
        utility = np.where(self.low < self.high, self.utility(wanted), -np.inf)
        equals = np.flatnonzero(utility == utility.max())
        low, high = self.low[equals], self.high[equals]
        nearest = int(np.argmin(np.maximum(np.maximum(low - natural, natural - high), 0)))
        least, most = float(low[nearest]), float(high[nearest])
        middle = natural if least < natural <= most else (least + most) / 2
        return middle if least < middle else most


def choose_threshold(folds: Sequence[ClassAnswers], wanted: Threshold, metric: str) -> float | None:
    """The threshold that a spec wants, from held-out answers in folds; None: the most probable label is the answer.

    For a metric, or for costs, it's the one that is best on the held-out rows, unless the one that calibrated
    probabilities call for is as good within a standard error: 0.5, and for costs c+ / (c+ + c-) with what a false
    positive and a false negative cost (Elkan, "The foundations of cost-sensitive learning", 2001). "auto" is the best
    for the rarer label, whichever is the positive one, and None if none is rare.
    """
    if wanted is None or isinstance(wanted, int | float):
        return wanted
    if wanted == "auto":
        first = folds[0]
        positives = np.concatenate([fold.truth == first.positive for fold in folds]).mean() if first.binary else 0.5
        if min(positives, 1 - positives) >= RARE:
            return None
        if positives > RARE:
            others = [replace(fold, positive=1 - fold.positive) for fold in folds]
            return 1 - _choose_best(others, "metric", metric)
    return _choose_best(folds, wanted, metric)


def _choose_best(folds: Sequence[ClassAnswers], wanted: Costs | str, metric: str) -> float:
    costs = wanted if isinstance(wanted, Costs) else None
    metric = metric if metric in _BY_NAME else "f1"
    natural = costs.false_positive / (costs.false_positive + costs.false_negative) if costs else 0.5
    best = Cuts.of(_join(folds)).best(costs or metric, natural)

    def scores(threshold: float) -> list[float]:
        answers = [replace(fold, threshold=threshold) for fold in folds]
        return [-mean_cost(each, costs) if costs else _BY_NAME[metric].value(each) for each in answers]

    return (natural, best)[simplest_within_error([scores(natural), scores(best)])]


def mean_cost(answers: ClassAnswers, costs: Costs) -> float:
    """The mean cost of wrong answers."""
    answered = answers.decided == answers.positive
    true = answers.truth == answers.positive
    alarms, misses = float((answered & ~true).sum()), float((~answered & true).sum())
    return (costs.false_positive * alarms + costs.false_negative * misses) / len(answers)


def _join(folds: Sequence[ClassAnswers]) -> ClassAnswers:
    return replace(
        folds[0],
        truth=np.concatenate([fold.truth for fold in folds]),
        probabilities=np.concatenate([fold.probabilities for fold in folds]),
    )
