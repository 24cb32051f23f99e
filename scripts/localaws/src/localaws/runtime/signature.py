"""A cheap signature of source files: names, sizes and modification times, not contents."""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator

from localaws.runtime.function import FunctionConfig

type Signature = tuple[tuple[str, int, int], ...]


def code_in_place(config: FunctionConfig) -> list[str]:
    """The source files and folders that a function runs in place; none for uploaded code, which never changes."""
    if not config.in_place:
        return []
    roots = [config.code] if config.code else []
    if config.image:
        roots += [copy.source for copy in config.image.copies]
    return [str(root) for root in roots]


def sign(roots: Iterable[str], visit: Callable[[str], None] = lambda _: None, without: str = "") -> Signature:
    """The signature of the files under `roots`, except those under the folder `without`.

    `visit` gets each folder and each link before it's read.
    """
    return tuple(sorted(entry for root in roots for entry in _scan(root, visit, without)))


def _scan(path: str, visit: Callable[[str], None], without: str) -> Iterator[tuple[str, int, int]]:
    visit(path)
    try:
        entries = os.scandir(path)
    except NotADirectoryError:
        state = os.stat(path)  # noqa: PTH116 - called for each file, and Path costs as much as the call
        yield path, state.st_size, state.st_mtime_ns
        return
    with entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__" and entry.path != without:
                    yield from _scan(entry.path, visit, without)
                continue
            if entry.is_symlink():
                visit(entry.path)
            with contextlib.suppress(FileNotFoundError):  # an editor is replacing it; the next call sees the new one
                state = entry.stat()
                yield entry.path, state.st_size, state.st_mtime_ns
