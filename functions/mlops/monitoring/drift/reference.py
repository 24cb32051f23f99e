"""References: what the monitoring must know of a column's training rows; small, and ready for JSON."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, partial
from hashlib import blake2b
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from mlops.artifact.inputs import number_of
from mlops.artifact.spelling import read_datetime, read_time
from mlops.contract import Column
from mlops.monitoring.drift.alternatives import Alternatives, share_alternatives, value_alternatives
from mlops.monitoring.drift.cells import Cells, Floats, Ints

_MICROSECONDS = 86_400_000_000  # a day
LEVELS = (0.005, 0.01, 0.025, *(round(0.05 * step, 2) for step in range(1, 20)), 0.975, 0.99, 0.995)
QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
MOST_CATEGORIES = 15
MOST_CATEGORY_BYTES = 1_000
DRAFT_SHARE = 0.25
"""The share of the reference rows that names a column's categories; the others are compared with new rows.

Were it the same rows, then a category that none of them has would be news whenever it comes, though many rare ones do.
"""

type Values = Sequence[Any] | NDArray[Any]
"""A column's values: a list, an array, or anything else that is one for NumPy, as a pandas Series is."""
type Form = Literal["numbers", "dates", "times", "hours", "shares"]
type Part = Literal["values", "missing", "shares"]


@dataclass(frozen=True)
class Test:
    """One test of a column: its cells, and the share of the column's false alarms that it may use."""

    cells: Cells
    share: float
    make_alternatives: Callable[[Cells], Alternatives]

    @cached_property
    def alternatives(self) -> Alternatives:
        """What the test looks for."""
        return self.make_alternatives(self.cells)


@dataclass(frozen=True)
class Reference:
    """The training rows of one column.

    Of forms "numbers", "dates" and "times" the known values are tested against `cells["values"]`, and whether they are
    missing against `cells["missing"]`; `quantiles` are those of the known values at QUANTILES. Categories, booleans and
    hashes are of form "shares": `names` are the most frequent ones, one of which may be None for missing; `counts` are
    the rows of each name, then of all others.

    `rows` and `missing` count the training rows.
    """

    form: Form
    rows: int
    missing: int
    cells: dict[Part, Cells]
    quantiles: tuple[float, ...] = ()
    names: tuple[str | None, ...] = ()
    counts: tuple[int, ...] = ()

    @cached_property
    def tests(self) -> dict[Part, Test]:
        """The column's tests by what they look at."""
        shares: dict[Part, float] = {"values": 0.95, "missing": 0.05, "shares": 1.0}
        return {
            part: Test(cells, shares[part], value_alternatives if part == "values" else share_alternatives)
            for part, cells in self.cells.items()
        }

    def parse(self, values: Values) -> Floats:
        """Recorded values of the column as float64 [N]: NaN where missing, or the places of their names.

        Raises ValueError or TypeError for a value that isn't of the column's kind.
        """
        if self.form != "shares":
            return _PARSERS[self.form](values)
        places = {name: float(place) for place, name in enumerate(self.names)}
        other = float(len(self.names))
        return np.array([places.get(name, other) for name in _names(values)], np.float64)

    def split(self, parsed: Floats) -> dict[Part, Floats]:
        """What each test looks at of parsed values."""
        if self.form == "shares":
            return {"shares": parsed}
        missing = np.isnan(parsed)
        return {"values": parsed[~missing], "missing": missing.astype(np.float64)}

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        common = {"form": self.form, "rows": self.rows, "missing": self.missing}
        own = (
            {"quantiles": list(self.quantiles)}
            if self.form != "shares"
            else {"names": list(self.names), "counts": list(self.counts)}
        )
        return {**common, **own, "cells": {part: cells.to_dict() for part, cells in self.cells.items()}}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Self:
        """The reference that `to_dict` described."""
        return cls(
            **{
                **fields,
                **{name: tuple(fields.get(name, ())) for name in ("quantiles", "names", "counts")},
                "cells": {part: Cells.from_dict(cells) for part, cells in fields["cells"].items()},
            }
        )


def make_reference(values: Values, column: Column) -> Reference | None:
    """The reference of a column from its training rows [N], of at most 2 kB as JSON; None if the column is dropped.

    `values` are numbers, booleans, dates as days since 1970-01-01 or "YYYY-MM-DD", times of day as hours, or text;
    missing is None, NaN or infinite. Those of a hashed column are the hashes that the records hold. A model's answers
    must be those to rows that it wasn't trained on: its answers to its training rows differ from any others.

    The same values give the same reference.
    """
    if column.privacy == "drop":
        return None
    rng = np.random.default_rng(_seed(column.name))
    if column.privacy == "hash" or column.kind in ("category", "boolean"):
        return _reference_shares(_names(values), rng)
    if column.kind == "date":
        return _reference_values("dates", _days(values, whole=True), rng)
    if column.kind == "datetime":
        return _reference_values("times", _days(values, whole=False), rng)
    if column.kind == "time":
        return _reference_values("hours", _hours(values), rng)
    return _reference_values("numbers", _numbers(values), rng)


