"""Performance where there's no truth: what of a window's rows is estimated, by which of the version's estimators."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mlops.evaluation.answered_rows import AnsweredRows
from mlops.monitoring.estimate.history import EstimateHistory
from mlops.monitoring.estimate.window import FEWEST_ROWS, Estimator, prepare
from mlops.monitoring.facts import AssessmentFacts, Figure
from mlops.monitoring.window_rows import WindowRows


@dataclass(frozen=True)
class VersionEstimator:
    """Estimates a version's windows, from its held-out rows: by inputs where enough rows have them, or without."""

    held_out: AnsweredRows
    seed: int

    def estimate(
        self, history: EstimateHistory, window: str, rows: WindowRows, rng: np.random.Generator
    ) -> EstimateHistory:
        """The history with the window's estimates."""
        estimator, answered = self._choose(rows)
        return history.estimate(window, estimator, answered, rng)

    def judge(
        self, history: EstimateHistory, window: str, labelled: WindowRows, rng: np.random.Generator
    ) -> EstimateHistory:
        """The history after truth has come for rows of a window."""
        found = history.find(window)
        if found is None:
            return history
        estimator, answered = self._choose(labelled)
        return history.judge(window, estimator, answered, rng)

    def _choose(self, rows: WindowRows) -> tuple[Estimator, AnsweredRows]:
        described = rows.described() if self.held_out.inputs is not None else None
        if described is not None and len(described) >= FEWEST_ROWS:
            return self._by_inputs, described
        return self._by_answers, rows.answered()

    @cached_property
    def _by_inputs(self) -> Estimator:
        return prepare(self.held_out, np.random.default_rng(self.seed))

    @cached_property
    def _by_answers(self) -> Estimator:
        return prepare(self.held_out.without_inputs(), np.random.default_rng(self.seed))


def estimated_figures(history: EstimateHistory, window: str) -> dict[str, Figure]:
    """The window's estimates by metric."""
    found = history.find(window)
    return {
        name: Figure(value=each.value, low=each.low, high=each.high, level=each.level, rows=each.rows)
        for name, each in (found.estimated if found else {}).items()
    }


def assessment_facts(history: EstimateHistory) -> dict[str, AssessmentFacts]:
    """How good the version's estimates were, by metric."""
    return {
        name: AssessmentFacts(
            windows=each.windows, covered=each.covered, mean_error=each.mean_error, trustworthy=each.trustworthy
        )
        for name, each in history.assess().items()
    }
