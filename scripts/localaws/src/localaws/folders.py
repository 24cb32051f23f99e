"""Checks of the folders that local AWS writes in, before anything starts."""

from __future__ import annotations

import tempfile
from pathlib import Path

from localaws.errors import LocalAwsError


def demand_writable(folder: Path) -> None:
    """Create the folder if it's missing. Raises LocalAwsError unless files can be written in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0")
    except OSError as error:
        raise LocalAwsError(
            f"{folder} can't be written: {error.strerror}. Mend that, or choose another folder."
        ) from None
