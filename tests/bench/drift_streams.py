"""Streams for the drift benchmark: columns of every kind, models of dependent columns, and changes of columns."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.contract import Column
from mlops.monitoring.drift import Reference, Window, make_reference

type Values = NDArray[Any]
type DrawColumn = Callable[[int, np.random.Generator], Values]
type Draw = Callable[[int, np.random.Generator], dict[str, Values]]

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = 200
"""Rows of a day."""
REFERENCE_ROWS = (400, 2_000, 20_000)


def day(number: int) -> Window:
    """The window of a day; 0 is the first."""
    start = FIRST + timedelta(days=number)
    return Window(start, start + timedelta(days=1))


def reference_of(values: Values, column: Column) -> Reference:
    """The reference of a column that isn't dropped."""
    reference = make_reference(values, column)
    assert reference is not None
    return reference


def normal(mean: float, deviation: float = 1) -> DrawColumn:
    """Normal values."""
    return lambda rows, rng: rng.normal(mean, deviation, rows)


def shares(**chances: float) -> DrawColumn:
    """Names with these chances."""
    names = np.array([*chances], object)
    return lambda rows, rng: rng.choice(names, rows, p=[*chances.values()])


def partly(chance: float, value: float, draw: DrawColumn) -> DrawColumn:
    """Values of which some are replaced."""
    return lambda rows, rng: np.where(rng.random(rows) < chance, value, draw(rows, rng))


def _zipf(rows: int, rng: np.random.Generator) -> Values:
    return np.minimum(rng.zipf(1.4, rows), 10**6).astype(str).astype(object)


def _two_humps(rows: int, rng: np.random.Generator) -> Values:
    return 0.95 * rng.choice((-1, 1), rows) + 0.31 * rng.normal(size=rows)


@dataclass(frozen=True)
class Kind:
    """A kind of column, and how its values are drawn."""

    column: Column
    draw: DrawColumn


KINDS = {
    kind.column.name: kind
    for kind in (
        Kind(Column(name="normal"), normal(0)),
        Kind(Column(name="heavy tails"), lambda rows, rng: rng.standard_t(2, rows)),
        Kind(Column(name="with missing values"), partly(0.1, np.nan, lambda rows, rng: rng.gamma(2, 3, rows))),
        Kind(Column(name="with zeros"), partly(0.6, 0, lambda rows, rng: rng.exponential(1, rows))),
        Kind(Column(name="counts", kind="integer"), lambda rows, rng: rng.poisson(2, rows).astype(float)),
        Kind(Column(name="constant"), lambda rows, rng: np.full(rows, 7.0)),
        Kind(Column(name="date", kind="date"), lambda rows, rng: 20_000.0 + rng.integers(0, 365, rows)),
        Kind(Column(name="flag", kind="boolean"), lambda rows, rng: (rng.random(rows) < 0.05).astype(float)),
        Kind(Column(name="category", kind="category"), shares(a=0.4, b=0.3, c=0.2, d=0.09, e=0.01)),
        Kind(Column(name="many categories", kind="category"), _zipf),
    )
}


@dataclass(frozen=True)
class Change:
    """A column before and after something happens to it."""

    name: str
    column: Column
    before: DrawColumn
    after: DrawColumn


_NUMBER = Column(name="x")
_CATEGORY = Column(name="x", kind="category")
CHANGES = (
    Change("spread times 1.3", _NUMBER, normal(0), normal(0, 1.3)),
    Change("unit times 10", _NUMBER, normal(5), normal(50, 10)),
    Change("5 % are -999", _NUMBER, normal(0), partly(0.05, -999, normal(0))),
    Change("two humps, same mean and spread", _NUMBER, normal(0), _two_humps),
    Change("constant 7 to 8", _NUMBER, KINDS["constant"].draw, lambda rows, rng: np.full(rows, 8.0)),
    Change("missing 0 to 5 %", _NUMBER, normal(0), partly(0.05, np.nan, normal(0))),
    Change("missing 10 to 20 %", _NUMBER, partly(0.1, np.nan, normal(0)), partly(0.2, np.nan, normal(0))),
    Change("a category 10 to 20 %", _CATEGORY, shares(a=0.6, b=0.3, c=0.1), shares(a=0.5, b=0.3, c=0.2)),
    Change("a new category of 5 %", _CATEGORY, shares(a=0.6, b=0.4), shares(a=0.57, b=0.38, d=0.05)),
    Change("a category vanishes, 5 %", _CATEGORY, shares(a=0.6, b=0.35, c=0.05), shares(a=0.63, b=0.37)),
    Change(
        "true 5 to 15 %", Column(name="x", kind="boolean"), shares(true=0.05, false=0.95), shares(true=0.15, false=0.85)
    ),
)


@dataclass(frozen=True)
class Model:
    """A model of thirty columns that share a factor (correlation 0.5): numbers, some missing, counts, categories."""

    loadings: NDArray[np.float64]

    @classmethod
    def make(cls, rng: np.random.Generator) -> "Model":
        """A model with signs of its own."""
        return cls(np.sqrt(0.5) * rng.choice((-1, 1), 30))

    def columns(self) -> dict[str, Column]:
        """The columns by name."""
        return {
            f"c{place}": Column(name=f"c{place}", kind="category" if place >= 25 else "number") for place in range(30)
        }

    def draw(self, rows: int, rng: np.random.Generator) -> dict[str, Values]:
        """Rows by column."""
        factor = rng.normal(size=(rows, 1))
        values = factor * self.loadings + np.sqrt(0.5) * rng.normal(size=(rows, 30))
        drawn: dict[str, Values] = {f"c{place}": values[:, place] for place in range(15)}
        for place in range(15, 20):
            drawn[f"c{place}"] = np.where(values[:, place] > 1.3, np.nan, np.exp(values[:, place]))
        for place in range(20, 25):
            drawn[f"c{place}"] = np.floor(2 * np.abs(values[:, place]))
        for place in range(25, 30):
            names = np.array(["low", "middle", "high", "highest"], object)
            drawn[f"c{place}"] = names[np.searchsorted((-0.5, 0.8, 2.0), values[:, place])]
        return drawn
