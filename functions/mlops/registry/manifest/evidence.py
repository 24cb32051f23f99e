"""The evidence about a version: metrics with intervals, and the comparison with the champion."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

type Verdict = Literal["better", "not worse", "undecided", "worse"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class Interval(_Frozen):
    """A two-sided confidence interval of a metric."""

    low: float
    high: float
    level: float
    method: str


class Estimate(_Frozen):
    """A metric on `rows` rows with its interval; None where it isn't defined, and then `reason` says why."""

    value: float | None
    rows: int
    interval: Interval | None = None
    reason: str | None = None


class Slice(_Frozen):
    """The metrics of some of the test rows, those where `where` holds, such as `site = north`."""

    where: str
    rows: int
    estimates: dict[str, Estimate]


class Difference(_Frozen):
    """How a version differs from another in one metric: on all rows, or where `where` holds.

    `difference` is candidate minus champion, signed so that positive is better in every metric, `low` to `high` its
    interval of level 1 - 2 alpha. The p-values test "no better", "worse by the margin or more" and "worse by no
    more than the margin": small ones show a gain, a candidate that is not worse, and harm. `verdict` draws the
    conclusion, at alpha for a gain or harm, and at 0.05 for being not worse.
    """

    metric: str
    where: str
    rows: int
    candidate: float
    champion: float
    difference: float
    low: float
    high: float
    margin: float
    p_better: float
    p_not_worse: float
    p_worse: float
    alpha: float
    verdict: Verdict


class Comparison(_Frozen):
    """The comparison with another `version` on rows that neither was trained on, or the `reason` why there's none.

    Of the `rows`, the two versions themselves answered `fresh_rows`. The others are training rows, each answered by
    both procedures fitted again without it, on so many `repeats` of folds; `not_repeated` says why there are none.
    `untold` names slices where the metric isn't defined.
    """

    version: int
    rows: int = 0
    fresh_rows: int = 0
    repeats: int = 0
    not_repeated: str | None = None
    overall: Difference | None = None
    slices: tuple[Difference, ...] = ()
    untold: tuple[str, ...] = ()
    reason: str | None = None
