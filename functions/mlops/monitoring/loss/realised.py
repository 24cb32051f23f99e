"""The test for loss on rows with truth."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
from scipy.stats import norm

from mlops.evaluation.metrics.answers import Answers, ClassAnswers, ValueAnswers
from mlops.evaluation.metrics.catalog import RELATIVE
from mlops.monitoring.loss.row_losses import row_losses
from mlops.monitoring.loss.sequential import Baseline, LossTest, Margin
from mlops.monitoring.loss.trained import TEST_ALPHA, Trained, prepare_metric, standard_error

FEWEST_ROWS = 200
"""A metric that is no mean over rows is looked at on so many rows with truth: rows wait for others."""
MOST_WAITING = 2000
"""Where the metric isn't defined for long, as without any row of a label, the latest rows wait."""
_SHARES = ("accuracy", "precision", "recall")


@dataclass(frozen=True, eq=False)
class RealisedLoss:
    """The state of the test of one metric of a version, after window `window`.

    `by_rows`: the metric is a mean over single rows, whose expected loss may be at most `limit`; otherwise a window's
    loss is. A row's loss, or what a metric would be of one row, has the standard deviation `deviation` at training.
    `waiting` are rows that are too few for a look of their own.
    """

    trained: Trained
    by_rows: bool
    limit: float
    deviation: float
    test: LossTest
    window: str | None = None
    waiting: Answers | None = None

    @classmethod
    def start(cls, metric: str, held_out: Answers, margin: float, rng: np.random.Generator) -> Self | None:
        """The test before its first window, from the answers to the held-out rows and the spec's margin.

        None where the metric can't be tested: it isn't defined on the held-out rows, or they show no error at all of
        which the margin could be a share.
        """
        trained = Trained.measure(metric, held_out, margin, rng)
        if trained is None or (metric in RELATIVE and trained.value == 0):
            return None
        losses = row_losses(metric, held_out)
        if losses is not None:
            baseline = Baseline.from_losses(losses, share=metric in _SHARES, alpha=TEST_ALPHA)
            allowed = _margin(trained)
            unit = allowed.limit(baseline.mean) - baseline.mean or baseline.upper - baseline.mean
            test = LossTest.start(unit, TEST_ALPHA)
            return cls(trained, True, allowed.limit(baseline.upper), baseline.deviation, test)
        bound = float(norm.ppf(1 - TEST_ALPHA / 2)) * trained.error
        limit = -trained.sign * trained.value + trained.absolute_margin + bound
        test = LossTest.start(trained.absolute_margin or trained.error, TEST_ALPHA)
        return cls(trained, False, limit, trained.error * math.sqrt(len(held_out)), test)

    def observe(self, answers: Answers | None, window: str, rng: np.random.Generator) -> Self:
        """The state after the rows whose truth was received in a window (None: there are none).

        The window that was observed last changes nothing. Raises ValueError for an earlier one.
        """
        if self.window is not None and window <= self.window:
            if window == self.window:
                return self
            raise ValueError(f"window {window} comes after {self.window} was observed")
        seen = replace(self, window=window)
        if answers is None:
            return seen
        if not self.by_rows:
            return seen._observe_window(answers, window, rng)
        losses = row_losses(self.trained.metric, answers)
        assert losses is not None
        return replace(seen, test=self.test.observe_rows(losses, self.limit, self.deviation, window))

    def _observe_window(self, answers: Answers, window: str, rng: np.random.Generator) -> Self:
        rows = _join(self.waiting, answers)
        statistic = prepare_metric(self.trained.metric, rows)
        value = float(statistic(np.ones((1, len(rows))))[0])
        if len(rows) < FEWEST_ROWS or not math.isfinite(value):
            return replace(self, waiting=rows.take(np.arange(len(rows))[-MOST_WAITING:]))
        # A window whose own error happens to be small mustn't count for more.
        error = max(standard_error(statistic, len(rows), rng), self.deviation / math.sqrt(len(rows)))
        loss = -self.trained.sign * value
        return replace(self, test=self.test.observe_window(loss, error, self.limit, window), waiting=None)

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """The state that `to_dict` wrote."""
        waiting = state["waiting"]
        parts = {
            "trained": Trained(**state["trained"]),
            "test": LossTest.from_dict(state["test"]),
            "waiting": None if waiting is None else _read_answers(waiting),
        }
        return cls(**{**state, **parts})

    def to_dict(self) -> dict[str, Any]:
        """The state, ready for JSON; nothing is lost."""
        return {
            "trained": asdict(self.trained),
            "by_rows": self.by_rows,
            "limit": self.limit,
            "deviation": self.deviation,
            "test": self.test.to_dict(),
            "window": self.window,
            "waiting": None if self.waiting is None else _write_answers(self.waiting),
        }


def _margin(trained: Trained) -> Margin:
    """The margin of the mean loss of a row: that of rmse is a squared error."""
    if trained.metric not in RELATIVE:
        return Margin(addend=trained.margin)
    return Margin(factor=(1 + trained.margin) ** (2 if trained.metric == "rmse" else 1))


def _join(waiting: Answers | None, answers: Answers) -> Answers:
    if isinstance(waiting, ClassAnswers) and isinstance(answers, ClassAnswers):
        truth = np.concatenate([waiting.truth, answers.truth])
        return replace(answers, truth=truth, probabilities=np.vstack([waiting.probabilities, answers.probabilities]))
    if isinstance(waiting, ValueAnswers) and isinstance(answers, ValueAnswers):
        truth = np.concatenate([waiting.truth, answers.truth])
        return ValueAnswers(truth, np.concatenate([waiting.predictions, answers.predictions]))
    return answers


def _write_answers(answers: Answers) -> dict[str, Any]:
    if isinstance(answers, ValueAnswers):
        return {"truth": answers.truth.tolist(), "predictions": answers.predictions.tolist()}
    return {
        "truth": answers.truth.tolist(),
        "probabilities": answers.probabilities.tolist(),
        "labels": list(answers.labels),
        "positive": answers.positive,
        "threshold": answers.threshold,
    }


def _read_answers(written: Mapping[str, Any]) -> Answers:
    if "predictions" in written:
        return ValueAnswers(np.array(written["truth"], np.float64), np.array(written["predictions"], np.float64))
    truth, probabilities = np.array(written["truth"], np.intp), np.array(written["probabilities"], np.float64)
    return ClassAnswers(truth, probabilities, tuple(written["labels"]), written["positive"], written["threshold"])
