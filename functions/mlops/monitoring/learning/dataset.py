"""The last dataset and the new events → one gzipped CSV with the contract's columns."""

import csv
import gzip
import io
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from duckdb import DuckDBPyConnection

from mlops.artifact.identifiers import spell_id
from mlops.artifact.recommender.histories import hash_user
from mlops.artifact.recommender.pseudonyms import make_pseudonym, read_pseudonym
from mlops.interactions import InteractionContract

_BATCH = 50_000  # rows


def hide_users(connection: DuckDBPyConnection, contract: InteractionContract, fold_case: bool, key: bytes) -> None:
    """In `last`, whose c0 is the user: give private users the pseudonyms that the new events have of them."""
    if contract.user_privacy != "hash":
        return
    users = [row[0] for row in connection.execute("SELECT DISTINCT c0 FROM last WHERE c0 IS NOT NULL").fetchall()]
    known = {user: _hide(user, contract, fold_case, key) for user in users}
    connection.register("known_users", pa.table({"given": [*known], "hidden": [*known.values()]}))
    connection.execute("CREATE TABLE hidden AS SELECT given, hidden FROM known_users")
    connection.unregister("known_users")
    connection.execute("UPDATE last SET c0 = hidden.hidden FROM hidden WHERE last.c0 = hidden.given")


def _hide(user: str, contract: InteractionContract, fold_case: bool, key: bytes) -> str:
    if read_pseudonym(user):
        return user
    return make_pseudonym(hash_user(contract.user, spell_id(user, fold_case=fold_case), key))


def write_dataset(connection: DuckDBPyConnection, contract: InteractionContract, file: Path) -> int:
    """Write `last`, in its order, and after it `fresh`, in the order of time; returns the rows.

    An event that is in both, at the same time, is written once. The same events are the same bytes.
    """
    names = contract.columns
    cells = {contract.user: "user_id", contract.item: "item", contract.time: "moment", contract.event: "event"}
    if contract.rating:
        cells[contract.rating.column] = "CAST(rating AS VARCHAR)"
    new = ", ".join(f"{cells[name]} AS c{place}" for place, name in enumerate(names))
    connection.execute(f"CREATE TABLE new AS SELECT id, moment AS at_, {new} FROM fresh")  # noqa: S608 - cells alone
    places = ", ".join(f"c{place}" for place in range(len(names)))
    same = " AND ".join(f"new.c{place} IS NOT DISTINCT FROM last.c{place}" for place in range(len(names)))
    rows = connection.execute(
        f"""
        SELECT {places} FROM (
            SELECT false AS is_new, place, NULL AS at_, NULL AS id, {places} FROM last
            UNION ALL
            SELECT true, NULL, at_, id, {places} FROM new WHERE NOT EXISTS (SELECT 1 FROM last WHERE {same})
        ) ORDER BY is_new, place, at_, id
        """  # noqa: S608 - places alone
    )
    return _write(rows, names, file)


def _write(rows: DuckDBPyConnection, names: Sequence[str], file: Path) -> int:
    count = 0
    with (
        file.open("wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,
        io.TextIOWrapper(packed, "utf-8", newline="") as lines,
    ):
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(names)
        while some := rows.fetchmany(_BATCH):
            writer.writerows(some)
            count += len(some)
    return count
