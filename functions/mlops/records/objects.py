"""The objects of days → blocks of whole lines. They are fetched ahead, since a day may have thousands of small ones."""

import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import obstore

from mlops.errors.records import ObjectDamaged
from mlops.records.layout import SUFFIX, Kind, day_prefix, kind_prefix

if TYPE_CHECKING:
    from obstore.store import ObjectStore

BLOCK_BYTES = 1 << 24
"""Bytes of lines that are decoded at once; a longer line makes a longer block."""
_GZIP = 31  # zlib's window bits for gzip
_FETCHED_BYTES = 1 << 26  # compressed content in memory, unless one object alone is larger
_FETCHES = 32  # at once


@dataclass(frozen=True)
class Fetched:
    """An object's content, None if it was deleted since it was listed."""

    key: str
    content: bytes | None


def list_models(store: "ObjectStore", kind: Kind) -> list[str]:
    """The models that have records of a kind."""
    found = obstore.list_with_delimiter(store, kind_prefix(kind))["common_prefixes"]
    return sorted(prefix.rstrip("/").rpartition("model=")[2] for prefix in found)


def list_objects(store: "ObjectStore", kind: Kind, model: str, days: Iterable[date]) -> list[tuple[str, int]]:
    """Key and compressed bytes of each object of the days, by day and name."""
    return [
        found
        for day in days
        for found in sorted(
            (each["path"], each["size"])
            for page in obstore.list(store, day_prefix(kind, model, day))
            for each in page
            if each["path"].endswith(SUFFIX)
        )
    ]


def fetch_objects(store: "ObjectStore", objects: Sequence[tuple[str, int]]) -> Iterator[Fetched]:
    """The objects' contents in the given order, fetched by several threads ahead of the reader."""
    waiting = deque(objects)
    fetching: deque[tuple[Future[Fetched], int]] = deque()
    held = 0
    with ThreadPoolExecutor(_FETCHES, "fetch") as pool:
        try:
            while waiting or fetching:
                while waiting and (not fetching or held + waiting[0][1] <= _FETCHED_BYTES) and len(fetching) < _FETCHES:
                    key, size = waiting.popleft()
                    fetching.append((pool.submit(_fetch, store, key), size))
                    held += size
                future, size = fetching.popleft()
                yield future.result()
                held -= size
        finally:
            pool.shutdown(cancel_futures=True)


def _fetch(store: "ObjectStore", key: str) -> Fetched:
    try:
        return Fetched(key, bytes(obstore.get(store, key).bytes()))
    except FileNotFoundError:
        return Fetched(key, None)


def unzip_lines(content: bytes) -> Iterator[bytes]:
    """Blocks of whole lines of about BLOCK_BYTES. Raises ObjectDamaged after the last line that is whole."""
    rest = b""
    for piece in _unzip(content):
        end = piece.rfind(b"\n") + 1
        if end:
            yield rest + piece[:end]
            rest = piece[end:]
        else:
            rest += piece
    if rest:
        yield rest


def _unzip(content: bytes) -> Iterator[bytes]:
    """Pieces of the unzipped content; gzip allows several streams after each other."""
    if not content:
        raise ObjectDamaged("it's empty")
    while content:
        stream = zlib.decompressobj(_GZIP)
        while not stream.eof:
            try:
                piece = stream.decompress(content, BLOCK_BYTES)
            except zlib.error as error:
                raise ObjectDamaged(str(error)) from None
            content = stream.unused_data if stream.eof else stream.unconsumed_tail
            if piece:
                yield piece
            elif not stream.eof and not content:
                raise ObjectDamaged("it breaks off")
