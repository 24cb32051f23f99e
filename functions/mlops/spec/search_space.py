"""What a model spec leaves to training: the hyperparameters to try, and the threshold of a positive answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import isfinite
from typing import Any, Literal

type Choice = str | float | bool | None


@dataclass(frozen=True)
class Between:
    """Every number from `low` to `high`, both included: whole ones where both are whole.

    `log` tries each order of magnitude equally often, which suits a learning rate or a penalty.
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        if not (isfinite(self.low) and isfinite(self.high) and self.low < self.high):
            raise ValueError(f"the range from {self.low} to {self.high} is empty")
        if self.log and self.low <= 0:
            raise ValueError(f"a logarithmic range begins above 0, and this one at {self.low}")

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
                raise ValueError(
                    f"{type(self.estimator).__name__} has no parameter {name!r}; did you mean {near[0]!r}?"
                )
            if not isinstance(values, Between) and not values:
                raise ValueError(f"the choices for {name!r} are empty")


@dataclass(frozen=True)
class Costs:
    """What a false positive and a false negative cost, in any unit."""

    false_positive: float
    false_negative: float

    def __post_init__(self) -> None:
        if not (self.false_positive > 0 and self.false_negative > 0):
            raise ValueError("both costs must be above 0; without costs, leave the threshold out")


type Threshold = Literal["auto", "metric"] | float | Costs | None
"""How a binary answer is decided.

"metric": by the threshold that is best for accuracy if that's the spec's metric, and for F1 otherwise. "auto": the same
where one label is rare; else the most probable label is the answer, as always with None.
"""


def as_candidate(given: Any) -> Candidate:
    """A candidate, also where a spec names the estimator alone."""
    return given if isinstance(given, Candidate) else Candidate(given)


def check_threshold(threshold: Threshold, task: str, metric: str) -> str | None:
    """Why such a threshold can't be chosen for a model of this task and metric; None if it can."""
    if threshold is None or threshold == "auto":
        return None
    if task != "binary":
        return f"a threshold decides between two labels, and the target is {task}"
    if threshold == "metric" and metric in ("precision", "recall"):
        return (
            f"{metric} has no optimal threshold of its own; give the costs of wrong answers, threshold=Costs(...), "
            "or choose by f1"
        )
    if isinstance(threshold, int | float) and not 0 < threshold < 1:
        return f"the threshold is {threshold}; it must lie between 0 and 1"
    return None
