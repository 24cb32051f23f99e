"""Connections to the SQLite file of a log group, and its tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite3 import Connection

_TABLES = """
CREATE TABLE IF NOT EXISTS log_group (account TEXT, region TEXT, name TEXT);
CREATE TABLE IF NOT EXISTS streams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS batches (
    id INTEGER PRIMARY KEY AUTOINCREMENT, stream INTEGER NOT NULL, expired INTEGER NOT NULL, ingested INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, clock_offset INTEGER NOT NULL, count INTEGER NOT NULL,
    size INTEGER NOT NULL, times BLOB NOT NULL, ends BLOB NOT NULL, messages BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS batches_by_first ON batches (first, last, stream, count, size);
CREATE INDEX IF NOT EXISTS batches_by_last ON batches (last, first, stream);
CREATE INDEX IF NOT EXISTS batches_by_age ON batches (first + clock_offset);
CREATE INDEX IF NOT EXISTS batches_of_streams ON batches (stream, last, first, count, size, ingested);
"""
_PRAGMAS = (
    "PRAGMA page_size = 16384",
    "PRAGMA auto_vacuum = INCREMENTAL",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA cache_size = -512",
)
_WAIT_SECONDS = 60.0
# The account, the region and the name of a log group.
Key = tuple[str, str, str]


def read_key(path: Path) -> Key:
    """The account, the region and the name of a file's log group."""
    with closing(connect(path)) as reader:
        account, region, name = reader.execute("SELECT account, region, name FROM log_group").fetchone()
        return account, region, name


def prepare(connection: Connection, key: Key) -> None:
    """Let a connection write to the file of a group, whose tables are created if they're missing."""
    for pragma in _PRAGMAS:
        connection.execute(pragma).fetchall()
    for statement in _TABLES.split(";"):
        connection.execute(statement)
    if not connection.execute("SELECT count(*) FROM log_group").fetchone()[0]:
        connection.execute("INSERT INTO log_group VALUES (?, ?, ?)", key)


def connect(path: Path | str) -> Connection:
    """A connection that any thread may use, without a transaction."""
    # Imported on first use: a local AWS without logs starts without it.
    import sqlite3

    return sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)


@contextmanager
def transaction(connection: Connection) -> Iterator[Connection]:
    """A transaction for writing, which fails as a whole."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
