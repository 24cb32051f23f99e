"""A Parquet file's bytes → a table of typed cells; what is damaged, or unpacks to too much, is refused."""

import pyarrow as pa
import pyarrow.parquet as pq

from mlops.artifact.spelling import strip
from mlops.errors.data import rejection

_BATCH = 1 << 14
_PLAIN = {pa.float16(): pa.float32(), pa.string_view(): pa.string()}


def read_parquet(content: bytes, max_bytes: int) -> pa.Table:
    """The dataset with its columns' types; text stays in dictionaries where the file has it so.

    Raises DatasetRejected for a damaged file, one without rows, a name twice or missing, and more than `max_bytes` in
    memory: the file's own figures are looked at before it's read, and what was read is counted on the way.
    """
    if not content:
        raise rejection("empty", "the file is empty")
    try:
        return _read(content, max_bytes)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError):
        raise rejection("parquet", "the file isn't Parquet, or is damaged; write it again") from None


def _read(content: bytes, max_bytes: int) -> pa.Table:
    with pq.ParquetFile(pa.BufferReader(content)) as closed:
        names, metadata = [strip(name) for name in closed.schema_arrow.names], closed.metadata
        texts = [field.name for field in closed.schema_arrow if pa.types.is_string(field.type)]
        claimed = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
        rows = metadata.num_rows
    _check_names(names)
    # A run of equal values takes no room in a file: each cell is a double once it's read, whatever the file claims.
    if max(claimed, 8 * rows * len(names)) > max_bytes:
        raise rejection(
            "size",
            f"the file has more than {max_bytes:,} bytes unpacked, the most that is read",
        )
    if not rows:
        raise rejection("empty", "the file has columns and no rows")
    with pq.ParquetFile(pa.BufferReader(content), read_dictionary=texts) as file:
        return _plain(pa.Table.from_batches(_take(file, max_bytes), file.schema_arrow).rename_columns(names))


def _plain(table: pa.Table) -> pa.Table:
    """The table without types that Arrow can write, and hardly compute with."""
    for place, field in enumerate(table.schema):
        other = _PLAIN.get(field.type)
        if other is not None:
            table = table.set_column(place, field.name, table[place].cast(other))
    return table


def _take(file: pq.ParquetFile, max_bytes: int) -> list[pa.RecordBatch]:
    batches, size = [], 0
    for batch in file.iter_batches(_BATCH):
        size += batch.nbytes
        if size > max_bytes:
            raise rejection(
                "size",
                f"the file has more than {max_bytes:,} bytes unpacked, the most that is read",
            )
        batches.append(batch)
    return batches


def _check_names(names: list[str]) -> None:
    missing = [place for place, name in enumerate(names, 1) if not name]
    if missing:
        raise rejection("header", f"column {missing[0]} has no name; give it one, or leave it out")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise rejection("header", f"more than one column is named {', '.join(twice)}; rename them")
