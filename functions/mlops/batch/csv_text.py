"""A CSV file's lines: its header, its chunks of whole lines, and its rows.

Where no cell is quoted, each line is a row, so that a file can be cut between any two lines. A file with quotes, and
one that is compressed, is read from its start to its end by one function.
"""

import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from gzip import BadGzipFile, GzipFile
from itertools import batched
from typing import IO, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from mlops.artifact.spelling import strip
from mlops.batch.objects import BLOCK, PinnedObject
from mlops.data.read_csv import read_header
from mlops.errors.batch import BatchRejected
from mlops.records.bulk.rows import CsvLines, FileRow, read_csv_rows

_LINE_END, _RETURN = ord("\n"), ord("\r")
_BOM = b"\xef\xbb\xbf"
_MOST_HEADER = 1 << 20  # bytes
_ROWS = 20_000  # that Python's reader gives at once


@dataclass(frozen=True)
class Lines:
    """Whole lines of a file: bytes from `start` up to `end`, with `rows` rows, the first of which is number `first`.

    `rows` is None where they weren't counted.
    """

    start: int
    end: int
    first: int
    rows: int | None


@dataclass(frozen=True)
class Piece:
    """Rows of a file, in order: a table of the columns that are wanted, and the rows' numbers in the file, [N].

    `problems` are rows that can't be read: number, rule, what is wrong.
    """

    table: pa.Table
    numbers: NDArray[np.int64]
    problems: Sequence[tuple[int, str, str]] = ()


def open_lines(content: PinnedObject, start: int = 0, end: int | None = None) -> IO[bytes]:
    """A range of the file, decompressed."""
    raw = content.open(start, end)
    return cast("IO[bytes]", GzipFile(fileobj=raw)) if content.key.endswith(".gz") else raw


def find_columns(content: PinnedObject) -> tuple[list[str], int]:
    """The names in the header, and the place of the first byte below it once it's decompressed.

    Raises DatasetRejected, and BatchRejected for what isn't gzip.
    """
    with open_lines(content) as file:
        start = _next_block(file)[:_MOST_HEADER]
    whole = start[: start.rfind(b"\n") + 1] or start
    end = _header_end(whole)
    names = [strip(name) for name in read_header(whole[:end])]
    if b"\r" in whole[:end].rstrip(b"\r\n"):
        raise BatchRejected("its lines end in carriage returns; save it with line feeds")
    return names, end


def _header_end(start: bytes) -> int:
    """The place behind the first line that isn't blank, and behind those that its quotes take in."""
    end = len(_BOM) if start.startswith(_BOM) else 0
    quotes = 0
    is_open = False
    for line in io.BytesIO(start[end:]):
        end += len(line)
        is_open = is_open or bool(line.strip())
        quotes += line.count(b'"')
        if is_open and quotes % 2 == 0:
            break
    return end


def cut_lines(content: PinnedObject, start: int, most: int) -> list[Lines]:
    """The lines below the header in chunks of `most` rows; one chunk, whose rows aren't counted, if it can't be cut."""
    found: list[Lines] = []
    chunk = line = place = start
    first = rows = 0
    last = _LINE_END
    with content.open(start) as file:
        while block := file.read(BLOCK):
            if b'"' in block or _has_lone_return(block, last):
                return [Lines(start, content.size, 0, None)]
            text = np.frombuffer(block, np.uint8)
            ends = np.flatnonzero(text == _LINE_END)
            before = np.where(ends > 0, text[ends - 1], last) == _RETURN
            lengths = np.diff(ends + place, prepend=line - 1) - 1
            counts = np.cumsum(lengths > before)  # of lines that aren't blank
            taken = 0
            while len(counts) and rows + counts[-1] - taken >= most:
                cut = int(np.searchsorted(counts, taken + most - rows))
                end = place + int(ends[cut]) + 1
                found.append(Lines(chunk, end, first, most))
                chunk, first, taken, rows = end, first + most, taken + most - rows, 0
            if len(counts):
                rows += int(counts[-1]) - taken
                line = place + int(ends[-1]) + 1
            place += len(block)
            last = int(text[-1])
    rows += place - line > (last == _RETURN)  # a last line without an end
    return [*found, Lines(chunk, place, first, rows)] if rows else found


