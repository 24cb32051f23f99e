"""Columns that no record has (private ones, and key columns that are no inputs), from feedback files.

A file that names predictions by their id may have such columns beside the truth. It lies in the data bucket as datasets
do, and its cells go nowhere but into a dataset.
"""

from collections.abc import Iterator, Sequence
from itertools import batched
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

from mlops.monitoring.layout import feedback_prefix
from mlops.monitoring.retraining.bucket import DataBucket
from mlops.records.bulk.rows import FORMATS, open_rows

_ID = "prediction_id"
_BATCH = 20_000  # rows


def load_carried(connection: DuckDBPyConnection, bucket: DataBucket, model: str, columns: Sequence[str]) -> None:
    """Make the table `carried`: prediction_id and the columns as x0, x1 …, of each prediction the last file's.

    Files without all the columns or without ids carry nothing; rows that can't be read were reported at ingestion.
    """
    places = [f"x{place}" for place in range(len(columns))]
    schema = pa.schema([(_ID, pa.string()), ("file", pa.string()), *((place, pa.string()) for place in places)])
    connection.register("nothing", schema.empty_table())
    connection.execute("CREATE TABLE lines AS FROM nothing")
    connection.unregister("nothing")
    for key in bucket.list_keys(feedback_prefix(model)):
        if key.endswith(FORMATS):
            for rows in batched(_read(bucket, key, columns), _BATCH, strict=False):
                connection.register("rows", pa.Table.from_pylist([*rows], schema))
                connection.execute("INSERT INTO lines FROM rows")
                connection.unregister("rows")
    connection.execute(
        """CREATE TABLE carried AS SELECT * EXCLUDE (file) FROM lines
        QUALIFY row_number() OVER (PARTITION BY prediction_id ORDER BY file DESC, rowid DESC) = 1"""
    )


def _read(bucket: DataBucket, key: str, columns: Sequence[str]) -> Iterator[dict[str, str | None]]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "feedback"
        if not bucket.download(key, None, file):
            return
        with open_rows(file, key) as table:
            if not {_ID, *columns} <= {*table.columns}:
                return
            for row in table.rows:
                if row.problem or row.cells[_ID] is None:
                    continue
                cells = {f"x{place}": _text(row.cells[name]) for place, name in enumerate(columns)}
                yield {_ID: str(row.cells[_ID]).lower(), "file": key, **cells}


def _text(cell: Any) -> str | None:
    """A cell as a CSV has it."""
    if cell is None:
        return None
    if isinstance(cell, bool):
        return str(cell).lower()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
