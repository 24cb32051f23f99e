"""Whether probabilities come true as often as they claim, beyond what chance explains."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mlops.training.evaluation.bootstrap import CELLS_AT_ONCE, RESAMPLES
from mlops.training.evaluation.metrics.answers import ClassAnswers
from mlops.training.evaluation.metrics.probabilities import CALIBRATION_ERROR, claims, equal_mass_bins


@dataclass(frozen=True)
class Calibration:
    """The calibration error seen, beside what perfectly calibrated answers would show on as many rows.

    `expected` is the mean of that, `limit` its 95th percentile, and `p_value` the chance of an error this large.
    """

    error: float
    expected: float
    limit: float
    p_value: float
    rows: int

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self)


def check_calibration(answers: ClassAnswers, rng: np.random.Generator, resamples: int = RESAMPLES) -> Calibration:
    """Compare the calibration error with that of outcomes drawn from the claimed probabilities themselves.

    Consistency resampling (Bröcker & Smith, Weather and Forecasting 22, 2007). An error alone can't be judged: on
    100 rows even a perfectly calibrated model shows one of several points.
    """
    claimed, _ = claims(answers)
    bins = equal_mass_bins(claimed)
    one_hot = np.eye(bins.max() + 1)[bins]
    block = max(1, CELLS_AT_ONCE // len(claimed))
    drawn = []
    for start in range(0, resamples, block):
        came_true = rng.random((min(block, resamples - start), len(claimed))) < claimed
        drawn.append(np.abs((claimed - came_true) @ one_hot).sum(axis=1) / len(claimed))
    errors = np.concatenate(drawn)
    seen = CALIBRATION_ERROR.value(answers)
    return Calibration(
        error=seen,
        expected=float(errors.mean()),
        limit=float(np.quantile(errors, 0.95)),
        p_value=float((1 + (errors >= seen).sum()) / (1 + resamples)),
        rows=len(answers),
    )
