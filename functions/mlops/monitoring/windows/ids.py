"""Prediction ids as numbers: a day has millions, and texts would be most of the memory and time."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

type Numbers = NDArray[np.uint64]
type Mask = NDArray[np.bool_]

_LENGTH = 36
_DASHES = (8, 13, 18, 23)
_DIGITS = [place for place in range(_LENGTH) if place not in _DASHES]
_VERSION, _VARIANT = 12, 16  # among the digits
_NO_DIGIT = 255
_VALUES = np.full(256, _NO_DIGIT, np.uint8)
_VALUES[[*b"0123456789abcdef"]] = np.arange(16, dtype=np.uint8)


@dataclass(frozen=True, eq=False)
class Ids:
    """N version 7 UUIDs: their first and last 64 bits, [N] each."""

    high: Numbers
    low: Numbers

    def __len__(self) -> int:
        return len(self.high)

    @property
    def milliseconds(self) -> NDArray[np.int64]:
        """When each was made, in milliseconds since 1970 [N]."""
        return (self.high >> np.uint64(16)).astype(np.int64)

    @cached_property
    def keys(self) -> Numbers:
        """A hash of each id [N], so evenly spread that the least ones are a sample (SplitMix64; Steele and others,
        "Fast splittable pseudorandom number generators", OOPSLA 2014)."""
        mixed = self.low ^ (self.high * np.uint64(0x9E3779B97F4A7C15))
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        keys: Numbers = mixed ^ (mixed >> np.uint64(31))
        return keys

    def take(self, rows: NDArray[np.generic]) -> "Ids":
        """Some of them, by position or mask."""
        return Ids(self.high[rows], self.low[rows])


def parse_ids(texts: pa.ChunkedArray | pa.Array) -> tuple[Ids, Mask]:
    """The ids among N texts, and which texts are ids [N]: version 7 UUIDs in lower case."""
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    is_id: Mask = pc.equal(pc.binary_length(texts), _LENGTH).fill_null(False).to_numpy(zero_copy_only=False)
    long = texts if is_id.all() else texts.filter(pa.array(is_id))
    digits = _VALUES[_letters(long)][:, _DIGITS]
    letters = _letters(long)
    good = (digits != _NO_DIGIT).all(axis=1) & (letters[:, _DASHES] == ord("-")).all(axis=1)
    good &= (digits[:, _VERSION] == 7) & (digits[:, _VARIANT] >> 2 == 2)
    is_id[is_id] = good
    halves = (digits[good, 0::2] << 4 | digits[good, 1::2]).view(">u8").astype(np.uint64)
    return Ids(np.ascontiguousarray(halves[:, 0]), np.ascontiguousarray(halves[:, 1])), is_id


def _letters(texts: pa.Array) -> NDArray[np.uint8]:
    """The bytes [N, 36] of texts of that length."""
    if not len(texts):
        return np.zeros((0, _LENGTH), np.uint8)
    _, offsets, content = texts.buffers()
    first = int(np.frombuffer(offsets, np.int32)[texts.offset])
    letters = np.frombuffer(content, np.uint8, count=len(texts) * _LENGTH, offset=first)
    return letters.reshape(len(texts), _LENGTH)
