"""The pipes for a function's steps and its output."""

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the function's process: `begun`, `ready` after init or `failed`, `start` and `end` of an invocation.

    `moment` is its time by `time.monotonic`, which is the same for all processes; `peak_kb` is the peak memory so far;
    only `end` has `ms` and `error`.
    """

    event: str
    moment: float
    pid: int
    peak_kb: int
    ms: float = 0.0
    error: str | None = None


class Pipe:
    """A named pipe with non-blocking reads; it stays open when a writer closes it."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path, 0o600)
        # Read and write, so that there is no end of file when the function's process ends.
        self._descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    def fileno(self) -> int:
        """The descriptor, for a selector."""
        return self._descriptor

    def read(self) -> bytes:
        """Read everything available."""
        chunks = []
        with contextlib.suppress(BlockingIOError):
            while True:
                chunks.append(os.read(self._descriptor, _CHUNK))
                if len(chunks[-1]) < _CHUNK:  # the pipe is empty now
                    break
        return b"".join(chunks)

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._descriptor)


class StepPipe(Pipe):
    """A pipe of steps, one JSON line each."""

    _pending = b""

    def steps(self) -> list[Step]:
        """Read the new steps."""
        *lines, self._pending = (self._pending + self.read()).split(b"\n")
        return [Step(**json.loads(line)) for line in lines]
