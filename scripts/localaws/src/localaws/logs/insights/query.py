"""Runs a Logs Insights query over log events: parse, compile, run in DuckDB, format as AWS does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Protocol

import duckdb

from localaws.logs.insights.compiler import compile_query
from localaws.logs.insights.events import Event
from localaws.logs.insights.functions import register_ip_functions
from localaws.logs.insights.parser import parse
from localaws.logs.insights.required import required_texts
from localaws.logs.insights.table import arrow_reader
from localaws.logs.insights.values import MACROS

_MEMORY = "512MB"


@dataclass(frozen=True)
class Answer:
    """Rows of (field, value) without missing fields, and the numbers of scanned events and bytes (UTF-8)."""

    rows: list[list[tuple[str, str]]]
    matched: int
    scanned: int
    bytes_scanned: int


class Source(Protocol):
    """The log events that a query reads."""

    def events(self, texts: Sequence[bytes]) -> Iterable[Event]:
        """The events by time; those whose messages can't contain all `texts` may be left out."""

    def count(self) -> tuple[int, int]:
        """The numbers of events and of bytes (UTF-8)."""


@dataclass(frozen=True)
class Given:
    """Log events in memory."""

    given: Sequence[Event]

    def events(self, texts: Sequence[bytes]) -> Iterable[Event]:  # noqa: ARG002 (leaving out is optional)
        """All of them."""
        return self.given

    def count(self) -> tuple[int, int]:
        """The numbers of events and of bytes."""
        return len(self.given), sum(len(event.message.encode()) for event in self.given)


def run_query(text: str, events: Sequence[Event] | Source, now: int, limit: int | None = None) -> Answer:
    """The result of a query over the events; `now` is epoch seconds, `limit` caps the rows.

    Raises MalformedQuery for an invalid or unsupported query, before any event is read.
    """
    commands = parse(text)
    program = compile_query(commands, now, limit)
    source = Given(events) if isinstance(events, Sequence) else events
    with TemporaryDirectory(prefix="localaws-query-") as folder, _connect(folder) as connection:
        program.parameters.check_regexes(connection)
        _prepare(connection, source.events(required_texts(commands)))
        parameters = program.parameters
        rows = connection.execute(program.sql, parameters.used_in(program.sql)).fetchall()
        [matched] = _one_row(connection, program.matched, parameters.used_in(program.matched))
    scanned, size = source.count()
    shown = [
        [(name, value) for name, value in zip(program.columns, row, strict=True) if value is not None] for row in rows
    ]
    return Answer(rows=shown, matched=matched, scanned=scanned, bytes_scanned=size)


def _connect(folder: str) -> duckdb.DuckDBPyConnection:
    """A database in memory; what is more than its share of that goes to the folder."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": "false",
        "threads": 2,
        "memory_limit": _MEMORY,
        "temp_directory": folder,
        "preserve_insertion_order": "false",
    }
    return duckdb.connect(":memory:", config=config)


def _prepare(connection: duckdb.DuckDBPyConnection, events: Iterable[Event]) -> None:
    for macro in MACROS:
        connection.execute(macro)
    register_ip_functions(connection)
    connection.register("given", arrow_reader(events))
    connection.execute("CREATE TEMP TABLE events AS SELECT * REPLACE (document(doc) AS doc) FROM given")
    connection.unregister("given")


def _one_row(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, str] | None = None
) -> tuple[int, ...]:
    row = connection.execute(sql, parameters or {}).fetchone()
    if row is None:
        raise RuntimeError(f"DuckDB returned no row for {sql}")
    return row
