"""A dataset's bytes → training and test rows: read, check, split."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from mlops.data.check import check
from mlops.data.findings import Rejected
from mlops.data.order import read_groups, read_times
from mlops.data.read import MAX_BYTES, read_dataset
from mlops.data.row_digests import HIDDEN, digest_rows
from mlops.data.split import split
from mlops.spec import ModelSpec


@dataclass(frozen=True)
class TrainingData:
    """The rows of a dataset that keep the contract, in two parts, and those that were left out.

    `sha256` is the digest of the former: the same table has the same one in every format. `unlabelled` counts rows
    without a target.
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
    train, test = split(
        checked.rows,
        spec.target,
        spec.contract.names,
        spec.test_share,
        spec.seed,
        groups=read_groups(table, checked.rows, spec),
        times=read_times(table, checked.rows, spec),
    )
    return TrainingData(train, test, checked.rejected, checked.unlabelled, digest_rows(checked.rows))
