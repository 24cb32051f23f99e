"""The events that were received in a window → the table `fresh`: user, item, event, time and rating, each event once.

Events that say nothing of taste, such as that an item was shown, and events without a user are left out.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from duckdb import DuckDBPyConnection

from mlops.artifact.recommender.pseudonyms import make_pseudonym
from mlops.interactions import InteractionContract
from mlops.records.read import read_events
from mlops.records.window import Window

if TYPE_CHECKING:
    from obstore.store import ObjectStore


@dataclass(frozen=True)
class Counted:
    """Events by what became of them: those in `fresh`, and of the others those without a user."""

    usable: int
    without_user: int


def load_fresh(
    connection: DuckDBPyConnection, records: "ObjectStore", model: str, contract: InteractionContract, received: Window
) -> Counted:
    """Make the table. An event that came several times is the one that was received first."""
    reading = read_events(records, model, received)
    telling = [name for name, weight in contract.events.items() if weight is not None]
    connection.register("event_stream", reading.reader())
    connection.execute(
        """
        CREATE TABLE received AS
        SELECT id, arg_min(struct_pack(u := "user", i := item, e := event, t := "time", r := rating), received_at) AS e
        FROM event_stream WHERE list_contains($telling, event) GROUP BY id, "user"
        """,
        {"telling": telling},
    )
    connection.unregister("event_stream")
    # Of a private user a record has the hash alone.
    hashed = f"'{make_pseudonym(b'')}' || e.u" if contract.user_privacy == "hash" else "e.u"
    connection.execute(
        f"""
        CREATE TABLE fresh AS
        SELECT id, {hashed} AS user_id, e.i AS item, e.e AS event,
            strftime(e.t AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ') AS moment, e.r AS rating
        FROM received WHERE e.u IS NOT NULL
        """  # noqa: S608 - only constants
    )
    usable = _count(connection, "SELECT count(*) FROM fresh")
    return Counted(usable, _count(connection, "SELECT count(*) FROM received") - usable)


def _count(connection: DuckDBPyConnection, query: str) -> int:
    found: int = connection.execute(query).fetchall()[0][0]
    return found
