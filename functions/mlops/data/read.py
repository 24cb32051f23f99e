"""A dataset's bytes → a table of cells, by the format that its name tells; the largest that is read is limited."""

import zlib
from collections.abc import Callable
from pathlib import PurePosixPath

import pyarrow as pa

from mlops.data.read_csv import read_csv
from mlops.data.read_parquet import read_parquet
from mlops.data.refusal import refuse

MAX_BYTES = 2_000_000_000
"""The most that a dataset may have once it's unpacked."""
_BLOCK = 1 << 22
_GZIP = 16 + zlib.MAX_WBITS


def read_dataset(content: bytes, name: str, max_bytes: int = MAX_BYTES) -> pa.Table:
    """The dataset's cells: text as it stands in a CSV, typed as they are in Parquet.

    `name` is the file's name or address, and its ending is one of FORMATS. Raises DatasetRejected for another ending,
    for what isn't a whole file of its format, and for one that has more than `max_bytes` once it's unpacked.
    """
    ending = find_ending(name)
    if ending is None:
        raise refuse(
            "format", f"{PurePosixPath(name).name} doesn't end in {', '.join(FORMATS)}, the formats that are read"
        )
    if len(content) > max_bytes:
        raise refuse("size", f"the file has {len(content):,} bytes; {max_bytes:,} is the most that is read")
    return FORMATS[ending](content, max_bytes)


def find_ending(name: str) -> str | None:
    """The ending of a name that tells its format; None if none is read."""
    return next((ending for ending in FORMATS if name.endswith(ending)), None)


def _read_gzip(content: bytes, max_bytes: int) -> pa.Table:
    return read_csv(_gunzip(content, max_bytes))


def _gunzip(content: bytes, max_bytes: int) -> bytes:
    """The members of a gzip file, one after the other. Unpacks no more than `max_bytes`, whatever the file claims."""
    unpacked = bytearray()
    rest = content
    while rest:
        member = zlib.decompressobj(_GZIP)
        while not member.eof:
            try:
                unpacked += member.decompress(rest, _BLOCK)
            except zlib.error:
                raise refuse("gzip", "the file isn't gzip, or is damaged; compress it again") from None
            if len(unpacked) > max_bytes:
                raise refuse("size", f"the file has more than {max_bytes:,} bytes unpacked, the most that is read")
            rest = member.unconsumed_tail or member.unused_data
            if not rest and not member.eof:
                raise refuse("gzip", "the gzip file ends too early; was it cut off?")
    return bytes(unpacked)


FORMATS: dict[str, Callable[[bytes, int], pa.Table]] = {
    ".csv": lambda content, _: read_csv(content),
    ".csv.gz": _read_gzip,
    ".parquet": read_parquet,
}
