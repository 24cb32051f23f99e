"""Effects: how much a column has changed, with an interval, and whether that's more than the tolerance."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mlops.monitoring.drift.cells import Floats
from mlops.monitoring.drift.intervals import (
    difference_of_shares,
    distance_of,
    ends,
    resample_quartiles,
    shift_of,
    spread_of,
    wilson,
)
from mlops.monitoring.drift.reference import Reference

_MOST_OUTSIDE = 0.1
"""With more rows than that beyond the reference's range their spread can't be read on the reference's scale; with some
it's understated, as values count there by their rank among training rows."""

type Kind = Literal["shift", "spread", "shape", "below", "above", "missing", "share", "unseen"]


@dataclass(frozen=True)
class Tolerance:
    """Changes that don't matter.

    `shift` is in standard deviations (see `shift_of`), `spread` the relative change of the standard deviation, `shape`
    the greatest difference between the distribution functions; `share` is that of a category or of missing values, and
    `outside` that of values beyond the training rows' range or never seen among them.
    """

    shift: float = 0.1
    spread: float = 0.1
    shape: float = 0.04
    share: float = 0.02
    outside: float = 0.01


@dataclass(frozen=True)
class Change:
    """One effect with its 90 % interval [low, high], and what it is in the column's own terms.

    `before` and `now` (with `now_low` and `now_high`, of `rows` rows) are medians for a shift, distances between the
    quartiles for a spread, both in the column's unit, and shares for all other kinds; `name` is the category.
    """

    kind: Kind
    effect: float
    low: float
    high: float
    tolerance: float
    before: float
    now: float
    now_low: float
    now_high: float
    rows: int
    name: str | None = None

    @property
    def matters(self) -> bool:
        """Whether the effect is beyond the tolerance, even if it's less by half of the interval's arm towards none.

        That is four in five sure, which is enough for the size of what is known to be there.
        """
        return (self.effect + self.low) / 2 > self.tolerance or (self.effect + self.high) / 2 < -self.tolerance


@dataclass(frozen=True)
class Sample:
    """Rows of a column by what is compared: cells of the known values or names, and rows beyond the training range.

    Equal values count for all cells that they may fall into, by their chances.
    """

    rows: int
    counts: Floats
    below: int = 0
    above: int = 0
    missing: int = 0

    def __add__(self, other: "Sample") -> "Sample":
        return Sample(
            self.rows + other.rows,
            self.counts + other.counts,
            self.below + other.below,
            self.above + other.above,
            self.missing + other.missing,
        )

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return {**vars(self), "counts": self.counts.tolist()}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "Sample":
        """The sample that `to_dict` described."""
        return cls(**{**fields, "counts": np.array(fields["counts"], np.float64)})


def take_sample(reference: Reference, parsed: Floats) -> Sample:
    """The sample of a column's parsed values."""
    if reference.form == "shares":
        named = np.bincount(parsed.astype(np.int64), minlength=len(reference.names) + 1)
        return Sample(len(parsed), named.astype(np.float64))
    known = parsed[~np.isnan(parsed)]
    counts = np.round(reference.cells["values"].expect(known), 2)
    least, greatest = (reference.quantiles[0], reference.quantiles[-1]) if reference.quantiles else (np.nan, np.nan)
    return Sample(
        len(parsed), counts, int((known < least).sum()), int((known > greatest).sum()), len(parsed) - len(known)
    )


def compare(
    reference: Reference, sample: Sample, parsed: Floats, tolerance: Tolerance, rng: np.random.Generator
) -> list[Change]:
    """Every effect in a sample, whether it matters or not.

    `parsed` are the latest values, of which the medians and quartiles are; if none is known there's no shift or spread.
    """
    if not sample.rows or not reference.rows:
        return []
    if reference.form == "shares":
        return [*_compare_shares(reference, sample, tolerance)]
    known = np.sort(parsed[~np.isnan(parsed)])
    changes = [
        _compare_counts("missing", (reference.missing, reference.rows), (sample.missing, sample.rows), tolerance)
    ]
    if sample.missing < sample.rows and reference.quantiles:
        changes += _compare_values(reference, sample, tolerance)
        changes += _compare_moments(reference, sample, known, tolerance, rng) if len(known) else []
    return changes


def _compare_values(reference: Reference, sample: Sample, tolerance: Tolerance) -> Iterator[Change]:
    trained, rows, expected, found = _distributions(reference, sample)
    distance, low, high = distance_of(expected, found, rows, trained)
    yield Change("shape", distance, low, high, tolerance.shape, 0.0, distance, low, high, rows)
    yield _compare_counts("below", (0, trained), (sample.below, rows), tolerance)
    yield _compare_counts("above", (0, trained), (sample.above, rows), tolerance)


def _compare_moments(
    reference: Reference, sample: Sample, known: Floats, tolerance: Tolerance, rng: np.random.Generator
) -> Iterator[Change]:
    trained, rows, expected, found = _distributions(reference, sample)
    lower, median, upper = np.quantile(known, (0.25, 0.5, 0.75)).tolist()
    lowers, medians, uppers = resample_quartiles(known, rng)
    _, _, first, middle, third, *_ = reference.quantiles
    effect = shift_of(expected, found, rows, trained)
    yield Change("shift", *effect, tolerance.shift, middle, median, *ends(medians), len(known))
    if found[0] + found[-1] < _MOST_OUTSIDE:
        effect, widths = spread_of(expected, found, rows, trained), ends(uppers - lowers)
        yield Change("spread", *effect, tolerance.spread, third - first, upper - lower, *widths, len(known))


def _distributions(reference: Reference, sample: Sample) -> tuple[int, int, Floats, Floats]:
    """The numbers of known training rows and of known rows of the sample, and the shares [K] of both by cell."""
    gaps = reference.cells["values"].gaps
    rows = (reference.rows - reference.missing, sample.rows - sample.missing)
    return *rows, gaps / gaps.sum(), sample.counts / sample.counts.sum()


def _compare_shares(reference: Reference, sample: Sample, tolerance: Tolerance) -> Iterator[Change]:
    names: list[tuple[Kind, str | None]] = [("missing" if name is None else "share", name) for name in reference.names]
    # Where the names are all that was seen, another one is news; else it's one of many rare ones.
    names.append(("share" if reference.counts[-1] else "unseen", None))
    for (kind, name), before, now in zip(names, reference.counts, map(int, sample.counts), strict=True):
        yield _compare_counts(kind, (before, reference.rows), (now, sample.rows), tolerance, name, len(names))


def _compare_counts(
    kind: Kind,
    before: tuple[int, int],
    now: tuple[int, int],
    tolerance: Tolerance,
    name: str | None = None,
    comparisons: int = 1,
) -> Change:
    effect = difference_of_shares(before, now, comparisons)
    bound = tolerance.share if kind in ("share", "missing") else tolerance.outside
    old, new = before[0] / before[1], wilson(*now, comparisons)
    return Change(kind, *effect, bound, old, *new, now[1], name)
