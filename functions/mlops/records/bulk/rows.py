"""A feedback file's rows. A row that can't be read is a row too, with the reason; none ends the reading of the next."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO, Any, cast

from mlops.errors.records import FeedbackRejected

FORMATS = (".csv", ".csv.gz", ".parquet")
_BATCH = 20_000  # rows of a Parquet file in memory at once


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row's cells by column; text as in a CSV, or Python's types from Parquet; None where missing.

    `problem` is the rule that an unreadable row breaks and what is wrong with it; it has no cells.
    """

    cells: dict[str, Any] = field(default_factory=dict)
    problem: tuple[str, str] | None = None


@dataclass(frozen=True)
class FileRows:
    """The columns of a file and its rows, read as they are asked for."""

    columns: Sequence[str]
    rows: Iterator[FileRow]


@contextmanager
def open_rows(path: Path, source: str) -> Iterator[FileRows]:
    """The rows of the file at `path`, whose format is that of the name `source`. Raises FeedbackRejected."""
    if source.endswith(".parquet"):
        with _open_parquet(path, source) as file:
            yield FileRows(_check_columns(file.schema_arrow.names, source), _parquet_rows(file))
    elif source.endswith((".csv", ".csv.gz")):
        with path.open("rb") as raw:
            lines = CsvLines(cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if source.endswith(".gz") else raw)
            columns = _check_columns(_read_header(lines, source), source)
            yield FileRows(columns, read_csv_rows(lines, columns))
    else:
        raise FeedbackRejected(source, f"its name must end in {', '.join(FORMATS)}")


def _check_columns(columns: Sequence[str], source: str) -> Sequence[str]:
    if len(set(columns)) < len(columns):
        raise FeedbackRejected(source, "it has two columns of the same name")
    return columns


def _read_header(lines: "CsvLines", source: str) -> Sequence[str]:
    try:
        return [name.strip() for name in next(csv.reader(lines, strict=True))]
    except StopIteration:
        raise FeedbackRejected(source, lines.problem[1] if lines.problem else "it's empty") from None
    except csv.Error as error:
        raise FeedbackRejected(source, f"its header can't be read: {error}") from None


def read_csv_rows(lines: "CsvLines", columns: Sequence[str]) -> Iterator[FileRow]:
    """The rows below a header; blank lines are none."""
    reader = csv.reader(lines, strict=True)
    while True:
        lines.start_row()
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            # An open quote takes the following lines too: only the line that it's in is lost.
            lines.keep_first_line()
            reader = csv.reader(lines, strict=True)
            yield FileRow(problem=("shape", f"the line can't be read: {error}"))
            continue
        if not cells:
            continue
        if len(cells) != len(columns):
            yield FileRow(problem=("shape", f"it has {len(cells)} cells where the header has {len(columns)}"))
        elif any(_is_undecoded(cell) for cell in cells):
            yield FileRow(problem=("encoding", "it isn't UTF-8"))
        else:
            yield FileRow({name: cell.strip() or None for name, cell in zip(columns, cells, strict=True)})
    if lines.problem:
        yield FileRow(problem=lines.problem)


def _is_undecoded(text: str) -> bool:
    return not text.isascii() and any("\udc80" <= letter <= "\udcff" for letter in text)


class CsvLines(Iterator[str]):
    """The lines of a file, of which those of the current row can be read again. They end where the file is damaged."""

    def __init__(self, file: IO[bytes]) -> None:
        # Bytes that aren't UTF-8 become lone surrogates, so that they spoil no more than their row.
        self._lines: Iterable[str] = io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="")
        self._iterator = iter(self._lines)
        self._row: list[str] = []
        self.problem: tuple[str, str] | None = None

    def __next__(self) -> str:
        try:
            line = next(self._iterator)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            self.problem = ("damaged", f"the file is damaged from here on: {error}")
            self._iterator = iter(())
            raise StopIteration from None
        self._row.append(line)
        return line

    def start_row(self) -> None:
        """What is read from here on is a new row."""
        self._row = []

    def keep_first_line(self) -> None:
        """Give the row's lines after the first again."""
        self._iterator = chain(self._row[1:], self._iterator)


def _open_parquet(path: Path, source: str) -> Any:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return parquet.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise FeedbackRejected(source, f"it can't be read as Parquet: {error}") from None


def _parquet_rows(file: Any) -> Iterator[FileRow]:
    import pyarrow as pa

    batches = file.iter_batches(_BATCH)
    while True:
        try:
            rows = next(batches).to_pylist()
        except StopIteration:
            return
        except (pa.ArrowException, OSError, ValueError) as error:
            yield FileRow(problem=("damaged", f"the file is damaged from here on: {error}"))
            return
        yield from map(FileRow, rows)