def _reference_values(form: Form, values: Floats, rng: np.random.Generator) -> Reference:
    absent = np.isnan(values)
    known = values[~absent]
    count = len(known)
    ranks = {1, count, *(_clip(round(level * (count + 1)), count) for level in LEVELS)} if count else ()
    return Reference(
        form=form,
        rows=len(values),
        missing=int(absent.sum()),
        cells={
            "values": Cells.cut(known, sorted(ranks), rng),
            "missing": _cut_shares(rng.permutation(absent).astype(np.int64), 2, rng),
        },
        quantiles=tuple(np.quantile(known, QUANTILES).tolist()) if count else (),
    )


def _reference_shares(values: Sequence[str | None], rng: np.random.Generator) -> Reference:
    shuffled = [values[place] for place in rng.permutation(len(values))]
    names = _frequent(shuffled[: _draft_rows(len(values))])
    places = {name: place for place, name in enumerate(names)}
    found = np.array([places.get(name, len(names)) for name in shuffled], np.int64)
    return Reference(
        form="shares",
        rows=len(values),
        missing=sum(name is None for name in values),
        cells={"shares": _cut_shares(found, len(names) + 1, rng)},
        names=names,
        counts=tuple(np.bincount(found, minlength=len(names) + 1).tolist()),
    )


def _cut_shares(places: Ints, count: int, rng: np.random.Generator) -> Cells:
    """Cells of the last three quarters of the rows, about the places 0 to `count` - 1, cut at ranks that the first
    quarter suggests."""
    rows = _draft_rows(len(places))
    draft, rest = places[:rows], places[rows:].astype(np.float64)
    below = np.cumsum(np.bincount(draft, minlength=count))[:-1]
    ranks = [_clip(round(each / rows * (len(rest) + 1)), len(rest)) for each in below] if rows else []
    return Cells.cut(rest, ranks, rng)


def _draft_rows(rows: int) -> int:
    return int(rows * DRAFT_SHARE)


def _frequent(names: Sequence[str | None]) -> tuple[str | None, ...]:
    """The most frequent names, as many as a reference may hold, the most frequent first."""
    ordered = sorted(Counter(names).items(), key=lambda item: (-item[1], item[0] is None, item[0] or ""))
    chosen: list[str | None] = []
    size = 0
    for name, _ in ordered[:MOST_CATEGORIES]:
        size += len((name or "").encode()) + 4
        if size > MOST_CATEGORY_BYTES:
            break
        chosen.append(name)
    return tuple(chosen)


def _clip(rank: int, count: int) -> int:
    return min(max(rank, 1), count)


def _numbers(values: Values) -> Floats:
    numbers = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _hours(values: Values) -> Floats:
    """Hours since midnight of times of day in any form."""
    found = np.asarray(values)
    if found.dtype.kind not in "OU":
        return _numbers(values)
    return np.array([number_of(read_time(value) if isinstance(value, str) else value) for value in found.tolist()])


def _days(values: Values, *, whole: bool) -> Floats:
    """Days since 1970-01-01 of dates in any form; unless they're `whole`, times of day are their fraction."""
    found = np.asarray(values)
    if found.dtype.kind in "OU" and any(isinstance(value, str | date) for value in found):
        found = np.array([_moment(value) if value else "NaT" for value in found], "datetime64[us]")
    if found.dtype.kind != "M":
        return _numbers(values)
    days = found.astype("datetime64[D]") if whole else found.astype("datetime64[us]")
    counted = days.astype(np.int64).astype(np.float64) / (1 if whole else _MICROSECONDS)
    return np.where(np.isnat(days), np.nan, counted)


def _moment(value: str | date) -> datetime:
    """A date or time in any form as NumPy takes it: in UTC, which it doesn't name."""
    return read_datetime(value if isinstance(value, str) else value.isoformat()).replace(tzinfo=None)


def _names(values: Values) -> list[str | None]:
    """Text, None where missing; booleans are "true" and "false", as are 1 and 0 of a column of numbers."""
    found = np.asarray(values)
    if found.dtype.kind in "biuf":
        return [None if math.isnan(value) else _BOOLEANS.get(value, f"{value:g}") for value in found.tolist()]
    return [_name(value) for value in found.tolist()]


_PARSERS: dict[Form, Callable[[Values], Floats]] = {
    "numbers": _numbers,
    "hours": _hours,
    "dates": partial(_days, whole=True),
    "times": partial(_days, whole=False),
}
_BOOLEANS: dict[float, str] = {0.0: "false", 1.0: "true"}


def _name(value: Any) -> str | None:
    if value is None or value == "" or value != value:  # NaN is the one value that isn't itself
        return None
    return value if isinstance(value, str) else _BOOLEANS.get(value, str(value))


def _seed(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest())
