"""Builds each thing once: a digest of what goes into it, and a folder that is complete or absent."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path


def walk_files(folder: Path) -> Iterator[Path]:
    """Give every file under a folder in a fixed order, leaving out Python's caches."""
    for entry in sorted(os.scandir(folder), key=lambda found: found.name):
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from walk_files(Path(entry.path))
        else:
            yield Path(entry.path)


def digest_of(*parts: str | bytes | Path) -> str:
    """Digest texts, bytes, files and whole folders (names, run bits and contents) into 64 hexadecimal digits."""
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
    """Give `folder`, made by `build` if it isn't there.

    It is built beside its place and renamed, so an interrupted build is never taken for a complete one. Of two builders
    at once, the first to end wins.
    """
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        build(unfinished)
        unfinished.chmod(0o755)
        try:
            unfinished.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder
