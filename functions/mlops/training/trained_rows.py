"""The rows that versions were trained on, read again and compared, for `mlops models diff-data` and the console."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from mlops.data.difference import DatasetDifference, compare_datasets, shared_columns
from mlops.data.keys import read_keys
from mlops.data.read import read_dataset
from mlops.data.row_changes import RowChanges, compare_rows
from mlops.data.row_digests import Digests
from mlops.registry.manifest.manifest import Manifest
from mlops.spec import ModelSpec
from mlops.training.provenance import fetch_dataset, recorded_spec, valid_rows


@dataclass(frozen=True)
class TrainedRows:
    """The rows of a version's dataset that kept the contract, with their positions in the file as index.

    `keys` [rows] are digests of what identifies them, None where the spec has no key.
    """

    spec: ModelSpec
    rows: pd.DataFrame
    keys: Digests | None

    @classmethod
    def read(cls, s3: Any, manifest: Manifest) -> "TrainedRows":
        """Read a version's dataset through boto3's client of S3.

        Raises DatasetLost, DatasetRejected where today's code takes the dataset no more, and SpecInvalid.
        """
        spec, content, name = recorded_spec(manifest), fetch_dataset(s3, manifest), manifest.dataset.uri
        rows = valid_rows(content, name, spec)
        return cls(spec, rows, read_keys(read_dataset(content, name), rows, spec) if spec.key else None)


def compare_trained_rows(before: TrainedRows, after: TrainedRows) -> DatasetDifference:
    """How the datasets of two versions differ."""
    return compare_datasets((before.rows, after.rows), (before.spec, after.spec), _keys(before, after))


def find_changed_rows(before: TrainedRows, after: TrainedRows) -> RowChanges:
    """Which rows of the two datasets differ."""
    columns = shared_columns((before.spec, after.spec))
    return compare_rows((before.rows, after.rows), columns, _keys(before, after))


def _keys(before: TrainedRows, after: TrainedRows) -> tuple[Digests | None, Digests | None]:
    """The keys of both, if they are made of the same columns: others are no sign that rows are the same."""
    return (before.keys, after.keys) if before.spec.key == after.spec.key else (None, None)
