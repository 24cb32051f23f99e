"""Tells cheaply whether code in place has changed: names, sizes and times, no contents."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from localaws.runtime.function import FunctionConfig

type Signature = tuple[tuple[str, int, int], ...]


def sign(config: FunctionConfig) -> Signature:
    """Sign the code that a function's sandboxes run; code that isn't run in place never changes."""
    if not config.in_place:
        return ()
    roots = [config.code] if config.code else []
    if config.image:
        roots += [copy.source for copy in config.image.copies]
    return tuple(sorted(entry for root in roots for entry in _scan(root)))


def _scan(path: str | Path) -> Iterator[tuple[str, int, int]]:
    try:
        entries = os.scandir(path)
    except NotADirectoryError:
        state = os.stat(path)  # noqa: PTH116 - called for each file at each call, and Path costs as much as the call
        yield str(path), state.st_size, state.st_mtime_ns
        return
    with entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _scan(entry.path)
                continue
            with contextlib.suppress(FileNotFoundError):  # an editor is replacing it; the next call sees the new one
                state = entry.stat()
                yield entry.path, state.st_size, state.st_mtime_ns
