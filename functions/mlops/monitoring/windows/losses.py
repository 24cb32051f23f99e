"""The tests for loss of a version in the spec's metric, with truth and without."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from mlops.evaluation.answered_rows import AnsweredRows
from mlops.evaluation.metrics.answers import Answers, ClassAnswers
from mlops.monitoring.estimate.history import EstimateHistory
from mlops.monitoring.facts import Basis, LossFacts
from mlops.monitoring.loss.estimated import EstimatedLoss
from mlops.monitoring.loss.realised import RealisedLoss
from mlops.monitoring.loss.sequential import LossTest
from mlops.monitoring.loss.trained import Trained
from mlops.spec import ModelSpec


@dataclass(frozen=True, eq=False)
class Losses:
    """The state of a version's two tests; None for one that can't be begun."""

    realised: RealisedLoss | None = None
    estimated: EstimatedLoss | None = None

    @classmethod
    def start(cls, spec: ModelSpec, held_out: AnsweredRows, rng: np.random.Generator) -> Self:
        """The tests before the first window."""
        answers = held_out.answers
        return cls(
            RealisedLoss.start(spec.metric, answers, spec.margin, rng),
            EstimatedLoss.start(spec.metric, answers, spec.margin, rng),
        )

    def tests(self, spec: ModelSpec) -> bool:
        """Whether these are the tests of the spec: its metric or margin may be another by now."""
        trained = [each.trained for each in (self.realised, self.estimated) if each]
        return bool(trained) and all((each.metric, each.margin) == (spec.metric, spec.margin) for each in trained)

    def observe_truths(self, answers: list[Answers], window: str, rng: np.random.Generator) -> Self:
        """After the rows whose first truth came in a window; their order doesn't matter."""
        if self.realised is None:
            return self
        return replace(self, realised=self.realised.observe(_join(answers) if answers else None, window, rng))

    def observe_estimate(self, history: EstimateHistory, window: str) -> Self:
        """After a window's estimate."""
        found = history.find(window)
        if self.estimated is None or found is None:
            return self
        metric = self.estimated.trained.metric
        if metric not in found.estimated:
            return self
        past = history.past(metric, window)
        estimated = self.estimated.observe(found.estimated[metric], found.place, past, window)
        return replace(self, estimated=estimated)

    def facts(self, truths_of: Mapping[str, str]) -> tuple[LossFacts, ...]:
        """What the tests show by now, of those that have looked.

        With truth a loss begins with the predictions, not with the truth about them: `truths_of` says of which day
        those were whose truth came in a window.
        """
        both: tuple[tuple[Basis, RealisedLoss | EstimatedLoss | None], ...] = (
            ("realised", self.realised),
            ("estimated", self.estimated),
        )
        found = [(basis, each) for basis, each in both if each and each.test.looks]
        return tuple(
            _describe(basis, each.trained, each.test, truths_of if basis == "realised" else {}) for basis, each in found
        )

    def to_dict(self) -> dict[str, Any]:
        """The state, ready for JSON."""
        return {
            "realised": None if self.realised is None else self.realised.to_dict(),
            "estimated": None if self.estimated is None else self.estimated.to_dict(),
        }

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Self:
        """The state that `to_dict` described."""
        realised, estimated = fields["realised"], fields["estimated"]
        return cls(
            None if realised is None else RealisedLoss.from_dict(realised),
            None if estimated is None else EstimatedLoss.from_dict(estimated),
        )


def _describe(basis: Basis, trained: Trained, test: LossTest, days: Mapping[str, str]) -> LossFacts:
    return LossFacts(
        basis=basis,
        metric=trained.metric,
        trained=trained.value,
        margin=trained.absolute_margin,
        evidence=test.highest,
        alarm_at=test.alarm_at,
        alarm=test.alarm,
        since=None if test.since is None else days.get(test.since, test.since),
    )


def _join(parts: list[Answers]) -> Answers:
    """The answers as one, in an order of their own: sums of numbers depend on their order in the last digits."""
    truth = np.concatenate([part.truth for part in parts])
    first = parts[0]
    if isinstance(first, ClassAnswers):
        chances = np.vstack([part.probabilities for part in parts if isinstance(part, ClassAnswers)])
        order = np.lexsort((*chances.T, truth))
        return replace(first, truth=truth[order], probabilities=chances[order])
    values = np.concatenate([part.predictions for part in parts if not isinstance(part, ClassAnswers)])
    order = np.lexsort((values, truth))
    return replace(first, truth=truth[order], predictions=values[order])
