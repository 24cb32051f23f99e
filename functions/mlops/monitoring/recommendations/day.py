"""A day's recommendation records and events → the tables `answers`, `events` and `attributed`, each thing once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from duckdb import DuckDBPyConnection

from mlops.records.read import ReadReport, read_events, read_recommendations
from mlops.records.window import Window

if TYPE_CHECKING:
    from obstore.store import ObjectStore

LATE = timedelta(hours=1)
"""How long after a day an event may be received and count as a response to the day's answers."""


@dataclass(frozen=True)
class DayRead:
    """How the reading of a day's answers and of its events went."""

    reports: tuple[ReadReport, ReadReport]

    @property
    def unreadable(self) -> int:
        """Lines that can't be read."""
        return sum(report.unreadable for report in self.reports)

    @property
    def damaged(self) -> tuple[str, ...]:
        """Objects that can't be read to their end."""
        return tuple(sorted({each["object"] for report in self.reports for each in report.damaged}))


def load_day(
    connection: DuckDBPyConnection,
    records: "ObjectStore",
    model: str,
    day: Window,
    clicks: Sequence[str],
    conversions: Sequence[str],
) -> DayRead:
    """Make the tables.

    `answers` has a day's answers: id, moment, version, role, person (the user, or the answer itself where nobody is
    named), user_id, basis, k, items, propensities, explored, sources (events or items of the history from each),
    excluded, unavailable, unknown. `events` has the events received in it or up to LATE after it,
    `in_day` says which; `attributed` those about an item of an answer, with its position, `hours` from the answer
    to the event's receipt, and whether it's a click and a conversion.
    """
    answers = read_recommendations(records, model, day)
    connection.register("answer_stream", answers.reader())
    connection.execute(
        """
        CREATE TABLE answers AS
        SELECT recommendation_id AS id, min("timestamp") AS moment, first(model_version) AS version,
            coalesce(first(role), '') AS role, coalesce(first("user"), recommendation_id) AS person,
            first("user") AS user_id, coalesce(first(basis), '') AS basis, first(k) AS k, first(items) AS items,
            first(propensities) AS propensities, first(history) AS sources,
            coalesce(first(excluded), 0) AS excluded, coalesce(first(explored), false)::INT AS explored,
            (coalesce(len(first(unavailable)), 0) > 0)::INT AS unavailable,
            (coalesce(first(unknown_items), 0) > 0)::INT AS unknown
        FROM answer_stream GROUP BY recommendation_id
        """
    )
    connection.unregister("answer_stream")
    events = read_events(records, model, Window(day.start, day.end + LATE))
    connection.register("event_stream", events.reader())
    connection.execute(
        """
        CREATE TABLE events AS
        SELECT id, r.n AS event, r.i AS item, r.a AS answer, r.t AS received_at, r.t < $end AS in_day FROM (
            SELECT id, arg_min(
                struct_pack(n := event, i := item, a := recommendation_id, t := received_at), received_at
            ) AS r
            FROM event_stream GROUP BY id, "user"
        )
        """,
        {"end": day.end},
    )
    connection.unregister("event_stream")
    connection.execute(
        """
        CREATE TABLE attributed AS
        SELECT events.id, answers.id AS answer, list_position(answers.items, events.item) AS position, events.in_day,
            epoch(events.received_at - answers.moment) / 3600 AS hours,
            list_contains($clicks, events.event) AS click, list_contains($conversions, events.event) AS conversion
        FROM events JOIN answers ON events.answer = answers.id WHERE list_contains(answers.items, events.item)
        """,
        {"clicks": [*clicks], "conversions": [*conversions]},
    )
    return DayRead((answers.report, events.report))
