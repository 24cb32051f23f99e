"""What is different between the training rows of two versions, by their references alone: the rows aren't needed."""

import numpy as np

from mlops.monitoring.drift.cells import Floats
from mlops.monitoring.drift.effect import Change, Sample, Tolerance, compare, take_sample
from mlops.monitoring.drift.reference import Reference

MOST_VALUES = 5_000
"""Values that stand for a column's rows at most: medians and quartiles are theirs."""


def compare_references(before: Reference, after: Reference, tolerance: Tolerance) -> list[Change]:
    """Every effect between two references of a column, measured as a window's, whether it matters or not.

    Within a cell, the later rows' values count as evenly spread. Names that either reference counts among the others
    aren't compared. The same references give the same effects. Raises ValueError for references of two forms.
    """
    if before.form != after.form:
        raise ValueError(f"{before.form} can't be compared with {after.form}")
    if not before.rows or not after.rows:
        return []
    rng = np.random.default_rng(after.rows)
    if before.form == "shares":
        return _compare_names(before, after, tolerance, rng)
    values = quantiles_of(after, min(MOST_VALUES, after.rows - after.missing))
    found = take_sample(before, values)
    times = (after.rows - after.missing) / max(1, len(values))
    below, above = (round(each * times) for each in (found.below, found.above))
    sample = Sample(after.rows, found.counts * times, below, above, after.missing)
    return compare(before, sample, values, tolerance, rng)


def quantiles_of(reference: Reference, count: int) -> Floats:
    """So many values, float64 [count], with the distribution of the reference's known values."""
    cells = reference.cells["values"]
    if not len(cells.edges):
        return np.zeros(0)
    below = np.cumsum(cells.gaps)[:-1] / cells.gaps.sum()
    return np.interp((np.arange(count) + 0.5) / count, below, cells.edges)


def _compare_names(before: Reference, after: Reference, tolerance: Tolerance, rng: np.random.Generator) -> list[Change]:
    known = dict(zip(after.names, after.counts, strict=False))
    counts = np.array([known.get(name, 0) for name in before.names], np.float64)
    sample = Sample(after.rows, np.append(counts, after.rows - counts.sum()))
    changes = compare(before, sample, np.zeros(0), tolerance, rng)
    uncounted = {name for name in before.names if name not in known} if after.counts[-1] else set()
    if not uncounted:
        return changes
    # The last change is that of the others, some of which may be the uncounted ones.
    return [each for name, each in zip(before.names, changes[:-1], strict=True) if name not in uncounted]


def counts_over(before: Reference, after: Reference) -> Floats:
    """How many of the later reference's values fall into each cell of the earlier one, float64 [K]; their sum is one
    of its own."""
    return before.cells["values"].expect(quantiles_of(after, min(MOST_VALUES, after.rows - after.missing)))
