"""Files that are written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.errors import CommandError


@contextmanager
def whole_file(file: Path) -> Iterator[Path]:
    """A path to write to, which becomes the file at the end.

    Raises CommandError if its folder can't be written to, or if what is there can't be replaced.
    """
    path = file.with_name(f".{file.name}.{os.getpid()}")
    with _reporting(file):
        path.touch()
    try:
        yield path
        with _reporting(file):
            path.replace(file)
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _reporting(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CommandError(f"{file} can't be written: {error.strerror}.") from error
