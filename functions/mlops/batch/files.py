"""The input files of a run: which they are, whether they have the model's columns, and how they can be cut."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import obstore
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from mlops.batch.csv_text import Lines, cut_lines, find_columns
from mlops.batch.ids import MAX_FILES
from mlops.batch.objects import PinnedObject
from mlops.batch.request import Address
from mlops.contract import Contract
from mlops.data.read import FORMATS, find_ending
from mlops.data.text import can_be
from mlops.errors.batch import BatchRejected
from mlops.errors.data import DatasetRejected
from mlops.registry.store import Store

PARQUET = ".parquet"
_THREADS = 16
_SHOWN = 5
_BUFFER = 1 << 22  # bytes of each column that are read at once


class InputFile(BaseModel):
    """A file of rows as it was when the run was planned.

    `columns` are its names in order. `start` is the place of the first byte below a CSV's header, decompressed.
    """

    model_config = ConfigDict(frozen=True)

    bucket: str
    key: str
    etag: str
    size: int
    columns: tuple[str, ...] = ()
    start: int = 0

    @property
    def uri(self) -> str:
        """Its address."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def ending(self) -> str:
        """The ending of its name, one of FORMATS."""
        return find_ending(self.key) or ""

    def open(self, store: Store) -> PinnedObject:
        """The file as long as it's unchanged; `store` is its bucket."""
        return PinnedObject(store, self.key, self.uri, self.size, self.etag)


def find_files(store: Store, place: Address) -> list[InputFile]:
    """The file at an address, or all files under a prefix, by name. Raises BatchRejected if there are none.

    Hidden objects, whose names begin with a dot or an underscore, are passed over, as other readers do.
    """
    listed = [*_list(store, place)] if place.key.endswith("/") else [*_head(store, place)]
    found = [each for each in listed if not each.key.rpartition("/")[2].startswith((".", "_")) and each.size]
    wrong = [each.uri for each in found if not each.ending]
    if wrong:
        raise BatchRejected(f"{_some(wrong)}: names of input files end in {', '.join(FORMATS)}")
    if not found:
        what = "no files lie under" if place.key.endswith("/") else "there is no file"
        raise BatchRejected(f"{what} s3://{place.bucket}/{place.key}, so there is nothing to predict")
    if len(found) > MAX_FILES:
        raise BatchRejected(f"{len(found):,} files lie under {place.key}; a run takes {MAX_FILES:,}")
    return sorted(found, key=lambda each: each.key)


def _list(store: Store, place: Address) -> Iterator[InputFile]:
    for page in obstore.list(store, place.key):
        for each in page:
            yield _describe(place.bucket, each)


def _head(store: Store, place: Address) -> Iterator[InputFile]:
    try:
        yield _describe(place.bucket, obstore.head(store, place.key))
    except FileNotFoundError:
        return


def _describe(bucket: str, found: Any) -> InputFile:
    return InputFile(bucket=bucket, key=found["path"], etag=found["e_tag"], size=found["size"])


def check_files(store: Store, files: Sequence[InputFile], contract: Contract, key: Sequence[str]) -> list[InputFile]:
    """The files with their columns. Raises BatchRejected, which names those that lack columns or aren't tables."""

    def check(file: InputFile) -> InputFile | str:
        try:
            return _check(store, file, contract, key)
        except (BatchRejected, DatasetRejected) as error:
            return f"{file.uri}: {error}"

    with ThreadPoolExecutor(_THREADS, "check") as pool:
        checked = [*pool.map(check, files)]
    wrong = [each for each in checked if isinstance(each, str)]
    if wrong:
        raise BatchRejected(f"{len(wrong):,} of {len(files):,} files can't be scored: {_some(wrong)}")
    return [each for each in checked if isinstance(each, InputFile)]


def _check(store: Store, file: InputFile, contract: Contract, key: Sequence[str]) -> InputFile:
    content = file.open(store)
    if file.ending == PARQUET:
        with open_parquet(content) as table:
            schema = table.schema_arrow
        _check_types(schema, contract)
        columns, start = schema.names, 0
    else:
        columns, start = find_columns(content)
    missing = [column.name for column in contract.columns if column.required and column.name not in columns]
    if missing:
        raise BatchRejected(f"it lacks {_names(missing)} of the model's columns; is it of another model?")
    if absent := [name for name in key if name not in columns]:
        raise BatchRejected(f"it lacks {_names(absent)}, which the answers are to repeat")
    twice = sorted({name for name in columns if columns.count(name) > 1} & {*contract.names, *key})
    if twice:
        raise BatchRejected(f"more than one column is named {_names(twice)}")
    return file.model_copy(update={"columns": tuple(columns), "start": start})


def _check_types(schema: pa.Schema, contract: Contract) -> None:
    wrong = [
        f"{column.name} is {schema.field(column.name).type} where the model takes a {column.kind}"
        for column in contract.columns
        if column.name in schema.names and not can_be(pa.chunked_array([], schema.field(column.name).type), column.kind)
    ]
    if wrong:
        raise BatchRejected("; ".join(wrong[:_SHOWN]))


def open_parquet(content: PinnedObject) -> pq.ParquetFile:
    """The file, whose pages are read as they're needed. Raises BatchRejected if it isn't Parquet."""
    try:
        return pq.ParquetFile(pa.PythonFile(content.open_unbuffered(), mode="r"), buffer_size=_BUFFER, pre_buffer=False)
    except pa.ArrowInvalid as error:
        raise BatchRejected(f"it can't be read as Parquet: {error}") from None


class Chunk(BaseModel):
    """Rows of a file that one function scores: row groups of Parquet, or lines of CSV.

    `rows` is None where they weren't counted; the first of them has the number `first` in the file.
    """

    model_config = ConfigDict(frozen=True)

    number: int
    file: int
    start: int
    end: int
    first: int
    rows: int | None


def cut_files(store: Store, files: Sequence[InputFile], most: int) -> list[Chunk]:
    """The chunks of the files, in order, each of about `most` rows."""
    with ThreadPoolExecutor(_THREADS, "cut") as pool:
        parts = [*pool.map(lambda file: _cut(store, file, most), files)]
    pieces = [(number, part) for number, found in enumerate(parts) for part in found]
    return [
        Chunk(number=number, file=file, start=part.start, end=part.end, first=part.first, rows=part.rows)
        for number, (file, part) in enumerate(pieces)
    ]


def _cut(store: Store, file: InputFile, most: int) -> list[Lines]:
    content = file.open(store)
    if file.ending == ".csv":
        return cut_lines(content, file.start, most)
    if file.ending != PARQUET:
        return [Lines(file.start, file.size, 0, None)]
    with open_parquet(content) as table:
        sizes = [table.metadata.row_group(group).num_rows for group in range(table.metadata.num_row_groups)]
    return [*_cut_groups(sizes, most)]


def _cut_groups(sizes: Sequence[int], most: int) -> Iterator[Lines]:
    """Row groups together while they don't exceed `most` rows; `start` and `end` are their numbers."""
    start = first = rows = 0
    for group, size in enumerate(sizes):
        if rows and rows + size > most:
            yield Lines(start, group, first, rows)
            start, first, rows = group, first + rows, 0
        rows += size
    if rows:
        yield Lines(start, len(sizes), first, rows)


def _some(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - _SHOWN:,} more" if len(texts) > _SHOWN else ""
    return "; ".join(texts[:_SHOWN]) + more


def _names(names: Iterable[str]) -> str:
    return ", ".join(names)
