"""The histories of the users that a version was trained on: shards, so that one read of a part answers for one user.

Users lie in them as hashes, keyed by the system's privacy key: without it, only somebody who tries out an id finds out
whether it's there. A shard is its users' hashes in ascending order, where each one's pairs start, and the pairs' items,
weights, times and dislikes, column by column, compressed; the index has each shard's place and digest.
"""

import itertools
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.artifact.history import Pairs
from mlops.artifact.recommender.pseudonyms import read_pseudonym

SHARD_BYTES = 128_000  # of a shard before it's compressed, on average: few have twice as many
_MAX_BITS = 16
_DIGEST = 16  # bytes
_PAIR = 4 + 8 + 8 + 1  # bytes of an item, weight, time and dislike
_MAX_KEY = 64  # bytes that BLAKE2b takes


class HistoriesInvalid(ValueError):
    """An index or a shard that isn't what was written."""


def hash_user(column: str, user: str, key: bytes) -> bytes:
    """The hash that stands for a user of a contract's column, keyed by the privacy key, which may be empty.

    With a key it's the one that `mlops.privacy.hash_value` writes in records.
    """
    return blake2b(f"{column}={user}".encode(), digest_size=_DIGEST, key=key[:_MAX_KEY]).digest()


@dataclass(frozen=True, slots=True)
class WrittenHistories:
    """The index and the shards, one after the other."""

    index: bytes
    shards: bytes


def write_histories(users: Sequence[str], pairs: Pairs, count: int, column: str, key: bytes) -> WrittenHistories:
    """The histories of users, whose `pairs` have the key (index in `users`) * count + item; `count` is that of items.

    Users without pairs are left out. `column` is the contract's for users, `key` the system's privacy key, which may
    be empty.
    """
    owners = pairs.keys // count
    present, starts, sizes = np.unique(owners, return_index=True, return_counts=True)
    raw = b"".join(read_pseudonym(users[owner]) or hash_user(column, users[owner], key) for owner in present.tolist())
    hashes = np.frombuffer(raw, dtype=">u8").reshape(-1, 2)
    order = np.lexsort((hashes[:, 1], hashes[:, 0]))
    hashes, starts, sizes = hashes[order], starts[order], sizes[order]
    bits = _choose_bits(len(pairs.keys) * _PAIR + len(present) * (_DIGEST + 4))
    first = np.searchsorted(hashes[:, 0] >> 32 >> (32 - bits), np.arange((1 << bits) + 1))
    ends = np.cumsum(sizes)
    chosen = np.arange(len(owners)) + np.repeat(starts - (ends - sizes), sizes)  # the pairs in the users' new order
    columns = (
        (pairs.keys % count)[chosen].astype("<u4"),
        pairs.weights[chosen].astype("<f8"),
        pairs.times[chosen].astype("<i8"),
        pairs.disliked[chosen].astype("u1"),
    )
    bounds = np.append(0, ends)
    shards, places, digests = [], [0], []
    for low, high in itertools.pairwise(first.tolist()):
        own = slice(bounds[low], bounds[high])
        head = np.array([high - low, own.stop - own.start], dtype="<u4")
        parts = (
            head,
            hashes[low:high],
            (bounds[low : high + 1] - bounds[low]).astype("<u4"),
            *(c[own] for c in columns),
        )
        shards.append(zlib.compress(b"".join(part.tobytes() for part in parts), level=1))
        places.append(places[-1] + len(shards[-1]))
        digests.append(_digest(shards[-1]))
    index = {"users": len(present), "bits": bits, "key": _check_of(key), "places": places, "digests": digests}
    return WrittenHistories(json.dumps(index, separators=(",", ":")).encode(), b"".join(shards))


class HistoryIndex:
    """Where each user's shard lies."""

    def __init__(self, content: bytes) -> None:
        """Raises HistoriesInvalid."""
        try:
            document = json.loads(content)
            self.users = int(document["users"])
            self._bits = int(document["bits"])
            self._check = document["key"]
            self._places = [int(place) for place in document["places"]]
            self._digests = [str(each) for each in document["digests"]]
        except (ValueError, KeyError, TypeError) as error:
            raise HistoriesInvalid(f"the index can't be read: {error}") from None
        if len(self._places) != len(self._digests) + 1 or len(self._digests) != 1 << self._bits:
            raise HistoriesInvalid("the index has not as many shards as it says")

    def has_key(self, key: bytes) -> bool:
        """Whether the histories were written with this privacy key; with another one nobody is found."""
        return bool(self._check == _check_of(key))

    def shard_of(self, user: bytes) -> int:
        """The shard that a user's hash belongs to."""
        return _shard_of(user, self._bits)

    def place(self, shard: int) -> tuple[int, int]:
        """The shard's first byte, and the one after its last."""
        return self._places[shard], self._places[shard + 1]

    def open(self, shard: int, content: bytes) -> "Shard":
        """A shard from its content. Raises HistoriesInvalid if that isn't what was written."""
        if _digest(content) != self._digests[shard]:
            raise HistoriesInvalid(f"shard {shard} isn't what was written")
        return Shard(zlib.decompress(content))


class Shard:
    """Some users' pairs."""

    def __init__(self, content: bytes) -> None:
        users, pairs = np.frombuffer(content, dtype="<u4", count=2).tolist()
        place = 8 + _DIGEST * users
        self._places = {content[at : at + _DIGEST]: user for user, at in enumerate(range(8, place, _DIGEST))}
        self._starts, place = _take(content, "<u4", users + 1, place)
        self._items, place = _take(content, "<u4", pairs, place)
        self._weights, place = _take(content, "<f8", pairs, place)
        self._times, place = _take(content, "<i8", pairs, place)
        self._disliked, place = _take(content, "u1", pairs, place)

    def find(self, user: bytes) -> Pairs | None:
        """The pairs of the user with this hash, keyed by item; None if there is no such user."""
        place = self._places.get(user)
        if place is None:
            return None
        own = slice(*self._starts[place : place + 2].tolist())
        return Pairs(
            self._items[own].astype(np.int64), self._weights[own], self._times[own], self._disliked[own].astype(bool)
        )


def _take(content: bytes, kind: str, count: int, place: int) -> tuple[NDArray[Any], int]:
    return np.frombuffer(content, dtype=kind, count=count, offset=place), place + count * np.dtype(kind).itemsize


def _choose_bits(size: int) -> int:
    """Bits of a hash that say which shard it belongs to, so that a shard has SHARD_BYTES on average at most."""
    return min(max(0, (size // SHARD_BYTES).bit_length()), _MAX_BITS)


def _shard_of(user: bytes, bits: int) -> int:
    return int.from_bytes(user[:4]) >> (32 - bits)


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=_DIGEST).hexdigest()


def _check_of(key: bytes) -> str:
    """What shows whether two keys are the same, and nothing of them."""
    return blake2b(b"histories", digest_size=_DIGEST, key=key[:_MAX_KEY], person=b"key").hexdigest()
