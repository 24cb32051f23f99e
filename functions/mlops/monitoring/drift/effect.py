"""Effects: how much a column has changed, with an interval, and whether that's more than the tolerance."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Literal

import numpy as np

from mlops.monitoring.drift.cells import Floats
from mlops.monitoring.drift.reference import Reference

LEVEL = 0.9
"""The level of the two-sided intervals."""
RESAMPLES = 400
_KOLMOGOROV = 1.224
"""The 0.9 quantile of Kolmogorov's distribution."""
_MOST_OUTSIDE = 0.1
"""With more rows than that beyond the reference's range their spread can't be read on the reference's scale; with some
it's understated, as values count there by their rank among training rows."""
_NORMAL = NormalDist()
_Z = _NORMAL.inv_cdf((1 + LEVEL) / 2)

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
    """One effect with its interval [low, high] at LEVEL, and what it is in the column's own terms.

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

    `parsed` are the latest values, of which the medians and quartiles are.
    """
    if not sample.rows or not reference.rows:
        return []
    if reference.form == "shares":
        return [*_compare_shares(reference, sample, tolerance)]
    known = np.sort(parsed[~np.isnan(parsed)])
    changes = [
        _compare_counts("missing", (reference.missing, reference.rows), (sample.missing, sample.rows), tolerance)
    ]
    if sample.missing < sample.rows and len(known) and reference.quantiles:
        changes += _compare_values(reference, sample, known, tolerance, rng)
    return changes


def _compare_values(
    reference: Reference, sample: Sample, known: Floats, tolerance: Tolerance, rng: np.random.Generator
) -> Iterator[Change]:
    trained, rows = reference.rows - reference.missing, sample.rows - sample.missing
    gaps = reference.cells["values"].gaps
    expected, found = gaps / gaps.sum(), sample.counts / sample.counts.sum()
    lower, median, upper = np.quantile(known, (0.25, 0.5, 0.75))
    lowers, medians, uppers = _resample_quartiles(known, rng)
    _, _, first, middle, third, *_ = reference.quantiles

    effect = shift_of(expected, found, rows, trained)
    yield Change("shift", *effect, tolerance.shift, middle, median, *_ends(medians), len(known))
    if found[0] + found[-1] < _MOST_OUTSIDE:
        effect = spread_of(expected, found, rows, trained)
        yield Change(
            "spread",
            *effect,
            tolerance.spread,
            third - first,
            upper - lower,
            *_ends(uppers - lowers),
            len(known),
        )
    distance = float(np.abs(np.cumsum(found - expected)).max())
    half = _KOLMOGOROV * math.sqrt(1 / rows + 1 / trained)
    low, high = max(0.0, distance - half), min(1.0, distance + half)
    yield Change("shape", distance, low, high, tolerance.shape, 0.0, distance, low, high, rows)
    yield _compare_counts("below", (0, trained), (sample.below, rows), tolerance)
    yield _compare_counts("above", (0, trained), (sample.above, rows), tolerance)


def _resample_quartiles(known: Floats, rng: np.random.Generator) -> Floats:
    """The quartiles [3, RESAMPLES] of bootstrap resamples of N sorted values.

    A resample's rows are at N times uniform numbers, so its quartiles are at N times theirs: the spacings of these are
    Dirichlet.
    """
    spacings = rng.dirichlet(np.full(4, (len(known) + 1) / 4), RESAMPLES)
    places = np.cumsum(spacings, axis=1)[:, :3] * len(known)
    quartiles: Floats = known[np.minimum(places.astype(np.int64), len(known) - 1)].T
    return quartiles


def _ends(resampled: Floats) -> tuple[float, float]:
    low, high = np.quantile(resampled, ((1 - LEVEL) / 2, (1 + LEVEL) / 2)).tolist()
    return low, high


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
    z = _NORMAL.inv_cdf(1 - (1 - LEVEL) / 2 / comparisons)
    (old, old_low, old_high), (new, new_low, new_high) = wilson(*before, z), wilson(*now, z)
    low = new - old - math.hypot(new - new_low, old_high - old)
    high = new - old + math.hypot(new_high - new, old - old_low)
    bound = tolerance.share if kind in ("share", "missing") else tolerance.outside
    return Change(kind, new - old, low, high, bound, old, new, new_low, new_high, now[1], name)


def wilson(count: int, rows: int, z: float) -> tuple[float, float, float]:
    """A share with Wilson's interval (JASA 22, 1927) of z standard deviations.

    The interval of a difference is Newcombe's (Statistics in Medicine 17, 1998, method 10) of two such ones.
    """
    share = count / rows
    centre = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z / (1 + z**2 / rows) * math.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))
    return share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def shift_of(expected: Floats, found: Floats, rows: int, trained: int) -> tuple[float, float, float]:
    """The shift of a normal distribution that makes a new value exceed a training value as often, with its interval.

    In standard deviations. `expected` and `found` [K] are the shares of training rows and of `rows` new ones by cell.
    The chance that a new value exceeds a training value is Mann's and Whitney's; it needs no normal distribution.
    """
    ranks = np.cumsum(expected) - expected / 2
    above = float(found @ ranks)
    error = math.sqrt((float(found @ ranks**2) - above**2) / rows + 1 / 12 / trained)
    chances = np.clip([above, above - _Z * error, above + _Z * error], 1e-6, 1 - 1e-6)
    shift, low, high = (math.sqrt(2) * _NORMAL.inv_cdf(chance) for chance in chances.tolist())
    return shift, low, high


def spread_of(expected: Floats, found: Floats, rows: int, trained: int) -> tuple[float, float, float]:
    """The relative change of the standard deviation on the scale on which training rows are normal."""
    bounds = [_NORMAL.inv_cdf(share) for share in np.cumsum(expected)[:-1].tolist()]
    densities = np.array([0.0, *map(_NORMAL.pdf, bounds), 0.0])
    slopes = np.array([0.0, *(bound * _NORMAL.pdf(bound) for bound in bounds), 0.0])
    means, squares = -np.diff(densities) / expected, 1 - np.diff(slopes) / expected
    ratio = math.sqrt(max(float(found @ squares) - float(found @ means) ** 2, 1e-12))
    factor = math.exp(_Z * math.sqrt(0.5 / rows + 0.5 / trained))
    return ratio - 1, ratio / factor - 1, ratio * factor - 1
