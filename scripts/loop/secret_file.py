"""Secrets of the local stack: random, made once, kept with the other local state."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile


def read_secret(file: Path, make: Callable[[], str]) -> str:
    """The secret in a file, which is made the first time; two starts at once have the same one."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        # A temporary file is readable by its owner alone, and a link to it is there whole or not at all.
        with NamedTemporaryFile("w", dir=file.parent) as made:
            made.write(make())
            made.flush()
            with suppress(FileExistsError):
                os.link(made.name, file)
    return file.read_text(encoding="utf-8")
