"""The dataset that a version was trained on → the table `last`: its place, and the columns as text c0, c1 …, target."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pyarrow as pa
from duckdb import DuckDBPyConnection
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from mlops.artifact.spelling import strip
from mlops.errors.monitoring import RetrainingRefused

_BLOCK = 1 << 24  # bytes of a CSV that are read at once, and the most that a line may have


def load_last(
    connection: DuckDBPyConnection,
    file: Path,
    name: str,
    model: str,
    columns: Sequence[str],
    *,
    days: Collection[str] = (),
) -> None:
    """Make the table; `name` tells the file's format, `days` are the columns whose times are days.

    Raises RetrainingRefused if a column isn't in it.
    """
    reader = _open_parquet(file) if name.endswith(".parquet") else _open_csv(file, name)
    names = {strip(name): name for name in reader.schema.names}
    missing = [column for column in columns if column not in names]
    if missing:
        raise RetrainingRefused(model, f"the last dataset has no column {', '.join(missing)}")
    cells = ", ".join(
        f"{_to_text(reader.schema, names[column], is_day=column in days)} AS c{place}"
        for place, column in enumerate(columns)
    )
    connection.register("file", reader)
    connection.execute(f"CREATE TABLE last AS SELECT row_number() OVER () AS place, {cells} FROM file")  # noqa: S608
    connection.unregister("file")


def _open_csv(file: Path, name: str) -> pa.RecordBatchReader:
    """The file's cells as text: it was trained on, so that its lines are known to be whole."""
    compression = "gzip" if name.endswith(".gz") else None
    with pa.input_stream(str(file), compression=compression) as stream:
        names = arrow_csv.open_csv(stream, read_options=arrow_csv.ReadOptions(block_size=_BLOCK)).schema.names
    texts = arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    return arrow_csv.open_csv(
        pa.input_stream(str(file), compression=compression),
        read_options=arrow_csv.ReadOptions(block_size=_BLOCK),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=texts,
    )


def _open_parquet(file: Path) -> pa.RecordBatchReader:
    opened = parquet.ParquetFile(file)
    return pa.RecordBatchReader.from_batches(opened.schema_arrow, opened.iter_batches())


def _to_text(schema: pa.Schema, column: str, *, is_day: bool) -> str:
    quoted = '"' + column.replace('"', '""') + '"'
    kind = schema.field(column).type
    if pa.types.is_timestamp(kind) and is_day:
        return f"CAST(CAST({quoted} AS DATE) AS VARCHAR)"
    if pa.types.is_timestamp(kind):
        zone = "Z" if kind.tz else ""
        moment = f"{quoted} AT TIME ZONE 'UTC'" if kind.tz else quoted
        return f"strftime({moment}, '%Y-%m-%dT%H:%M:%S.%f{zone}')"
    return f"nullif(trim(CAST({quoted} AS VARCHAR)), '')"
