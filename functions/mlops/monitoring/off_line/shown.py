"""The answers of a stretch that explored and that can be replayed, the clicks on them, and what users did before."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from duckdb import DuckDBPyConnection

from mlops.artifact.recommender.answering import EventTuple
from mlops.monitoring.recommendations.day import load_day
from mlops.records.read import read_events
from mlops.records.window import Window

if TYPE_CHECKING:
    from obstore.store import ObjectStore

MOST_ANSWERS = 50_000
"""Answers that are judged, those of users drawn by a digest of their ids."""
MOST_RECENT = 500
"""Recent events of a user that serving reads, the latest ones."""

_REPLAYABLE = """
    len(items) > 0 AND len(propensities) = len(items) AND list_min(propensities) < 1
    AND moment >= $after AND unavailable = 0 AND excluded = 0 AND coalesce(sources.request, 0) = 0
    AND (user_id IS NOT NULL OR (coalesce(sources.training, 0) = 0 AND coalesce(sources.recent, 0) = 0))
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer: what stood where with which propensity, and the places (from 0) that got a click.

    `moment` is in ms since 1970; `user` is as records have it, `person` the user, or the answer where nobody is named.
    """

    person: str
    user: str | None
    moment: int
    version: int
    k: int
    items: Sequence[str]
    propensities: Sequence[float]
    explored: bool
    clicked: frozenset[int]


@dataclass(frozen=True)
class ShownAnswers:
    """The answers to judge by, of `answers` in all."""

    replayable: Sequence[Shown]
    answers: int


def load_shown(
    connection: DuckDBPyConnection,
    records: "ObjectStore",
    model: str,
    stretch: Window,
    after: datetime,
    clicks: Sequence[str],
) -> ShownAnswers:
    """The answers of a stretch, from `after` on, whose request had no history and no exclusions of its own.

    What such a request had isn't recorded, so no other version can be asked for it. Whether an answer counts depends on
    nothing that was drawn for it.
    """
    load_day(connection, records, model, stretch, clicks, ())
    rows = connection.execute(
        f"""
        WITH clicked AS (
            SELECT answer, list(DISTINCT position - 1) AS places FROM attributed WHERE click GROUP BY answer
        )
        SELECT person, user_id, epoch_ms(moment), version, k, items, propensities, explored, places
        FROM answers LEFT JOIN clicked ON clicked.answer = answers.id WHERE {_REPLAYABLE}
        ORDER BY md5(person), moment, id LIMIT {MOST_ANSWERS}
        """,  # noqa: S608 - constants alone
        {"after": after},
    ).fetchall()
    ((answers,),) = connection.execute("SELECT count(*) FROM answers").fetchall()
    shown = [
        Shown(person, user, moment, version, k or len(items), items, chances, bool(explored), frozenset(places or ()))
        for person, user, moment, version, k, items, chances, explored, places in rows
    ]
    return ShownAnswers(shown, answers)


class PastEvents:
    """What users did before a moment, as the table of recent events had it."""

    def __init__(
        self, connection: DuckDBPyConnection, records: "ObjectStore", model: str, stretch: Window, kept: timedelta
    ) -> None:
        """Reads the events that were received from `kept` before the stretch on; later ones than that count."""
        self._kept = round(kept.total_seconds() * 1000)
        reading = read_events(records, model, Window(stretch.start - kept, stretch.end))
        connection.register("past_stream", reading.reader())
        rows = connection.execute(
            """
            SELECT r.u, r.i, r.n, epoch_ms(r.t), r.g, epoch_ms(r.a) FROM (
                SELECT arg_min(
                    struct_pack(u := "user", i := item, n := event, t := "time", g := rating, a := received_at),
                    received_at
                ) AS r
                FROM past_stream WHERE "user" IS NOT NULL GROUP BY id, "user"
            ) ORDER BY r.a
            """
        ).fetchall()
        connection.unregister("past_stream")
        self._events: dict[str, list[EventTuple]] = defaultdict(list)
        self._received: dict[str, list[int]] = defaultdict(list)
        for user, item, name, time, rating, received in rows:
            self._events[user].append((item, name, time, rating))
            self._received[user].append(received)

    def of(self, user: str | None, moment: int) -> list[EventTuple]:
        """The events of a user that were stored before a moment (ms)."""
        if user is None or user not in self._events:
            return []
        known = self._events[user][: bisect_left(self._received[user], moment)]
        recent = [event for event in known if event[2] > moment - self._kept]
        return sorted(recent, key=lambda event: event[2])[-MOST_RECENT:]
