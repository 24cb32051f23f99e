"""Rows that break rules: all are counted, and only as many are described one by one as anybody would read."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlops.errors.violations import EXAMPLES, Violation, ViolationGroup

MAX_LISTED = 100_000
"""Violations of a dataset that are described one by one."""

type Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Finding:
    """One rule that is broken at these positions among the dataset's rows; `describe` says how, for some of them."""

    rows: Rows
    describe: Callable[[Rows], Iterable[Violation]]

    def outside(self, others: Rows) -> "Finding":
        """The finding without these positions."""
        return Finding(np.setdiff1d(self.rows, others, assume_unique=True), self.describe) if len(others) else self


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """The rows that break the contract: which, how many violations they have, and the first of these in their order.

    `groups` are all of them by rule and column, the most frequent first.
    """

    rows: Rows
    total: int
    violations: tuple[Violation, ...]
    groups: tuple[ViolationGroup, ...] = ()


def broken_rows(findings: Sequence[Finding]) -> Rows:
    """The positions of the rows that any finding is of."""
    return np.unique(_places(findings))


def gather(findings: Sequence[Finding]) -> Rejected:
    """All findings together, row by row."""
    places = _places(findings)
    sources = np.repeat(np.arange(len(findings)), [len(finding.rows) for finding in findings])
    listed = np.argsort(places, kind="stable")[:MAX_LISTED]
    described: dict[int, Iterator[Violation]] = {
        source: iter(finding.describe(places[listed[sources[listed] == source]]))
        for source, finding in enumerate(findings)
    }
    violations = tuple(next(described[source]) for source in sources[listed].tolist())
    return Rejected(rows=np.unique(places), total=len(places), violations=violations, groups=_group(findings))


def _group(findings: Sequence[Finding]) -> tuple[ViolationGroup, ...]:
    found = [
        ViolationGroup.of(len(finding.rows), tuple(finding.describe(np.sort(finding.rows)[:EXAMPLES])))
        for finding in findings
        if len(finding.rows)
    ]
    return tuple(sorted(found, key=lambda group: -group.count))


def _places(findings: Sequence[Finding]) -> Rows:
    return np.concatenate([np.empty(0, dtype=np.intp), *(finding.rows for finding in findings)])


def without(rows: pd.DataFrame, places: Rows) -> pd.DataFrame:
    """The rows but those at these positions."""
    if not len(places):
        return rows
    kept = np.ones(len(rows), dtype=np.bool_)
    kept[places] = False
    return rows[kept]
