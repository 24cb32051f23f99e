"""How the datasets of two versions differ, by what the registry keeps of their training rows."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mlops.artifact.names import TRAINING_ROWS
from mlops.contract import Column
from mlops.monitoring.drift import Change, Reference, Tolerance
from mlops.monitoring.drift.between import compare_references
from mlops.monitoring.report.inputs import Background
from mlops.registry.manifest.manifest import Manifest
from mlops.registry.versions import Versions

MOST_BYTES = 32_000_000
"""Of the digests of a version's training rows, 8 bytes a row."""
_FIELDS = ("kind", "unit", "minimum", "maximum", "categories", "required", "privacy")


@dataclass(frozen=True)
class Trained:
    """A version and the references of its training rows."""

    manifest: Manifest
    background: Background


@dataclass(frozen=True)
class ColumnDifference:
    """A column of two datasets: as the contracts have it, and the references of both; `changes` are all effects.

    Without a reference of both, or with two of another kind, there are none.
    """

    before: Column
    after: Column
    references: tuple[Reference, Reference] | None
    changes: tuple[Change, ...]

    @cached_property
    def mattering(self) -> tuple[Change, ...]:
        """The changes beyond the tolerance that monitoring has for drift, the largest first."""
        found = [each for each in self.changes if each.matters]
        return tuple(sorted(found, key=lambda each: -abs(each.effect) / each.tolerance))

    @property
    def declared(self) -> list[str]:
        """What the contracts have different: names of fields."""
        return [name for name in _FIELDS if getattr(self.before, name) != getattr(self.after, name)]

    @property
    def size(self) -> float:
        """The largest effect that matters, in tolerances; greater for a column that isn't the same by contract."""
        return max((abs(each.effect) / each.tolerance for each in self.mattering), default=0.0)


@dataclass(frozen=True)
class DatasetDifference:
    """Columns of the earlier dataset alone, of the later one alone, and of both: what changed most is first."""

    removed: tuple[str, ...]
    added: tuple[str, ...]
    columns: tuple[ColumnDifference, ...]

    @property
    def changed(self) -> list[ColumnDifference]:
        """The columns whose values or whose rules changed."""
        return [each for each in self.columns if each.mattering or each.declared]


def compare_datasets(before: Trained, after: Trained) -> DatasetDifference:
    """The difference between the datasets of two versions, in what their training rows hold."""
    names = before.manifest.contract.names, after.manifest.contract.names
    columns = sorted(_columns(before, after), key=lambda each: (not each.declared, -each.size, each.after.name))
    return DatasetDifference(
        removed=tuple(name for name in names[0] if name not in names[1]),
        added=tuple(name for name in names[1] if name not in names[0]),
        columns=tuple(columns),
    )


def _columns(before: Trained, after: Trained) -> Iterator[ColumnDifference]:
    known = {column.name: column for column in before.manifest.contract.columns}
    for column in after.manifest.contract.columns:
        if column.name not in known:
            continue
        first, second = (each.background.references.get(column.name) for each in (before, after))
        pair = (first, second) if first and second and first.form == second.form else None
        changes = compare_references(*pair, Tolerance()) if pair else ()
        yield ColumnDifference(known[column.name], column, pair, tuple(changes))


def count_shared_rows(versions: Versions, before: Manifest, after: Manifest) -> tuple[int, int] | None:
    """How many different training rows the later version has, and how many of them the earlier one was trained on too.

    By the rows' digests, which two versions have of the same columns only; None where they can't be compared, or are
    too many to look at. Raises what reading a version raises.
    """
    for manifest in (before, after):
        if TRAINING_ROWS not in manifest.files or manifest.files[TRAINING_ROWS].size > MOST_BYTES:
            return None
    if before.contract.names != after.contract.names:
        return None
    first, second = (
        np.load(io.BytesIO(versions.read(manifest, TRAINING_ROWS)), allow_pickle=False) for manifest in (before, after)
    )
    return len(second), int(np.isin(second, first).sum())