def _has_lone_return(block: bytes, last: int) -> bool:
    """Whether a carriage return ends a line alone, as it does in no file that is cut; `last` is the byte before."""
    inner = block[:-1] if block.endswith(b"\r") else block
    alone = last == _RETURN and not block.startswith(b"\n")
    return alone or inner.count(b"\r") != inner.count(b"\r\n")


def read_pieces(file: IO[bytes], columns: Sequence[str], wanted: Sequence[str], first: int) -> Iterator[Piece]:
    """The rows of lines below a header with these columns; the first of them has the number `first`.

    Cells are text, "" where missing. Raises BatchRejected where a compressed file is damaged.
    """
    rest = b""
    while block := _next_block(file):
        if b'"' in block or b'"' in rest:
            yield from _read_rows(_join(rest + block, file), columns, wanted, first)
            return
        lines, rest = _split(rest + block)
        if lines:
            for piece in _read_lines(lines, columns, wanted, first):
                first += len(piece.numbers) + len(piece.problems)
                yield piece
    if rest:
        yield from _read_lines(rest, columns, wanted, first)


def _next_block(file: IO[bytes]) -> bytes:
    try:
        return file.read(BLOCK)
    except (EOFError, BadGzipFile, zlib.error) as error:
        raise BatchRejected(f"the file is damaged: {error}") from None


def _split(text: bytes) -> tuple[bytes, bytes]:
    end = text.rfind(b"\n") + 1
    return text[:end], text[end:]


def _join(start: bytes, file: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", io.BufferedReader(_Joined(start, file), BLOCK))


class _Joined(io.RawIOBase):
    """Bytes, and then a file."""

    def __init__(self, start: bytes, file: IO[bytes]) -> None:
        self._start, self._file = memoryview(start), file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._start:
            found = self._file.read(len(buffer))
            buffer[: len(found)] = found
            return len(found)
        count = min(len(buffer), len(self._start))
        buffer[:count], self._start = self._start[:count], self._start[count:]
        return count


def _read_lines(lines: bytes, columns: Sequence[str], wanted: Sequence[str], first: int) -> Iterator[Piece]:
    """Lines without quotes: Arrow reads them, and Python if one is wrong."""
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(lines),
            read_options=arrow_csv.ReadOptions(column_names=[*columns], use_threads=False, block_size=len(lines) + 1),
            parse_options=arrow_csv.ParseOptions(quote_char=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()),
                strings_can_be_null=False,
                include_columns=[*wanted],
            ),
        )
    except pa.ArrowInvalid:
        yield from _read_rows(io.BytesIO(lines), columns, wanted, first)
        return
    yield Piece(table, np.arange(first, first + table.num_rows, dtype=np.int64))


def _read_rows(file: IO[bytes], columns: Sequence[str], wanted: Sequence[str], first: int) -> Iterator[Piece]:
    rows = read_csv_rows(CsvLines(file), columns)
    for chunk in batched(rows, _ROWS, strict=False):
        yield _gather(chunk, wanted, first)
        first += len(chunk)


def _gather(rows: Sequence[FileRow], wanted: Sequence[str], first: int) -> Piece:
    good = [(number, row.cells) for number, row in enumerate(rows, first) if not row.problem]
    problems = [(number, *row.problem) for number, row in enumerate(rows, first) if row.problem]
    damaged = [message for _, rule, message in problems if rule == "damaged"]
    if damaged:
        raise BatchRejected(damaged[0])
    cells = {name: pa.array([row[name] or "" for _, row in good], pa.string()) for name in wanted}
    return Piece(pa.table(cells), np.array([number for number, _ in good], np.int64), problems)
