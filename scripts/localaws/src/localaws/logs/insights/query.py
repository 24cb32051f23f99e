"""Runs a Logs Insights query over log events: parse, compile, run in DuckDB, format as AWS does."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from localaws.logs.insights.compiler import compile_query
from localaws.logs.insights.events import Event, arrow_table
from localaws.logs.insights.functions import register_ip_functions
from localaws.logs.insights.parser import parse
from localaws.logs.insights.values import MACROS


@dataclass(frozen=True)
class Answer:
    """Rows of (field, value) without missing fields, and the numbers of scanned events and bytes (UTF-8)."""

    rows: list[list[tuple[str, str]]]
    matched: int
    scanned: int
    bytes_scanned: int


def run_query(text: str, events: Sequence[Event], now: int, limit: int | None = None) -> Answer:
    """The result of a query over the events; `now` is epoch seconds, `limit` caps the rows.

    Raises MalformedQuery for an invalid or unsupported query, before any event is read.
    """
    program = compile_query(parse(text), now, limit)
    with duckdb.connect(":memory:", config={"enable_external_access": "false", "threads": 2}) as connection:
        program.parameters.check_regexes(connection)
        _prepare(connection, events)
        scanned, size = _one_row(connection, "SELECT count(*), coalesce(sum(strlen(message)), 0) FROM events")
        parameters = program.parameters
        rows = connection.execute(program.sql, parameters.used_in(program.sql)).fetchall()
        [matched] = _one_row(connection, program.matched, parameters.used_in(program.matched))
    shown = [
        [(name, value) for name, value in zip(program.columns, row, strict=True) if value is not None] for row in rows
    ]
    return Answer(rows=shown, matched=matched, scanned=scanned, bytes_scanned=int(size))


def _prepare(connection: duckdb.DuckDBPyConnection, events: Sequence[Event]) -> None:
    for macro in MACROS:
        connection.execute(macro)
    register_ip_functions(connection)
    connection.register("given", arrow_table(events))
    connection.execute("CREATE TEMP TABLE events AS SELECT * REPLACE (document(doc) AS doc) FROM given")
    connection.unregister("given")


def _one_row(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, str] | None = None
) -> tuple[int, ...]:
    row = connection.execute(sql, parameters or {}).fetchone()
    if row is None:
        raise RuntimeError(f"DuckDB returned no row for {sql}")
    return row
