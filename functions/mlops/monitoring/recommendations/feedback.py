"""What became of the events that were received in a day, and how long after their answers they came."""

from duckdb import DuckDBPyConnection

from mlops.monitoring.recommender_facts import EventFacts
from mlops.records.window import Window

# The first 48 bits of an answer's id are the milliseconds since 1970 at which it was made.
_MADE = "epoch_ms(('0x' || substr(replace(events.answer, '-', ''), 1, 12))::BIGINT) AT TIME ZONE 'UTC'"


def count_events(connection: DuckDBPyConnection, day: Window) -> EventFacts:
    """Count a day's tables `events` and `attributed`."""
    row = connection.execute(
        f"""
        SELECT count(*), count(attributed.id), count(*) FILTER (events.answer IS NULL),
            count(*) FILTER (answers.id IS NOT NULL AND attributed.id IS NULL),
            count(*) FILTER (events.answer IS NOT NULL AND answers.id IS NULL AND {_MADE} < $start),
            quantile_cont(hours, 0.5), quantile_cont(hours, 0.9)
        FROM events LEFT JOIN attributed ON events.id = attributed.id LEFT JOIN answers ON events.answer = answers.id
        WHERE events.in_day
        """,  # noqa: S608 - constants alone
        {"start": day.start},
    ).fetchall()[0]
    received, attributed, unattributed, elsewhere, earlier, median, ninety = row
    return EventFacts(
        received=received,
        attributed=attributed,
        unattributed=unattributed,
        earlier=earlier,
        unknown=received - attributed - unattributed - elsewhere - earlier,
        elsewhere=elsewhere,
        delay_median=median,
        delay_90=ninety,
    )
