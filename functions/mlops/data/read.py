"""A dataset's bytes → a table of cells, by the format that its name ends in, up to a size limit."""

import zlib
from collections.abc import Callable
from gzip import BadGzipFile, GzipFile
from io import BytesIO
from pathlib import PurePosixPath

import pyarrow as pa

from mlops.data.read_csv import read_csv
from mlops.data.read_parquet import read_parquet
from mlops.errors import rejection

MAX_BYTES = 2_000_000_000
"""The most that a dataset may have once it's unpacked."""
_BLOCK = 1 << 22


def read_dataset(content: bytes, name: str, max_bytes: int = MAX_BYTES) -> pa.Table:
    """The dataset's cells: text as it is in a CSV, typed as they are in Parquet.

    `name` is the file's name or address, and its ending is one of FORMATS. Raises DatasetRejected for another ending,
    for what isn't a whole file of its format, and for one that has more than `max_bytes` once it's unpacked.
    """
    ending = find_ending(name)
    if ending is None:
        raise rejection("format", f"{PurePosixPath(name).name} doesn't end in {', '.join(FORMATS)}")
    if len(content) > max_bytes:
        raise rejection("size", f"the file has {len(content):,} bytes; {max_bytes:,} is the most that is read")
    return FORMATS[ending](content, max_bytes)


def find_ending(name: str) -> str | None:
    """The ending of a name that determines its format; None for another ending."""
    return next((ending for ending in FORMATS if name.endswith(ending)), None)


def _read_gzip(content: bytes, max_bytes: int) -> pa.Table:
    return read_csv(_gunzip(content, max_bytes))


def _gunzip(content: bytes, max_bytes: int) -> bytes:
    """What a gzip file holds, in one member or several. Unpacks no more than `max_bytes`, whatever the file claims."""
    blocks, size = [], 0
    with GzipFile(fileobj=BytesIO(content)) as file:
        try:
            while block := file.read(_BLOCK):
                blocks.append(block)
                size += len(block)
                if size > max_bytes:
                    raise rejection(
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
