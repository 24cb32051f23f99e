"""What single answers lose, between 0 and 1, so that the mean can be bet on; it depends on the spec's metric.

probabilities  of two labels: the squared error of the true label's probability (Brier), for metrics of probabilities
labels         1 for a wrong label, else 0: for other metrics, and for more labels, of which a record has the
               challenger's best alone
values         the error, squared for rmse and r2, as a share of the largest that counts: the 99 % quantile of the
               champion's held-out rows. What is further off counts as that. Without held-out rows, 1 for the version
               that is further off and 0 for the other.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mlops.contract import Contract
from mlops.evaluation.answered_rows import AnsweredRows
from mlops.evaluation.metrics.answers import Floats, ValueAnswers
from mlops.evaluation.metrics.catalog import RELATIVE
from mlops.monitoring.canary_facts import LossName

type Labels = NDArray[np.object_]

PROBABILITY_METRICS = ("brier", "log_loss", "roc_auc", "pr_auc", "calibration_error")
_CAP = 0.99


@dataclass(frozen=True)
class Loss:
    """A loss by its name; `cap` is the largest error that counts, `margin` the mean loss that doesn't matter."""

    name: LossName
    margin: float
    cap: float = 1.0

    @classmethod
    def choose(cls, contract: Contract, metric: str, margin: float, held_out: AnsweredRows | None) -> Self:
        """The loss for a spec's metric and margin, and the champion's held-out rows."""
        if contract.target.labels:
            is_two = len(contract.target.labels) == 2
            return cls("brier" if is_two and metric in PROBABILITY_METRICS else "misses", margin)
        answers = held_out.answers if held_out else None
        if not isinstance(answers, ValueAnswers):
            return cls("further off", margin)
        name: LossName = "squared error" if metric in ("rmse", "r2") else "absolute error"
        power = 2 if name == "squared error" else 1
        errors = np.abs(answers.residuals) ** power
        cap = float(np.quantile(errors, _CAP))
        if not cap > 0:
            return cls("further off", margin)
        usual = float(np.minimum(errors / cap, 1).mean())
        return cls(name, usual * ((1 + margin) ** power - 1) if metric in RELATIVE else margin, cap)

    def of_labels(self, label: Labels, probability: Floats, truth: Labels) -> Floats:
        """The losses of n answers: labels [n], their probabilities [n], and the true labels [n]."""
        is_right = np.asarray(label == truth, np.bool_)
        if self.name == "misses":
            return (~is_right).astype(np.float64)
        given = np.clip(np.where(is_right, probability, 1 - probability), 0, 1)
        lost: Floats = (1 - given) ** 2
        return lost

    def of_values(self, value: Floats, truth: Floats) -> Floats:
        """The losses of n answers of a regressor [n]; without a cap the errors themselves, to be compared."""
        errors: Floats = np.abs(value - truth)
        if self.name == "further off":
            return errors
        if self.name == "squared error":
            errors = errors**2
        capped: Floats = np.minimum(errors / self.cap, 1)
        return capped

    def difference(self, challenger: Floats, champion: Floats) -> Floats:
        """By how much the challenger lost more [n], from -1 to 1."""
        found: Floats = challenger - champion
        return np.sign(found) if self.name == "further off" else found
