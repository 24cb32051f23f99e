"""The prediction ids of a run: version 7 UUIDs that say when the run was planned and which row they're of.

A run gives a row the same id however often it scores it: 48 bits of milliseconds, 12 and 12 bits of the run's digest,
14 bits of the file's number, 36 bits of the row's.
"""

from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

MAX_FILES = 1 << 14
MAX_ROWS = 1 << 36
"""Rows that a file may have."""
_LENGTH = 36
_DASHES = (8, 13, 18, 23)


def write_ids(run: str, planned: datetime, file: int, rows: NDArray[np.int64]) -> pa.StringArray:
    """The ids of a file's rows, by their numbers. `run` is a digest in hexadecimal."""
    milliseconds = int(planned.timestamp() * 1000)
    head = f"{milliseconds & 0xFFFFFFFFFFFF:012x}7{run[:3]}"
    rest = (1 << 63) | (int(run[3:6], 16) << 50) | (file << 36)
    tails = (rows.astype(np.uint64) | np.uint64(rest)).astype(">u8").tobytes().hex().encode()
    letters = np.empty((len(rows), _LENGTH), np.uint8)
    letters[:, _DASHES] = ord("-")
    start = np.frombuffer(head.encode(), np.uint8)
    end = np.frombuffer(tails, np.uint8).reshape(len(rows), 16)
    letters[:, 0:8], letters[:, 9:13], letters[:, 14:18] = start[:8], start[8:12], start[12:]
    letters[:, 19:23], letters[:, 24:] = end[:, :4], end[:, 4:]
    offsets = np.arange(0, (len(rows) + 1) * _LENGTH, _LENGTH, dtype=np.int32)
    return pa.StringArray.from_buffers(len(rows), pa.py_buffer(offsets), pa.py_buffer(letters))
