"""The estimates of a version's windows, what came true of them, and so what later estimates learn from them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np

from mlops.evaluation.answered_rows import AnsweredRows
from mlops.evaluation.metrics.catalog import measure
from mlops.monitoring.estimate.assessment import AssessedEstimate, Assessment, assess
from mlops.monitoring.estimate.instability import Difference
from mlops.monitoring.estimate.window import FEWEST_ROWS, MOST_ROWS, Estimated, Estimator, estimate_window
from mlops.records.window import Window

KEPT = 60
"""Windows whose estimates are kept, the latest."""
GROWTH = 1.1
"""A window is judged again when so many times more of its rows have a truth."""


@dataclass(frozen=True)
class WindowEstimates:
    """A window's estimates by metric, and once `labelled` of its rows have a truth, the realised metrics.

    `differences` are realised minus estimated, on the rows with truth. Metrics that aren't defined are left out.
    """

    window: str
    place: int
    estimated: dict[str, Estimated]
    labelled: int = 0
    realised: Mapping[str, float] | None = None
    differences: Mapping[str, Difference] | None = None

    @property
    def assessed(self) -> list[AssessedEstimate]:
        """The estimates with what came true of them."""
        realised = self.realised or {}
        return [
            AssessedEstimate(metric, self.place, each, realised[metric], self.labelled)
            for metric, each in self.estimated.items()
            if metric in realised
        ]


@dataclass(frozen=True)
class EstimateHistory:
    """The state of a version's estimates: those of the latest windows, in the order of time.

    `first` is the version's first window, from which places count; `before` are the differences that the held-out rows
    themselves had (see `backtest`), by metric.
    """

    first: str | None = None
    before: Mapping[str, Sequence[Difference]] | None = None
    windows: tuple[WindowEstimates, ...] = ()

    def place(self, window: str) -> int:
        """The number of a window, counted from the version's first. Raises ValueError for one that isn't a window."""
        own, first = Window.parse(window), Window.parse(self.first or window)
        return (own.start - first.start) // (own.end - own.start)

    def past(self, metric: str, window: str) -> list[Difference]:
        """The differences of a metric that are known by now, of windows before this one."""
        known = [each.differences[metric] for each in self.windows if each.differences and metric in each.differences]
        earlier = [each for each in known if each.place < self.place(window)]
        return [*(self.before or {}).get(metric, ()), *earlier]

    def find(self, window: str) -> WindowEstimates | None:
        """What is known of a window; None if it wasn't estimated, or so long ago that it isn't kept."""
        return next((each for each in self.windows if each.window == window), None)

    def estimate(self, window: str, estimator: Estimator, rows: AnsweredRows, rng: np.random.Generator) -> Self:
        """The history with a window's estimates, which `find` gives; its rows' truth isn't looked at.

        A window that was estimated before is estimated anew, and what came true of it stays.
        """
        past = {metric: self.past(metric, window) for metric in estimator.names}
        place = self.place(window)
        estimated = estimate_window(estimator, rows, place, past, rng)
        found = replace(self.find(window) or WindowEstimates(window, place, {}), estimated=estimated)
        return replace(self, first=self.first or window)._with(found)

    def judge(self, window: str, estimator: Estimator, labelled: AnsweredRows, rng: np.random.Generator) -> Self:
        """The history after truth has come for some or all of a window's rows.

        The same history where the window has no estimates, fewer than 30 rows have a truth, or not a tenth more than
        when it was judged last.
        """
        found = self.find(window)
        if found is None or len(labelled) < max(FEWEST_ROWS, GROWTH * found.labelled):
            return self
        realised = {metric: value for metric, value in measure(labelled.answers).items() if np.isfinite(value)}
        differences = _compare(found, estimator, labelled, realised, rng)
        return self._with(replace(found, labelled=len(labelled), realised=realised, differences=differences))

    def assess(self) -> dict[str, Assessment]:
        """How good the estimates of the windows with truth were, by metric."""
        return assess([each for window in self.windows for each in window.assessed])

    def _with(self, found: WindowEstimates) -> Self:
        others = [each for each in self.windows if each.window != found.window]
        ordered = sorted([*others, found], key=lambda each: each.place)
        return replace(self, windows=tuple(ordered[-KEPT:]))

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """The state that `to_dict` wrote."""
        before = {
            metric: tuple(Difference(**each) for each in past) for metric, past in (state["before"] or {}).items()
        }
        return cls(state["first"], before or None, tuple(_read_window(each) for each in state["windows"]))

    def to_dict(self) -> dict[str, Any]:
        """The state, ready for JSON; nothing is lost."""
        before = {metric: [asdict(each) for each in past] for metric, past in (self.before or {}).items()}
        return {"first": self.first, "before": before or None, "windows": [asdict(each) for each in self.windows]}


def _compare(
    found: WindowEstimates,
    estimator: Estimator,
    labelled: AnsweredRows,
    realised: Mapping[str, float],
    rng: np.random.Generator,
) -> dict[str, Difference]:
    """Realised minus estimated on the rows with truth: where those aren't all, they are estimated by themselves."""
    if all(each.rows == len(labelled) for each in found.estimated.values()):
        return {each.metric: each.difference for each in replace(found, realised=realised).assessed}
    outcomes = estimator.outcomes(labelled.sample(MOST_ROWS, rng), rng)
    return {
        metric: Difference(
            found.place, realised[metric] - outcome.value, float(outcome.noise.std()), outcome.disagreement
        )
        for metric, outcome in outcomes.items()
        if metric in realised and np.isfinite(outcome.value) and len(outcome.noise)
    }


def _read_window(state: Mapping[str, Any]) -> WindowEstimates:
    estimated = {metric: Estimated(**each) for metric, each in state["estimated"].items()}
    differences = state["differences"]
    return WindowEstimates(
        window=state["window"],
        place=state["place"],
        estimated=estimated,
        labelled=state["labelled"],
        realised=state["realised"],
        differences=differences and {metric: Difference(**each) for metric, each in differences.items()},
    )
