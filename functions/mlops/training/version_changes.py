"""What changed from one version to another, row by row, as the console shows it: of the datasets and of the answers.

Of private columns it has no value and no statistic of values: whether they changed, and how surely.
"""

from dataclasses import asdict
from typing import Any

import pandas as pd
from botocore.exceptions import ClientError

from mlops.contract import Column, Contract
from mlops.data.difference import CommonValues, Shift
from mlops.errors.data import DatasetLost, DatasetRejected
from mlops.errors.registry import ArtifactInvalid
from mlops.errors.training import Incomparable, SpecInvalid
from mlops.privacy import HIDDEN, private_columns
from mlops.registry.manifest.manifest import Manifest
from mlops.registry.versions import Versions
from mlops.spec import ModelSpec
from mlops.training.artifacts.package import to_requests
from mlops.training.evaluation.version_comparison import compare_versions
from mlops.training.trained_rows import TrainedRows, compare_trained_rows, find_changed_rows

EXAMPLES = 5
"""Rows of each kind that are shown."""
ANSWERS = 10
MOST_COLUMNS, MOST_CELLS = 200, 12
MOST_CHARACTERS = 200
"""Of a cell."""

type Document = dict[str, Any]


def describe_changes(s3: Any, versions: Versions, manifests: tuple[Manifest, Manifest]) -> Document:
    """The changes from the first version to the second, ready for JSON.

    `datasets` are the changes of the rows that they learned from, `answers` those of what they answer to the second's
    rows that neither was trained on; None with the reason in `datasets_problem` and `answers_problem` where they can't
    be compared. Raises what S3 raises.
    """
    document: Document = {"versions": [manifest.version for manifest in manifests]}
    try:
        before, after = (TrainedRows.read(s3, manifest) for manifest in manifests)
    except (DatasetLost, DatasetRejected, SpecInvalid) as error:
        return {**document, **_missing("datasets", str(error)), **_missing("answers", str(error))}
    except ClientError as error:
        # Who may not list a bucket isn't told that an object isn't there.
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        reason = "A dataset can't be read: it was deleted, or this function may not read it."
        return {**document, **_missing("datasets", reason), **_missing("answers", reason)}
    document |= {"datasets": _describe_datasets(before, after), "datasets_problem": None}
    try:
        return {**document, "answers": _compare_answers(versions, manifests, after), "answers_problem": None}
    except (Incomparable, ArtifactInvalid) as error:
        return {**document, **_missing("answers", str(error))}


def _missing(what: str, reason: str) -> Document:
    return {what: None, f"{what}_problem": reason}


def _compare_answers(versions: Versions, manifests: tuple[Manifest, Manifest], after: TrainedRows) -> Document:
    name = manifests[1].dataset.uri
    document = compare_versions(versions, manifests, after.rows, name, after.spec).to_dict(ANSWERS)
    return {name: document[name] for name in ("rows", "changed_rows", "gained", "lost", "changed")}


def _describe_datasets(before: TrainedRows, after: TrainedRows) -> Document:
    difference, changes = compare_trained_rows(before, after), find_changed_rows(before, after)
    private = {column.name for trained in (before, after) for column in private_columns(trained.spec.contract)}
    pairs: list[tuple[int, int]] = [] if changes.changed is None else changes.changed[:EXAMPLES].tolist()
    fields = ("rows", "kept", "removed", "added", "changed", "columns_removed", "columns_added")
    return {
        **{name: getattr(difference, name) for name in fields},
        "shifts": [_describe_shift(shift, private) for shift in difference.shifts[:MOST_COLUMNS]],
        "more_shifts": max(0, len(difference.shifts) - MOST_COLUMNS),
        "removed_rows": [_describe_row(before, place, private) for place in changes.removed[:EXAMPLES].tolist()],
        "added_rows": [_describe_row(after, place, private) for place in changes.added[:EXAMPLES].tolist()],
        "changed_rows": [_describe_change(before, after, pair, private) for pair in pairs],
    }


def _describe_row(trained: TrainedRows, place: int, private: set[str]) -> Document:
    """A row's position in its file and its first cells, by column."""
    cells = _public_cells(trained, place, private)
    shown = dict(list(cells.items())[:MOST_CELLS])
    return {"row": int(trained.rows.index[place]), "cells": shown, "more_cells": len(cells) - len(shown)}


def _describe_change(before: TrainedRows, after: TrainedRows, pair: tuple[int, int], private: set[str]) -> Document:
    """A row's positions in both files, and the cells that differ, by column, as [before, after]."""
    first, second = pair
    old, new = before.rows.iloc[first], after.rows.iloc[second]
    shown = _public_cells(before, first, private), _public_cells(after, second, private)
    changed = [name for name in shown[1] if name in shown[0] and _differ(old[name], new[name])]
    return {
        "rows": [int(before.rows.index[first]), int(after.rows.index[second])],
        "cells": {name: [shown[0][name], shown[1][name]] for name in changed[:MOST_CELLS]},
        "more_cells": max(0, len(changed) - MOST_CELLS),
    }


def _public_cells(trained: TrainedRows, place: int, private: set[str]) -> Document:
    """A row's inputs and target as people may see them."""
    (cells,) = to_requests(trained.rows.iloc[[place]], _with_target(trained.spec))
    return {name: HIDDEN if name in private else _shorten(cell) for name, cell in cells.items()}


def _differ(before: Any, after: Any) -> bool:
    return bool(before != after) and not (pd.isna(before) and pd.isna(after))


def _with_target(spec: ModelSpec) -> Contract:
    """The contract with the target as one more column."""
    kind: Any = "category" if spec.target.labels else "number"
    target = Column(name=spec.target.name, kind=kind)
    return spec.contract.model_copy(update={"columns": (*spec.contract.columns, target)})


def _describe_shift(shift: Shift, private: set[str]) -> Document:
    document = {**asdict(shift), "shifted": shift.shifted}
    return {**document, "before": None, "after": None} if shift.column in private else document | _values(shift)


def _values(shift: Shift) -> Document:
    """The quartiles, or the most common values with their shares, each value cut."""
    found: Document = {}
    for name, summary in (("before", shift.before), ("after", shift.after)):
        if isinstance(summary, CommonValues):
            found[name] = {"shares": [[_shorten(value), share] for value, share in summary.shares]}
        else:
            found[name] = {"quartiles": [summary.low, summary.median, summary.high]}
    return found


def _shorten(cell: Any) -> Any:
    return f"{cell[: MOST_CHARACTERS - 1]}…" if isinstance(cell, str) and len(cell) > MOST_CHARACTERS else cell
