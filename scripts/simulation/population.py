"""The rows that simulated ones are drawn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from cli.errors import CommandError
from cli.rows import Row, read_table
from mlops.contract import Column, Contract, Kind

SPREAD = 0.05
"""The standard deviation by which a number is measured differently each time, as a share of the column's."""
_MOST_ROWS = 100_000

type Truth = str | float


@dataclass(frozen=True)
class Labelled:
    """Rows, and what turns out to be right about each."""

    rows: list[Row]
    truths: list[Truth]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Population:
    """Labelled rows in a model's columns.

    A simulated row is one of them, drawn with replacement, whose numbers are measured anew: off by a twentieth of the
    column's standard deviation, within the contract's range. Whole numbers, categories and the like stay as they are.
    """

    known: Labelled
    contract: Contract

    @classmethod
    def read(cls, file: Path, contract: Contract) -> "Population":
        """From a dataset. Raises CommandError if it can't be read, lacks the target, or has no row with one."""
        target = contract.target
        kinds: dict[str, Kind] = {column.name: column.kind for column in contract.columns}
        kinds[target.name] = "category" if target.labels else "number"
        rows = read_table(file, kinds, _MOST_ROWS)
        truths = [row.pop(target.name, None) for row in rows]
        kept = [place for place, truth in enumerate(truths) if truth is not None]
        if not kept:
            raise CommandError(f"{file} has no row with {target.name!r}, the column that the model predicts.")
        return cls(Labelled([rows[place] for place in kept], [truths[place] for place in kept]), contract)

    def draw(self, count: int, rng: np.random.Generator) -> Labelled:
        """So many simulated rows."""
        places = rng.integers(0, len(self.known), count).tolist()
        rows = [self._measure(self.known.rows[place], rng) for place in places]
        return Labelled(rows, [self.known.truths[place] for place in places])

    def numbers(self, columns: Sequence[str]) -> list[Column]:
        """The columns of these names. Raises CommandError for one that isn't a number of the model."""
        found = {column.name: column for column in self.contract.columns if column.kind in ("number", "integer")}
        for name in columns:
            if name not in found:
                raise CommandError(f"{name!r} isn't a number of the model; those are {', '.join(found)}.")
        return [found[name] for name in columns]

    @cached_property
    def scales(self) -> Mapping[str, tuple[float, float]]:
        """The mean and the standard deviation of each number."""
        scales = {}
        for column in self.contract.columns:
            if column.kind in ("number", "integer"):
                cells = [row[column.name] for row in self.known.rows if row.get(column.name) is not None]
                values = np.array([cell for cell in cells if isinstance(cell, int | float)], np.float64)
                if len(values):
                    scales[column.name] = (float(values.mean()), float(values.std()))
        return scales

    def _measure(self, row: Row, rng: np.random.Generator) -> Row:
        measured = dict(row)
        for column in self.contract.columns:
            cell = measured.get(column.name)
            if column.kind == "number" and isinstance(cell, int | float):
                deviation = self.scales[column.name][1]
                measured[column.name] = within(column, float(cell + rng.normal(0, SPREAD * deviation)))
        return measured


def within(column: Column, value: float) -> float:
    """The value, or the end of the column's range that it's beyond."""
    low = value if column.minimum is None else max(value, column.minimum)
    return low if column.maximum is None else min(low, column.maximum)
