"""Rows that keep the contract, and that nobody did: events recorded twice, and users that are no people."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops.contract import Column
from mlops.data.findings import Finding, Rows
from mlops.errors.violations import Violation
from mlops.privacy import HIDDEN, is_public
from mlops.recommend.data.columns import Coded

DAY = 86_400_000  # ms
_DAYS = 1 << 32  # more than there are in any time
# Odd constants of SplitMix64 (G. Steele, D. Lea and C. Flood, "Fast splittable pseudorandom number generators", 2014).
_STEP, _FIRST, _SECOND = (np.uint64(each) for each in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


@dataclass(frozen=True, eq=False)
class Acts:
    """What N rows say: codes of user, item and event, the time in ms, and the rating, NaN where there is none."""

    user: NDArray[np.int32]
    item: NDArray[np.int32]
    event: NDArray[np.int32]
    time: NDArray[np.int64]
    rating: NDArray[np.float64]

    def columns(self) -> Iterator[NDArray[np.int64]]:
        """Each column as whole numbers that are equal where the cells are."""
        for codes in (self.user, self.item, self.event):
            yield codes.astype(np.int64)
        yield self.time
        yield self.rating.view(np.int64)


def find_repeats(acts: Acts, rows: Rows) -> Finding:
    """The rows among these that say what an earlier one says, at the same time: one event recorded twice."""
    mixed = np.zeros(len(rows), dtype=np.uint64)
    for column in acts.columns():
        mixed = _mix(mixed, column[rows])
    order = np.argsort(mixed, kind="stable")
    later, earlier = order[1:], order[:-1]
    same = mixed[later] == mixed[earlier]
    later, earlier = rows[later[same]], rows[earlier[same]]
    equal = np.ones(len(later), dtype=np.bool_)
    for column in acts.columns():
        equal &= column[later] == column[earlier]

    def describe(chosen: Rows) -> Iterator[Violation]:
        for row in chosen.tolist():
            message = (
                f"row {row}: the same event of the same user with the same item at the same time as in a row before"
            )
            yield Violation(rule="duplicate", row=row, message=message)

    return Finding(np.sort(later[equal]), describe)


def find_bots(
    users: Coded, acts: Acts, rows: Rows, column: Column, *, most_daily: int, most: int, has_times: bool
) -> tuple[Finding, int]:
    """The rows among these of users with more events than people have, and how many such users there are.

    `most_daily` is the most on one day, where there are times, and `most` the most in all.
    """
    own = acts.user[rows]
    counts = np.bincount(own, minlength=len(users.texts))
    bots = counts > most
    if has_times:
        suspects = np.flatnonzero((counts > most_daily)[own])
        days = own[suspects].astype(np.int64) * _DAYS + acts.time[rows[suspects]] // DAY
        pairs, daily = np.unique(days, return_counts=True)
        bots[pairs[daily > most_daily] // _DAYS] = True

    def describe(chosen: Rows) -> Iterator[Violation]:
        for row in chosen.tolist():
            user = acts.user[row]
            value = users.texts[user] if is_public(column) else HIDDEN
            message = (
                f"row {row}: {column.name} has {counts[user]:,} events, and a person has at most {most_daily:,} on one "
                f"day and {most:,} in all (most_daily_events, most_events)"
            )
            yield Violation(rule="bot", row=row, column=column.name, value=value, message=message)

    return Finding(rows[bots[own]], describe), int(bots.sum())


def _mix(mixed: NDArray[np.uint64], column: NDArray[np.int64]) -> NDArray[np.uint64]:
    """64 bits that depend on all bits of both [N]."""
    found = (mixed + _STEP) ^ column.view(np.uint64)
    found = (found ^ (found >> np.uint64(30))) * _FIRST
    found = (found ^ (found >> np.uint64(27))) * _SECOND
    found ^= found >> np.uint64(31)
    return found
