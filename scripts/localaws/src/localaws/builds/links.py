"""Links in source folders that lead out of them, which `sam build` follows."""

import os
from collections.abc import Iterator
from pathlib import Path


def outward_links(folder: Path) -> dict[str, Path]:
    """The links below a folder that lead out of it: path in the folder → the file or folder that it leads to.

    Absolute links are among them, even to the folder itself; dangling ones aren't.
    """
    root = os.path.realpath(folder)
    found = {}
    for link in _links(root):
        target = os.path.realpath(link)
        inside = target.startswith(f"{root}{os.sep}") and not link.readlink().is_absolute()
        if not inside and link.exists():
            found[str(link.relative_to(root))] = Path(target)
    return found


def _links(folder: str) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_symlink():
                yield Path(entry.path)
            elif entry.is_dir() and entry.name != "__pycache__":
                yield from _links(entry.path)
