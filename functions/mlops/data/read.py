"""A dataset's bytes → a table of cells, by the format that its name ends in, up to a size limit."""

import codecs
import json
import re
import zlib
from collections.abc import Callable
from gzip import BadGzipFile, GzipFile
from io import BytesIO
from pathlib import PurePosixPath

import pyarrow as pa

from mlops.data.read_csv import read_csv
from mlops.data.read_parquet import read_parquet
from mlops.errors.data import DatasetTooLarge, rejection

MAX_BYTES = 2_000_000_000
"""The most that a dataset may have once it's unpacked."""
_BLOCK = 1 << 22
_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table")
# An array of arrays or objects, an object, or such of Python.
_JSON = re.compile(rb"\s*(?:\[\s*[\[{]|\{\s*[\"'])")
_START = 1_000  # bytes, blanks among them, in which a markup begins
_LINE = 10_000  # bytes in which a line of JSON is looked for
_OTHERS = {
    b"PK\x03\x04": "an Excel workbook, or another zip file; save the sheet as CSV in UTF-8",
    b"\xd0\xcf\x11\xe0": "an Excel workbook; save the sheet as CSV in UTF-8",
    b"BZh91AY&SY": "compressed by bzip2; compress it by gzip",
    b"\xfd7zXZ\x00": "compressed by xz; compress it by gzip",
    b"\x28\xb5\x2f\xfd": "compressed by zstd; compress it by gzip",
    b"ARROW1\x00\x00": "an Arrow or Feather file; write it as Parquet",
    b"SQLite format 3\x00": "an SQLite database; export the table as CSV",
    b"%PDF-": "a PDF; export the table as CSV",
}
"""How files of other formats begin → what they are, and what to do."""


def read_dataset(content: bytes, name: str, max_bytes: int = MAX_BYTES) -> pa.Table:
    """The dataset's cells: text as it is in a CSV, typed as they are in Parquet.

    `name` is the file's name or address, and its ending is one of FORMATS. Raises DatasetRejected for another ending,
    for what isn't a whole file of its format, and for one that has more than `max_bytes` once it's unpacked.
    """
    ending = find_ending(name)
    if ending is None:
        raise rejection("format", f"{PurePosixPath(name).name} doesn't end in {', '.join(FORMATS)}")
    if len(content) > max_bytes:
        raise DatasetTooLarge("size", f"the file has {len(content):,} bytes; {max_bytes:,} is the most that is read")
    if other := _recognise(content, ending):
        raise rejection("format", f"{PurePosixPath(name).name} is {other}")
    return FORMATS[ending](content, max_bytes)


def find_ending(name: str) -> str | None:
    """The ending of a name that determines its format; None for another ending."""
    return next((ending for ending in FORMATS if name.endswith(ending)), None)


def _recognise(content: bytes, ending: str) -> str | None:
    """What a file is that isn't of the format its name ends in, with the remedy; None if it may be of that format."""
    if ending != ".parquet" and content.startswith(_PARQUET) and content.endswith(_PARQUET):
        return "Parquet; rename it to end in .parquet"
    if ending != ".csv.gz" and content.startswith(_GZIP):
        return "compressed by gzip; rename it to end in .csv.gz, or unpack it"
    start = content[:_LINE].removeprefix(codecs.BOM_UTF8)
    if start[:_START].lstrip().lower().startswith(_MARKUP):
        return "a web page or XML; was it downloaded in place of the data?"
    if _JSON.match(start) or _begins_with_array(start):
        return "JSON; write the table as CSV or Parquet"
    return next((what for mark, what in _OTHERS.items() if content.startswith(mark)), None)


def _begins_with_array(start: bytes) -> bool:
    """Whether the first line is an array of JSON; a header of names in brackets isn't one."""
    line = start.lstrip().partition(b"\n")[0]
    try:
        return line.startswith(b"[") and isinstance(json.loads(line), list)
    except ValueError:
        return False


def _read_gzip(content: bytes, max_bytes: int) -> pa.Table:
    text = _gunzip(content, max_bytes)
    if other := _recognise(text, ".csv"):
        raise rejection("format", f"unpacked, the file is {other}")
    return read_csv(text)


def _gunzip(content: bytes, max_bytes: int) -> bytes:
    """What a gzip file holds, in one member or several. Unpacks no more than `max_bytes`, whatever the file claims."""
    blocks, size = [], 0
    with GzipFile(fileobj=BytesIO(content)) as file:
        try:
            while block := file.read(_BLOCK):
                blocks.append(block)
                size += len(block)
                if size > max_bytes:
                    raise DatasetTooLarge(
                        "size",
                        f"the file has more than {max_bytes:,} bytes unpacked, the most that is read",
                    )
        except EOFError:
            raise rejection("gzip", "the gzip file ends too early; was it cut off?") from None
        except (BadGzipFile, zlib.error):
            raise rejection("gzip", "the file isn't gzip, or is damaged; compress it again") from None
    return b"".join(blocks)


FORMATS: dict[str, Callable[[bytes, int], pa.Table]] = {
    ".csv": lambda content, _: read_csv(content),
    ".csv.gz": _read_gzip,
    ".parquet": read_parquet,
}
