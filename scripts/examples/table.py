"""Writing a CSV file."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any


def write_table(file: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Path:
    """Write rows under a header, numbers with all their digits and None as an empty cell; returns the file's path."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return file
