"""Whether a first dataset's repeated rows are ordinary, or a part of it that was pasted twice."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from mlops.contract import Column
from mlops.data.duplicates import REPEATED, check_duplicates
from mlops.data.findings import gather
from mlops.data.leakage.identifiers import is_named_so
from mlops.data.row_digests import row_digests
from mlops.spec import ModelSpec

PASTED = 0.5
"""If more of the repeated rows than this follow each other as those that they repeat do, they were pasted."""


def count_repeats(table: pa.Table, rows: pd.DataFrame, spec: ModelSpec) -> dict[str, int]:
    """Rule on repeated rows → rows that break it, of the rules that some break; `rows` are the table's checked ones."""
    groups = gather(list(check_duplicates(table, rows, spec))).groups
    return {group.rule: group.count for group in groups if group.rule in REPEATED}


def is_pasted(rows: pd.DataFrame) -> bool:
    """Whether the repeated rows of a table are a part of it that stands twice: the same rows in the same order."""
    digests = row_digests(rows, list(rows.columns))
    first = pd.Series(np.arange(len(rows))).groupby(digests).transform("first").to_numpy()
    repeated = first < np.arange(len(rows))
    follows = repeated[1:] & repeated[:-1] & (np.diff(first) == 1)
    return bool(follows.sum() > PASTED * repeated.sum())


def note_repeats(counts: dict[str, int], columns: Sequence[Column], rows: int) -> str:
    """A line on repeated rows that are kept, and on what would be a key."""
    words = {"duplicate": "are equal to an earlier one", "conflict": "are equal to one but for the target"}
    equal = " and ".join(f"{counts[rule]:,} {text}" for rule, text in words.items() if rule in counts)
    named = [column.name for column in columns if is_named_so(column.name)]
    key = (
        f'such as {named[0]!r}, goes into key=("{named[0]}",)' if named else "would go into key=(…), if there were one"
    )
    return (
        f'Rows repeat: of {rows:,} rows {equal}. They are kept by repeats="keep"; '
        f"a column that identifies each row {key}."
    )
