"""The keys of rows: what a spec says identifies each of them, whether a model sees it or not."""

import numpy as np
import pandas as pd
import pyarrow as pa

from mlops.data.order import text_cells
from mlops.data.row_digests import Digests, row_digests
from mlops.spec import ModelSpec


def read_keys(table: pa.Table, rows: pd.DataFrame, spec: ModelSpec) -> Digests | None:
    """A digest of each row's cells in the spec's key columns [rows], equal for equal keys; None if it has no key.

    `rows` are some of the table, with their positions as index.
    """
    if not spec.key:
        return None
    return np.asarray(row_digests(text_cells(table, rows, spec.key), spec.key), dtype=np.uint64)
