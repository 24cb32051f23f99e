"""Samples of past minutes on disk: a function's durations are new values with every call."""

from __future__ import annotations

import tempfile
import threading
import weakref
import zlib
from array import array
from collections.abc import Iterable
from typing import IO

from localaws.metrics.series import Sample, StatisticSet

# Where a sample is: the number of its first byte, and how many there are.
Place = tuple[int, int]


class Spill:
    """An unnamed file, which ends with the process; safe to use from several threads."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._lock = threading.Lock()
        self._end = 0

    def write(self, sample: Sample) -> Place:
        """Write a sample; returns where it is."""
        content = zlib.compress(_packed(sample), 1)
        with self._lock:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="localaws-metrics-")  # noqa: SIM115 (it stays open)
                weakref.finalize(self, self._file.close)
            self._file.seek(self._end)
            self._file.write(content)
            place = (self._end, len(content))
            self._end += len(content)
            return place

    def read(self, place: Place) -> Sample:
        """The sample at a place. Raises ValueError after `clear`."""
        begin, size = place
        with self._lock:
            if self._file is None:
                raise ValueError("the samples are gone")
            self._file.seek(begin)
            content = self._file.read(size)
        return _unpacked(zlib.decompress(content))

    def clear(self) -> None:
        """Delete all samples and the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
            self._file, self._end = None, 0


def _packed(sample: Sample) -> bytes:
    """How many values there are, the values, their counts, and the numbers of the statistic sets."""
    parts: list[Iterable[float]] = [(float(len(sample.values)),), sample.values.keys(), sample.values.values()]
    parts += [(part.count, part.total, part.least, part.greatest) for part in sample.sets]
    numbers = array("d")
    for part in parts:
        numbers.extend(part)
    return numbers.tobytes()


def _unpacked(content: bytes) -> Sample:
    numbers = array("d")
    numbers.frombytes(content)
    count = int(numbers[0])
    values, counts, rest = numbers[1 : 1 + count], numbers[1 + count : 1 + 2 * count], numbers[1 + 2 * count :]
    sample = Sample()
    sample.values.update(zip(values, counts, strict=True))
    sample.sets += [StatisticSet(*rest[begin : begin + 4]) for begin in range(0, len(rest), 4)]
    return sample
