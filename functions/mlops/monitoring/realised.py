"""Performance realised: every metric on the rows whose truth has arrived, next to its value at training.

The rows with truth stand for all rows only if truth arrives independently of whether the answer was right, given what
the slices tell apart. Where it doesn't (only accepted applicants ever repay), the figures hold for the labelled rows
alone; that is why the share of predictions that have a truth is part of the result.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mlops.evaluation.intervals import estimate_all
from mlops.evaluation.metrics.answers import Answers
from mlops.evaluation.metrics.catalog import SIGNS
from mlops.evaluation.slices import MINIMUM_ROWS, Slice
from mlops.registry.manifest.evidence import Estimate
from mlops.registry.manifest.manifest import Manifest

OVERALL = "all rows"
MOST_ROWS = 50_000
"""Of more rows with truth a sample is measured, which is accurate to half a point."""

type Trained = Mapping[str, Mapping[str, Estimate]]
"""The metrics at training by part ("all rows" or a slice such as "site = north"), and in it by name."""


@dataclass(frozen=True)
class Change:
    """A metric now minus at training, signed so that positive is better, with its interval `low` to `high`."""

    metric: str
    before: float
    now: float
    difference: float
    low: float
    high: float
    level: float

    @property
    def significantly_worse(self) -> bool:
        """Whether the whole interval is below zero."""
        return self.high < 0


@dataclass(frozen=True)
class Part:
    """The metrics of all rows or of one slice; `reason` says why there are none."""

    where: str
    rows: int
    estimates: dict[str, Estimate]
    changes: dict[str, Change]
    reason: str | None = None


@dataclass(frozen=True)
class Realised:
    """A window's realised performance: `labelled` of its `predictions` have a truth."""

    predictions: int
    labelled: int
    overall: Part
    slices: tuple[Part, ...]

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return {
            "predictions": self.predictions,
            "labelled": self.labelled,
            "overall": _to_dict(self.overall),
            "slices": [_to_dict(part) for part in self.slices],
        }


def trained_metrics(manifest: Manifest) -> Trained:
    """The metrics of a version at training, overall and on its slices."""
    return {OVERALL: manifest.estimates, **{part.where: part.estimates for part in manifest.slices}}


def measure_realised(
    answers: Answers | None,
    predictions: int,
    trained: Trained,
    slices: Sequence[Slice],
    rng: np.random.Generator,
    minimum_rows: int = MINIMUM_ROWS,
) -> Realised:
    """Measure the labelled rows of a window, overall and per slice.

    `answers` are those of the rows with truth (None: no row has one) out of `predictions` rows. `slices` hold positions
    in `answers`: see `match_slices`. A part of fewer than `minimum_rows` rows isn't measured, and says so.
    """
    labelled = 0 if answers is None else len(answers)
    overall = _measure(OVERALL, answers, trained.get(OVERALL, {}), rng, minimum_rows)
    parts = tuple(
        _measure(
            str(each), answers.take(each.rows) if len(each) else None, trained.get(str(each), {}), rng, minimum_rows
        )
        for each in slices
        if answers is not None
    )
    return Realised(predictions, labelled, overall, parts)


def _measure(
    where: str,
    answers: Answers | None,
    before: Mapping[str, Estimate],
    rng: np.random.Generator,
    minimum_rows: int,
) -> Part:
    if answers is None:
        return Part(where, 0, {}, {}, "no row has a truth yet")
    rows = len(answers)
    if rows < minimum_rows:
        return Part(where, rows, {}, {}, f"{rows} rows with truth are too few to measure: {minimum_rows} are needed")
    if rows > MOST_ROWS:
        answers = answers.take(np.sort(rng.choice(rows, MOST_ROWS, replace=False)))
    estimates = estimate_all(answers, rng)
    changes = {
        name: found
        for name, now in estimates.items()
        if name in before and (found := compare(name, before[name], now)) is not None
    }
    return Part(where, rows, estimates, changes)


def compare(metric: str, before: Estimate, now: Estimate) -> Change | None:
    """The difference of a metric on independent rows, or None where it has no interval before or now.

    The interval is recovered from those of the two metrics (MOVER; Zou & Donner, Statistics in Medicine 27, 2008). It
    keeps their skewness, and needs nothing of the training rows but what the manifest holds.
    """
    if before.value is None or before.interval is None or now.value is None or now.interval is None:
        return None
    sign, old, new = SIGNS[metric], before.interval, now.interval
    low = (now.value - before.value) - math.hypot(now.value - new.low, old.high - before.value)
    high = (now.value - before.value) + math.hypot(new.high - now.value, before.value - old.low)
    worst, best = sorted((sign * low, sign * high))
    return Change(
        metric=metric,
        before=before.value,
        now=now.value,
        difference=sign * (now.value - before.value),
        low=worst,
        high=best,
        level=min(old.level, new.level),
    )


def _to_dict(part: Part) -> dict[str, Any]:
    return {
        "where": part.where,
        "rows": part.rows,
        "estimates": {name: each.model_dump(mode="json") for name, each in part.estimates.items()},
        "changes": {
            name: {**asdict(each), "significantly_worse": each.significantly_worse}
            for name, each in part.changes.items()
        },
        "reason": part.reason,
    }
