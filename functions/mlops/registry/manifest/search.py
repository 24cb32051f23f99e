"""How a version's estimator was chosen: every trial of the search, and its result."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

type Ended = Literal["trials", "time", "space"]
type CalibrationMethod = Literal["sigmoid", "isotonic"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class Trial(_Frozen):
    """One candidate with one set of parameters, cross-validated.

    `parameters` are those that the search chose, {} for the candidate as the spec has it. `folds` are the metric in
    each fold, in order; fewer than the others have where the trial was pruned, since it had fallen behind by then.
    `score` is their mean. `seconds` says how long it took. A trial whose estimator failed has the `failure` as a
    sentence, and neither folds nor score.
    """

    number: int
    candidate: str
    parameters: dict[str, Any]
    folds: tuple[float, ...]
    score: float | None
    pruned: bool
    seconds: float
    failure: str | None = None


class Search(_Frozen):
    """The trials in their order, the number of the one that won and why, and the calibration method.

    `rows` is how many training rows were searched on. `ended` says what ended the trials: their number, "space" where
    nothing was left to try, or "time" where the budget cut them: the same data and seed then find the same model only
    when asked for as many trials. The winner was chosen by so many `repeats` of cross-validation. `calibration` is the
    method by which the probabilities were calibrated, if that helped; `losses` holds the cross-validated log loss of
    each method.
    """

    metric: str
    trials: tuple[Trial, ...]
    winner: int
    reason: str
    rows: int
    ended: Ended
    repeats: int = 1
    calibration: CalibrationMethod | None = None
    losses: dict[str, float] = {}
