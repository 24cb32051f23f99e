"""The last dataset and the new rows, each row once: the newest truth about the same row stands.

The same row: with a key in the spec, the same key; else the same inputs, unless equal rows are ordinary in this table
(training accepted some in the last dataset), in which case each prediction is a row.
"""

import csv
import gzip
import io
from collections.abc import Sequence
from pathlib import Path

from duckdb import DuckDBPyConnection

_BATCH = 50_000  # rows


def merge_rows(
    connection: DuckDBPyConnection, kinds: Sequence[str], identity: Sequence[int], *, has_key: bool, rejected: int
) -> tuple[int, int]:
    """Make the table `merged` from `last` and `fresh`, both with the columns c0, c1 …; returns all rows and new ones.

    `kinds` are the columns' kinds in the contract, `identity` the places of those that say which row it is. `rejected`
    rows of the last dataset broke the contract, duplicates among them.
    """
    same = _identity(kinds, identity)
    cells = ", ".join(f"c{place}" for place in range(len(kinds)))
    connection.execute(f"CREATE TABLE old AS SELECT place, {same} AS identity, {cells} FROM last")  # noqa: S608
    named = f"prediction_id, made, truth_at, {same} AS identity, {cells}"
    connection.execute(f"CREATE TABLE new AS SELECT {named} FROM fresh")  # noqa: S608
    repeated = _number(connection, "SELECT count(*) - count(DISTINCT identity) FROM old")
    if has_key or repeated <= rejected:
        connection.execute(
            """DELETE FROM new WHERE prediction_id NOT IN (
                SELECT arg_max(prediction_id, (truth_at, prediction_id)) FROM new GROUP BY identity
            )"""
        )
        connection.execute("DELETE FROM old WHERE identity IN (SELECT identity FROM new)")
    connection.execute(
        f"""CREATE TABLE merged AS
        SELECT row_number() OVER (ORDER BY is_new, place, made, prediction_id) AS place, {cells} FROM (
            SELECT false AS is_new, place, NULL::TIMESTAMPTZ AS made, NULL::VARCHAR AS prediction_id, {cells} FROM old
            UNION ALL SELECT true, NULL, made, prediction_id, {cells} FROM new
        )"""  # noqa: S608
    )
    return _number(connection, "SELECT count(*) FROM merged"), _number(connection, "SELECT count(*) FROM new")


def _identity(kinds: Sequence[str], identity: Sequence[int]) -> str:
    """A digest of cells that are equal for training: 1, 1.0 and 1e0 are the same number."""
    cells = ", '\x1f', ".join(f"coalesce({_canonical(f'c{place}', kinds[place])}, '')" for place in identity)
    return f"md5_number(concat({cells}))"


def _canonical(cell: str, kind: str) -> str:
    if kind in ("number", "integer"):
        return f"coalesce(CAST(TRY_CAST({cell} AS DOUBLE) + 0.0 AS VARCHAR), {cell})"
    if kind == "boolean":
        return f"CASE lower({cell}) WHEN '1' THEN 'true' WHEN '0' THEN 'false' ELSE lower({cell}) END"
    if kind == "time":
        return f"coalesce(CAST(TRY_CAST({cell} AS TIME) AS VARCHAR), trim({cell}))"
    return f"trim({cell})"


def write_merged(connection: DuckDBPyConnection, names: Sequence[str], file: Path) -> None:
    """Write `merged` as a gzipped CSV with a header. The same rows are the same bytes."""
    cells = ", ".join(f"c{place}" for place in range(len(names)))
    rows = connection.execute(f"SELECT {cells} FROM merged ORDER BY place")  # noqa: S608
    with (
        file.open("wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,
        io.TextIOWrapper(packed, "utf-8", newline="") as lines,
    ):
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(names)
        while some := rows.fetchmany(_BATCH):
            writer.writerows(some)


def _number(connection: DuckDBPyConnection, query: str) -> int:
    found: int = connection.execute(query).fetchall()[0][0]
    return found
