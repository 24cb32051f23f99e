"""A build cache: a digest of the inputs, and a folder that is either complete or absent."""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from localaws.builds.scratch import Scratch

# Names of unfinished builds begin with it.
UNFINISHED = "."


def walk_files(folder: Path) -> Iterator[Path]:
    """Yield every file under a folder in a fixed order, without __pycache__."""
    for entry in sorted(os.scandir(folder), key=lambda found: found.name):
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from walk_files(Path(entry.path))
        else:
            yield Path(entry.path)


def digest_of(*parts: str | bytes | Path) -> str:
    """The SHA-256 of strings, bytes, files and folders (names, execute bits and contents), in hexadecimal."""
    total = hashlib.sha256()

    def add(kind: str, content: bytes) -> None:
        total.update(f"{kind}:{len(content)}:".encode() + content)

    for part in parts:
        if isinstance(part, Path) and part.is_dir():
            for file in walk_files(part):
                add("name", str(file.relative_to(part)).encode())
                add("run", str(os.access(file, os.X_OK)).encode())
                add("file", file.read_bytes())
        elif isinstance(part, Path):
            add("file", part.read_bytes())
        else:
            add("text", part.encode() if isinstance(part, str) else part)
    return total.hexdigest()


def build_once(folder: Path, build: Callable[[Path], None]) -> Path:
    """Return `folder`; if it doesn't exist, `build` creates it.

    It's built in a temporary folder and renamed, so that an interrupted build is never mistaken for a complete one. Of
    two concurrent builds, the first to finish wins.
    """
    if folder.is_dir():
        return folder
    with Scratch(folder.parent, f"{UNFINISHED}{folder.name}.") as unfinished:
        build(unfinished.path)
        unfinished.path.chmod(0o755)
        try:
            unfinished.path.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    return folder
