"""A dataset's bytes → training and test rows: read, check, split."""

from dataclasses import dataclass

import pandas as pd

from mlops.data.check import check
from mlops.data.findings import Rejected
from mlops.data.order import read_groups, read_times
from mlops.data.read import read_dataset
from mlops.data.row_digests import HIDDEN
from mlops.data.split import split
from mlops.spec import ModelSpec


@dataclass(frozen=True)
class TrainingData:
    """The rows of a dataset that keep the contract, in two parts, and those that were left out."""

    train: pd.DataFrame
    test: pd.DataFrame
    rejected: Rejected

    @property
    def columns(self) -> int:
        """How many columns were read, inputs and target."""
        return sum(not str(name).startswith(HIDDEN) for name in self.train.columns)


def load_dataset(content: bytes, name: str, spec: ModelSpec) -> TrainingData:
    """Read, check and split a dataset; `name` is its file's name or address. Raises DatasetRejected."""
    table = read_dataset(content, name)
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
    return TrainingData(train, test, checked.rejected)
