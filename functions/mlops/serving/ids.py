"""Prediction ids: version 7 UUIDs (RFC 9562), so that ids sort by time."""

import os
import time
from collections.abc import Callable

import numpy as np

from mlops.serving.bulk.templates import MANY

_48_BITS = 0xFFFFFFFFFFFF
_62_BITS = 0x3FFFFFFFFFFFFFFF


def make_ids(
    count: int, now: Callable[[], float] = time.time, random: Callable[[int], bytes] = os.urandom
) -> list[str]:
    """`count` ids, ascending: 48 bits of milliseconds, then 74 random bits plus the index.

    The randomness is the kernel's, taken now: a process restored from a snapshot repeats none.
    """
    start = int.from_bytes(random(10)) >> 7  # 73 bits, so that adding the index can't overflow 74
    stamp = f"{int(now() * 1000) & _48_BITS:012x}"
    head = f"{stamp[:8]}-{stamp[8:]}-7"
    if count >= MANY and (start & _62_BITS) + count <= _62_BITS:
        return _write_many(f"{head}{start >> 62:03x}", start & _62_BITS, count)
    return [
        f"{head}{tail >> 62:03x}-{0x8000 | tail >> 48 & 0x3FFF:04x}-{tail & _48_BITS:012x}"
        for tail in range(start, start + count)
    ]


def _write_many(head: str, start: int, count: int) -> list[str]:
    """Ids that differ in their last 62 bits alone, which count up from `start`."""
    tails = np.arange(count, dtype=np.uint64) + np.uint64(1 << 63 | start)
    digits = np.frombuffer(tails.astype(">u8").tobytes().hex().encode(), dtype="u1").reshape(count, 16)
    letters = np.empty((count, 36), dtype="u1")
    letters[:] = np.frombuffer(f"{head}-xxxx-xxxxxxxxxxxx".encode(), dtype="u1")
    letters[:, 19:23], letters[:, 24:] = digits[:, :4], digits[:, 4:]
    text = letters.tobytes().decode()
    return [text[place : place + 36] for place in range(0, len(text), 36)]
