"""Rows recognised by their content: duplicates within a dataset, and rows that a version was trained on.

A version keeps the digests of its training rows. Fresh rows are those that aren't among them: only on fresh rows can
two versions be compared.
"""

import hashlib
import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

PUBLIC_TRAINING_ROWS = "training_rows.public.npy"
"""The file of a version that has private columns, in place of artifact.names.TRAINING_ROWS: digests of public cells."""

# Columns that are added to training and test rows where they are needed, under names that no contract has.
HIDDEN = "\0"
"""What their names begin with."""
ROW = f"{HIDDEN}row"
"""The digest that tells a row from others of the same content, in a table where rows repeat by chance."""
UNIT = f"{HIDDEN}unit"
"""A number for rows that are one thing, or of one group: they are held out together, and drawn together."""
GROUP = f"{HIDDEN}group"
"""The digest of a row's group, in a table that is split by groups."""
TIME = f"{HIDDEN}time"
"""The rank of a row's time, in a table that is split by time."""

type Digests = npt.NDArray[np.uint64]


def row_digests(rows: pd.DataFrame, columns: Sequence[str]) -> Digests:
    """64 bits of each row's content in these columns, [rows]: equal for equal values, wherever the row is.

    Without columns all rows are equal.
    """
    if not columns:
        return np.zeros(len(rows), dtype=np.uint64)
    return np.asarray(pd.util.hash_pandas_object(rows[list(columns)], index=False), dtype=np.uint64)


def digest_rows(rows: pd.DataFrame) -> str:
    """SHA-256 of all rows in their order, hexadecimal: equal for equal values under equal names, however written."""
    digest = hashlib.sha256()
    for name in rows.columns:
        values = rows[name]
        numbers = values.to_numpy(np.float64) + 0.0 if pd.api.types.is_float_dtype(values) else None
        cells = row_digests(rows, [name]) if numbers is None else np.where(np.isnan(numbers), np.nan, numbers)
        digest.update(f"{len(name)} {name} {len(cells)}\n".encode())
        digest.update(np.ascontiguousarray(cells).view(np.uint8))
    return digest.hexdigest()


def dump_digests(rows: pd.DataFrame, columns: Sequence[str]) -> bytes:
    """The sorted digests of training rows as a file, 8 bytes a row, whose bytes follow from the rows alone.

    In a table where rows repeat by chance they are those that tell equal rows apart.
    """
    digests = rows[ROW].to_numpy(np.uint64) if ROW in rows else row_digests(rows, columns)
    file = io.BytesIO()
    np.save(file, np.unique(digests), allow_pickle=False)
    return file.getvalue()


def load_digests(content: bytes) -> Digests:
    """The digests in a file that `dump_digests` made."""
    digests: Digests = np.load(io.BytesIO(content), allow_pickle=False)
    return digests


def row_units(rows: pd.DataFrame) -> npt.NDArray[np.intp] | None:
    """The unit of each row [rows], or None where each row is one."""
    return rows[UNIT].to_numpy(np.intp) if UNIT in rows else None


def fresh_rows(rows: pd.DataFrame, columns: Sequence[str], trained: Digests) -> pd.DataFrame:
    """The rows that a version wasn't trained on, by its input columns and the digests of its training rows.

    Rows of a unit that has a trained row aren't fresh.
    """
    return rows[~trained_rows(rows, columns, trained)]


def known_rows(rows: pd.DataFrame, columns: Sequence[str], trained: Digests) -> npt.NDArray[np.bool_]:
    """Which of the rows [rows] a version was trained on."""
    known = np.isin(row_digests(rows, columns), trained)
    if ROW in rows:
        known |= np.isin(rows[ROW].to_numpy(np.uint64), trained)
    return np.asarray(known, dtype=np.bool_)


def covered_share(rows: pd.DataFrame, columns: Sequence[str], trained: Digests) -> float:
    """The share of a version's training rows that are among these rows."""
    digests = [row_digests(rows, columns), *([rows[ROW].to_numpy(np.uint64)] if ROW in rows else [])]
    return max(float(np.isin(trained, each).mean()) for each in digests)


def trained_rows(rows: pd.DataFrame, columns: Sequence[str], trained: Digests) -> npt.NDArray[np.bool_]:
    """Which of the rows [rows] a version was trained on, with all rows of the same unit."""
    seen = known_rows(rows, columns, trained)
    if UNIT in rows:
        units = rows[UNIT].to_numpy()
        seen = np.isin(units, units[seen])
    return np.asarray(seen, dtype=np.bool_)
