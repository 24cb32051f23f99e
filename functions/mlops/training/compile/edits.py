"""Copies of rows with some cells replaced."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, slots=True)
class Edit:
    """A row to copy, and its cells to replace; None empties a cell."""

    row: int
    cells: dict[str, float | str | None]


def edited(base: pd.DataFrame, edits: Sequence[Edit]) -> pd.DataFrame:
    """One row for each edit, with the columns and types of `base`."""
    copies = base.iloc[[edit.row for edit in edits]].reset_index(drop=True)
    for name in base.columns:
        at = [position for position, edit in enumerate(edits) if name in edit.cells]
        if at:
            values = [np.nan if edits[position].cells[name] is None else edits[position].cells[name] for position in at]
            copies.loc[at, name] = values
    return copies
