"""A dataset's bytes → training and test rows: read, check, split."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from mlops.data.check import check
from mlops.data.findings import Rejected
from mlops.data.order import read_groups, read_times
from mlops.data.read import MAX_BYTES, read_dataset
from mlops.data.row_digests import GROUP, HIDDEN, TIME, UNIT, digest_rows
from mlops.data.split import split
from mlops.errors.data import rejection
from mlops.spec import ModelSpec


@dataclass(frozen=True)
class TrainingData:
    """The rows of a dataset that keep the contract, in two parts, and those that were left out.

    `sha256` is the digest of the former, with what they were split by: the same table has the same one in every format.
    `unlabelled` counts rows without a target.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    rejected: Rejected
    unlabelled: int = 0
    sha256: str = ""

    @property
    def columns(self) -> int:
        """How many columns were read, inputs and target."""
        return sum(not str(name).startswith(HIDDEN) for name in self.train.columns)


def load_dataset(
    content: bytes,
    name: str,
    spec: ModelSpec,
    max_bytes: int | None = None,
    inspect: Callable[[int, int], None] | None = None,
) -> TrainingData:
    """Read, check and split a dataset; `name` is its file's name or address. Raises DatasetRejected.

    It may have `max_bytes` unpacked, or as many as are ever read. `inspect` is called with its rows and columns before
    any cell is looked at, and may refuse it.
    """
    table = read_dataset(content, name, MAX_BYTES if max_bytes is None else min(MAX_BYTES, max_bytes))
    if inspect:
        inspect(table.num_rows, len(spec.contract.columns))
    checked = check(table, spec)
    groups, times = read_groups(table, checked.rows, spec), read_times(table, checked.rows, spec)
    train, test = split(
        checked.rows, spec.target, spec.contract.names, spec.test_share, spec.seed, groups=groups, times=times
    )
    _check_parts(train, test, spec)
    given = {name: order for name, order in ((GROUP, groups), (TIME, times)) if order is not None}
    digest = digest_rows(checked.rows.assign(**given))
    return TrainingData(train, test, checked.rejected, checked.unlabelled, digest)


def _check_parts(train: pd.DataFrame, test: pd.DataFrame, spec: ModelSpec) -> None:
    """Raise DatasetRejected if a split by group or time leaves a part without a label, or too few groups for folds."""
    if not (spec.group or spec.split == "time"):
        return
    if spec.group and (count := train[UNIT].nunique()) < spec.folds:
        largest = max(int(rows[UNIT].value_counts().max()) for rows in (train, test))
        message = (
            f"too few groups by {' and '.join(spec.group)} are left to learn from ({count} for {spec.folds} folds), "
            f"since one has {largest:,} of {len(train) + len(test):,} rows; "
            "name another column in group, or use fewer folds"
        )
        raise rejection("group", message)
    held_out = "the latest rows" if spec.split == "time" else "whole groups"
    for label in spec.target.labels:
        for part, rows in (("training", train), ("test", test)):
            if not (rows[spec.target.name] == label).any():
                message = (
                    f"none of the {len(rows):,} {part} rows is {label}, where {held_out} are held out; add rows of it, "
                    f"or leave {'split' if spec.split == 'time' else 'group'} out of the spec"
                )
                raise rejection("classes", message, column=spec.target.name)
