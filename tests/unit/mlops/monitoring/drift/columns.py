"""Columns of every kind for the tests of drift: how their values are drawn at training, and when they have drifted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from mlops.contract import Column
from mlops.monitoring.drift import Reference, Window, make_reference
from mlops.monitoring.drift.reference import Values

type Draw = Callable[[int, np.random.Generator], Values]


def day(number: int, hour: int = 0, hours: int = 24) -> Window:
    """A window of hours of the day so many days after 2026-11-01."""
    start = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=number, hours=hour)
    return Window(start, start + timedelta(hours=hours))


def reference_of(values: Values, column: Column) -> Reference:
    """The reference of a column that isn't dropped."""
    reference = make_reference(values, column)
    assert reference is not None
    return reference


@dataclass(frozen=True)
class Case:
    """A column, calm and drifted."""

    column: Column
    calm: Draw
    drifted: Draw


def _choose(values: list[Any], *chances: float) -> Draw:
    return lambda rows, rng: [values[place] for place in rng.choice(len(values), rows, p=chances)]


def _dates(first: int) -> Draw:
    return lambda rows, rng: [
        str(np.datetime64("2026-01-01") + np.timedelta64(int(days), "D")) for days in first + rng.integers(0, 90, rows)
    ]


def _with_missing(share: float) -> Draw:
    return lambda rows, rng: [None if rng.random() < share else float(rng.normal()) for _ in range(rows)]


CASES = {
    "number": Case(
        Column(name="x", unit="px"),
        lambda rows, rng: rng.normal(13.4, 2, rows),
        lambda rows, rng: rng.normal(15.1, 2, rows),
    ),
    "spread": Case(
        Column(name="x", unit="mm"),
        lambda rows, rng: rng.normal(5, 1, rows),
        lambda rows, rng: rng.normal(5, 1.6, rows),
    ),
    "shape": Case(
        Column(name="x"),
        lambda rows, rng: rng.normal(0, 1, rows),
        lambda rows, rng: 0.95 * rng.choice((-1, 1), rows) + 0.31 * rng.normal(size=rows),
    ),
    "integer": Case(
        Column(name="x", kind="integer"),
        lambda rows, rng: rng.poisson(2, rows),
        lambda rows, rng: rng.poisson(3, rows),
    ),
    "zeros": Case(
        Column(name="x"),
        lambda rows, rng: np.where(rng.random(rows) < 0.6, 0, rng.exponential(1, rows)),
        lambda rows, rng: np.where(rng.random(rows) < 0.3, 0, rng.exponential(1, rows)),
    ),
    "missing": Case(Column(name="x", required=False), _with_missing(0.02), _with_missing(0.2)),
    "all missing": Case(Column(name="x", required=False), _with_missing(1), _with_missing(0)),
    "constant": Case(Column(name="x"), lambda rows, rng: np.full(rows, 7.0), lambda rows, rng: np.full(rows, 8.0)),
    "out of range": Case(
        Column(name="x", unit="°C"),
        lambda rows, rng: rng.uniform(10, 30, rows),
        lambda rows, rng: np.where(rng.random(rows) < 0.1, -999, rng.uniform(10, 30, rows)),
    ),
    "category": Case(
        Column(name="x", kind="category"),
        _choose(["north", "south", "west", None], 0.5, 0.3, 0.15, 0.05),
        _choose(["north", "south", "west", None], 0.3, 0.3, 0.35, 0.05),
    ),
    "missing category": Case(
        Column(name="x", kind="category", required=False),
        _choose(["north", "south", None], 0.5, 0.45, 0.05),
        _choose(["north", "south", None], 0.4, 0.35, 0.25),
    ),
    "new category": Case(
        Column(name="x", kind="category"),
        _choose(["north", "south"], 0.6, 0.4),
        _choose(["north", "south", "east"], 0.55, 0.35, 0.1),
    ),
    "boolean": Case(
        Column(name="x", kind="boolean"), _choose([True, False], 0.1, 0.9), _choose([True, False], 0.3, 0.7)
    ),
    "date": Case(Column(name="x", kind="date"), _dates(0), _dates(45)),
    "hash": Case(
        Column(name="x", privacy="hash"),
        _choose([f"{digit:032x}" for digit in range(4)], 0.4, 0.3, 0.2, 0.1),
        _choose([f"{digit:032x}" for digit in range(4)], 0.1, 0.2, 0.3, 0.4),
    ),
}

# Columns that can't drift: every value occurs once, at training and later.
IDENTIFIERS = Case(
    Column(name="x", kind="category"),
    lambda rows, rng: [f"{number:x}" for number in rng.integers(0, 2**60, rows)],
    lambda rows, rng: ["one"] * rows,
)
