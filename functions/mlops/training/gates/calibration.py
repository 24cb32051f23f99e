"""The probabilities match the frequencies: a calibration error beyond chance, and large enough to matter, fails.

What matters depends on how rare a label is: 5 points are little beside 50 %, and five times too much beside 1 %.
"""

from dataclasses import dataclass

import numpy as np

from mlops.evaluation.bootstrap import CELLS_AT_ONCE, RESAMPLES, affordable_resamples
from mlops.evaluation.metrics.answers import ClassAnswers, join_answers
from mlops.evaluation.metrics.probabilities import CALIBRATION_ERROR, equal_mass_bins, predicted_and_observed
from mlops.registry.manifest.manifest import Gate
from mlops.training.gates.formatting import write_p_value

ALPHA = 0.025
EXCESS = 0.05
"""The calibration error beyond chance's that matters; with many rows the smallest one differs from chance."""
RELATIVE_EXCESS = 0.5
"""The same as a share of how often the rarer of two labels is true."""


@dataclass(frozen=True)
class CalibrationTest:
    """The observed calibration error, and what perfectly calibrated probabilities would show on as many rows.

    `expected` is the mean of that, `limit` its 95th percentile, and `p_value` the chance of an error this large.
    `rarest` is the share of the rarer of two labels; None for more.
    """

    error: float
    expected: float
    limit: float
    p_value: float
    rows: int
    rarest: float | None = None

    @property
    def excess(self) -> float:
        """The error beyond chance's that is allowed."""
        return EXCESS if self.rarest is None else min(EXCESS, RELATIVE_EXCESS * self.rarest)

    @property
    def required(self) -> float:
        """The largest error that is allowed, however many rows show it."""
        return self.expected + self.excess

    @property
    def passes(self) -> bool:
        """Whether the error could be chance, or is no larger than is allowed."""
        return self.p_value > ALPHA or self.error <= self.required

    def describe(self) -> str:
        """The evidence in a clause."""
        found = (
            f"the calibration error is {self.error:.4f}; a perfectly calibrated model would have {self.expected:.4f} "
            f"on average on {self.rows} rows ({write_p_value(self.p_value)}); {self.excess:.4f} more are allowed"
        )
        if self.rarest is not None and self.excess < EXCESS:
            found += f", half of how often the rarer label is true ({self.rarest:.2%})"
        return found


def gate_calibration(answers: ClassAnswers, rng: np.random.Generator, held_out: ClassAnswers | None = None) -> Gate:
    """The calibration error could be chance, or exceeds what chance explains by no more than is allowed.

    That is EXCESS, or for two labels RELATIVE_EXCESS of the rarer one's share if that is less. On the hundred test rows
    of a small table a model that is well calibrated fails by chance too often, so what the test rows show must be seen
    on all rows that were not fitted on: with the `held_out` ones of cross-validation added to them.
    """
    found = measure_calibration(answers, rng, affordable_resamples(len(answers)))
    detail = found.describe()
    passed = found.passes
    if not passed and held_out is not None:
        every = join_answers([answers, held_out])
        wider = measure_calibration(every, rng, affordable_resamples(len(every)))
        passed = wider.passes
        detail += f"; with the rows held out in cross-validation, {wider.describe()}"
    return Gate(name="calibration", passed=passed, observed=found.error, required=found.required, detail=detail)


def measure_calibration(answers: ClassAnswers, rng: np.random.Generator, resamples: int = RESAMPLES) -> CalibrationTest:
    """Compare the calibration error with that of outcomes drawn from the predicted probabilities themselves.

    Consistency resampling (Bröcker & Smith, Weather and Forecasting 22, 2007). An error alone can't be judged: on
    100 rows even a perfectly calibrated model shows one of several points.
    """
    predicted, outcomes = predicted_and_observed(answers)
    bins = equal_mass_bins(predicted)
    one_hot = np.eye(bins.max() + 1)[bins]
    block = max(1, CELLS_AT_ONCE // len(predicted))
    drawn = []
    for start in range(0, resamples, block):
        observed = rng.random((min(block, resamples - start), len(predicted))) < predicted
        drawn.append(np.abs((predicted - observed) @ one_hot).sum(axis=1) / len(predicted))
    errors = np.concatenate(drawn)
    seen = CALIBRATION_ERROR.value(answers)
    return CalibrationTest(
        error=seen,
        expected=float(errors.mean()),
        limit=float(np.quantile(errors, 0.95)),
        p_value=float((1 + (errors >= seen).sum()) / (1 + resamples)),
        rows=len(answers),
        rarest=float(min(outcomes.mean(), 1 - outcomes.mean())) if answers.binary else None,
    )
