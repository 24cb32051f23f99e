"""Tells cheaply whether code in place has changed: names, sizes and times, no contents."""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator

from localaws.runtime.function import FunctionConfig

type Signature = tuple[tuple[str, int, int], ...]


def code_in_place(config: FunctionConfig) -> list[str]:
    """Where the code is that a function's sandboxes run; none for code that isn't run in place, as it never changes."""
    if not config.in_place:
        return []
    roots = [config.code] if config.code else []
    if config.image:
        roots += [copy.source for copy in config.image.copies]
    return [str(root) for root in roots]


def sign(roots: Iterable[str], looked_at: Callable[[str], None] = lambda _: None) -> Signature:
    """Sign the files under `roots`. Each folder, and what a link leads to, is told to `looked_at` before it's read."""
    return tuple(sorted(entry for root in roots for entry in _scan(root, looked_at)))


def _scan(path: str, looked_at: Callable[[str], None]) -> Iterator[tuple[str, int, int]]:
    looked_at(path)
    try:
        entries = os.scandir(path)
    except NotADirectoryError:
        state = os.stat(path)  # noqa: PTH116 - called for each file, and Path costs as much as the call
        yield path, state.st_size, state.st_mtime_ns
        return
    with entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _scan(entry.path, looked_at)
                continue
            if entry.is_symlink():
                looked_at(entry.path)
            with contextlib.suppress(FileNotFoundError):  # an editor is replacing it; the next call sees the new one
                state = entry.stat()
                yield entry.path, state.st_size, state.st_mtime_ns
