"""A query's result → Parquet in Hive partitions by kind, model and day, as Athena, Spark and DuckDB read them."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from cli.errors import CommandError

TIMES = {"predictions": ("prediction", "timestamp"), "feedback": ("feedback", "received_at")}
"""Tables that can be partitioned: the kind of their records, and the time whose day is the partition's."""


def write_partitions(reader: pa.RecordBatchReader, folder: Path, table: str, model: str) -> int:
    """Write all batches of a table under `folder`; returns the number of rows.

    Raises CommandError if the folder exists or the table can't be partitioned, and what reading raises; there is no
    folder then.
    """
    # Imported here because it imports pandas, which would slow every command.
    import pyarrow.compute as pc
    import pyarrow.dataset as ds

    if folder.exists():
        raise CommandError(f"{folder} exists already; name a new folder.")
    if table not in TIMES:
        raise CommandError(f"{table} can't be partitioned; {' and '.join(TIMES)} can.")
    kind, time = TIMES[table]
    counted = [0]

    def with_days() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            counted[0] += batch.num_rows
            yield batch.append_column("day", pc.strftime(batch[time].cast(pa.timestamp("us", "UTC")), "%Y-%m-%d"))

    schema = reader.schema.append(pa.field("day", pa.string()))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as made:
        place = Path(made) / "lake"
        ds.write_dataset(
            with_days(),
            place / f"kind={kind}" / f"model={model}",
            schema=schema,
            format="parquet",
            partitioning=ds.partitioning(pa.schema([("day", pa.string())]), flavor="hive"),
        )
        place.rename(folder)
    return counted[0]
