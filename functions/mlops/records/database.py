"""A DuckDB database for one piece of work: on disk where it doesn't fit in memory, and gone afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb


@contextmanager
def open_database(memory: str, threads: int = 2) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in a temporary folder that holds at most `memory` ("800MB") in memory. It loads no extensions."""
    with TemporaryDirectory() as folder:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory,
            "temp_directory": str(Path(folder) / "spilled"),
            "threads": threads,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }
        with duckdb.connect(Path(folder) / "records.duckdb", config=config) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET enable_progress_bar = false")
            # The estimate of a stream's rows is a guess: the table that a query joins it with is what's held in memory.
            connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
            yield connection
