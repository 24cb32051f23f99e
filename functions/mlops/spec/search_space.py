"""What a model spec leaves to training: the hyperparameters to try, and when an answer is positive."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import isfinite
from typing import Any, Literal

type Choice = str | float | bool | None


@dataclass(frozen=True)
class Between:
    """Every number from `low` to `high`, both included: whole ones where both are whole.

    `log` tries each order of magnitude equally often, as suits what acts by factors (a learning rate, a penalty).
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        if not (isfinite(self.low) and isfinite(self.high) and self.low < self.high):
            raise ValueError(f"there is no number to try from {self.low} to {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"orders of magnitude begin above 0, and not at {self.low}")

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are meant."""
        return isinstance(self.low, int) and isinstance(self.high, int)


@dataclass(frozen=True)
class Candidate:
    """An unfitted scikit-learn estimator, and the parameters of it that training may try other values of.

    `search` names them as `get_params` does (`logisticregression__C` in a pipeline), each with a range, or with the
    values to choose from. The estimator's own values are always tried first. Raises ValueError for a parameter that
    the estimator hasn't.
    """

    estimator: Any
    search: Mapping[str, Between | tuple[Choice, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = self.estimator.get_params()
        for name, values in self.search.items():
            if name not in known:
                near = get_close_matches(name, known, n=1, cutoff=0)
                raise ValueError(f"{type(self.estimator).__name__} has no parameter {name!r}; is {near[0]!r} meant?")
            if not isinstance(values, Between) and not values:
                raise ValueError(f"there is no value to try for {name!r}")


@dataclass(frozen=True)
class Costs:
    """What a wrong answer costs, in any unit: a positive one that isn't true, and a negative one that isn't."""

    false_positive: float
    false_negative: float

    def __post_init__(self) -> None:
        if not (self.false_positive > 0 and self.false_negative > 0):
            raise ValueError("each kind of wrong answer costs more than nothing; leave the threshold out otherwise")


type Threshold = Literal["metric"] | float | Costs | None

# The metrics of decisions that are best at some threshold between never and always.
DECIDING = ("accuracy", "f1")


def as_candidate(given: Any) -> Candidate:
    """A candidate, also where a spec names the estimator alone."""
    return given if isinstance(given, Candidate) else Candidate(given)


def check_threshold(threshold: Threshold, task: str, metric: str) -> str | None:
    """Why such a threshold can't be chosen for a model of this task and metric; None if it can."""
    if threshold is None:
        return None
    if task != "binary":
        return f"a threshold decides between two labels, and the target is {task}"
    if threshold == "metric" and metric not in DECIDING:
        return (
            f"no threshold is best for {metric} alone; name what wrong answers cost, threshold=Costs(...), "
            f"or choose by {' or '.join(DECIDING)}"
        )
    if isinstance(threshold, int | float) and not 0 < threshold < 1:
        return f"the threshold is {threshold}; it must lie between 0 and 1"
    return None
