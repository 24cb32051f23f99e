"""A query's result → a file: CSV, JSON Lines or Parquet, batch by batch, whole or not at all."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet, types
from pydantic_core import to_json

from cli.errors import CommandError
from cli.whole_file import whole_file

FORMATS = (".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".parquet")


def check_format(file: Path) -> None:
    """Raises CommandError if the file's name has none of the formats' endings."""
    if not file.name.endswith(FORMATS):
        raise CommandError(f"{file.name} doesn't end in {', '.join(FORMATS)}, the formats that can be written.")


def write_file(reader: pa.RecordBatchReader, file: Path) -> int:
    """Write all batches in the format of the file's ending; returns the number of rows.

    CSV has no nested values: a struct's members are columns of their own (`inputs.mean radius`), lists are JSON.
    Raises CommandError if the folder can't be written to, and what reading raises; there is no file then.
    """
    with whole_file(file) as path:
        if file.name.endswith(".parquet"):
            return _write_parquet(reader, path)
        with _open(path, file.name) as out:
            return (_write_csv if ".csv" in file.suffixes[-2:] else _write_lines)(reader, out)


def _open(path: Path, name: str) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, "wb")) if name.endswith(".gz") else path.open("wb")


def _write_parquet(reader: pa.RecordBatchReader, path: Path) -> int:
    rows = 0
    with parquet.ParquetWriter(path, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _write_lines(reader: pa.RecordBatchReader, out: IO[bytes]) -> int:
    rows = 0
    for batch in reader:
        out.writelines(to_json(row, fallback=str, inf_nan_mode="null") + b"\n" for row in batch.to_pylist())
        rows += batch.num_rows
    return rows


def _write_csv(reader: pa.RecordBatchReader, out: IO[bytes]) -> int:
    empty = _flatten(pa.RecordBatch.from_pylist([], reader.schema))
    rows = 0
    with csv.CSVWriter(out, empty.schema, write_options=csv.WriteOptions(quoting_style="needed")) as writer:
        for batch in reader:
            writer.write_table(_flatten(batch))
            rows += batch.num_rows
    return rows


def _flatten(batch: pa.RecordBatch) -> pa.Table:
    """The batch's columns, those of structs included, as what CSV can hold."""
    columns = dict(
        found for name, cells in zip(batch.schema.names, batch.columns, strict=True) for found in _columns(name, cells)
    )
    return pa.table(columns)


def _columns(name: str, cells: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    if types.is_struct(cells.type):
        for field, part in zip(cells.type, cells.flatten(), strict=True):
            yield from _columns(f"{name}.{field.name}", part)
        return
    convert: Callable[[pa.Array], pa.Array] = next((make for fits, make in _TEXTS if fits(cells.type)), lambda x: x)
    yield name, convert(cells)


def _json(cells: pa.Array) -> pa.Array:
    texts: list[Any] = [None if cell is None else to_json(cell, fallback=str).decode() for cell in cells.to_pylist()]
    return pa.array(texts, pa.string())


_TEXTS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], pa.Array]], ...] = (
    (types.is_timestamp, lambda cells: pc.strftime(cells, "%Y-%m-%dT%H:%M:%S" + ("Z" if cells.type.tz else ""))),
    (types.is_nested, _json),
    (lambda kind: isinstance(kind, pa.BaseExtensionType), lambda cells: cells.storage.cast(pa.string())),
)
