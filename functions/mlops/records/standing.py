"""The rule of truth, in SQL: of all that was received for a prediction, the latest by its own time stands.

Of equal times the one received later stands, then the greater truth, so that the order in which lines are read never
matters. Tables are made in a DuckDB connection: `lines` of feedback, and `standing`, one truth for each prediction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from duckdb import DuckDBPyConnection

from mlops.contract import Contract
from mlops.records.read import Reading, read_feedback, read_predictions
from mlops.records.window import Window

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_ID = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_DIRECTLY = "id IS NOT NULL AND reason IS NULL"


@dataclass(frozen=True)
class FeedbackSource:
    """A model's feedback that was received in a window.

    `key` are the columns that may name a row in place of its prediction id: it means the latest prediction of such a
    row that was made up to `scan_days` days before the truth's own time. A key with a column that isn't in records is
    taken for none.
    """

    store: "ObjectStore"
    model: str
    contract: Contract
    received: Window
    key: Sequence[str] = ()
    scan_days: int = 30

    def __post_init__(self) -> None:
        recorded = {column.name for column in self.contract.columns if column.privacy != "drop"}
        if not recorded.issuperset(self.key):
            object.__setattr__(self, "key", ())


@dataclass
class FeedbackCounts:
    """Lines of feedback: received = invalid + duplicates + superseded + unknown keys + standing.

    `invalid` counts by reason. A duplicate says the same of the same prediction at the same time as another line; what
    is superseded says something else than what stands.
    """

    received: int = 0
    invalid: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    superseded: int = 0
    unknown_keys: int = 0
    standing: int = 0


def make_standing(connection: DuckDBPyConnection, source: FeedbackSource) -> tuple[FeedbackCounts, Reading]:
    """Make the tables `lines` and `standing`: place (0 to N - 1), id (UUID), made, truth, truth_at, received_at,
    first_received.

    `first_received` is when any truth of the prediction was received first. Returns the counts and the reading of the
    feedback, whose report names damaged objects.
    """
    feedback = read_feedback(source.store, source.model, source.contract, source.received, key=source.key)
    _load_lines(connection, feedback, source.contract)
    if "key" in feedback.schema.names:
        _find_keys(connection, source)
    _choose(connection)
    return _count(connection, feedback), feedback


def _load_lines(connection: DuckDBPyConnection, feedback: Reading, contract: Contract) -> None:
    """`lines`: a line's number, id, key, truth, times, source, and the reason why it's invalid if it is."""
    labels = [*contract.target.labels]
    wrong = "NOT list_contains($labels, truth)" if labels else "NOT isfinite(truth)"
    key = "key," if "key" in feedback.schema.names else ""
    keyed = "AND key IS NULL" if key else ""
    connection.register("feedback_stream", feedback.reader())
    connection.execute(
        f"""
        CREATE TABLE lines AS SELECT
            row_number() OVER () AS line,
            CASE WHEN regexp_full_match(prediction_id, '{_ID}') THEN TRY_CAST(prediction_id AS UUID) END AS id,
            {key} truth, "at" AS truth_at, received_at, source,
            CASE WHEN id IS NULL {keyed} THEN 'prediction_id'
                 WHEN {wrong} THEN '{"label" if labels else "finite"}' END AS reason
        FROM feedback_stream
        """,  # noqa: S608 - only constants
        {"labels": labels} if labels else {},
    )
    connection.unregister("feedback_stream")


def _find_keys(connection: DuckDBPyConnection, source: FeedbackSource) -> None:
    """Give the lines that name a row by its key the id of the prediction that they mean."""
    connection.execute("CREATE TABLE keyed AS SELECT * FROM lines WHERE id IS NULL AND reason IS NULL")
    first, last = connection.execute("SELECT min(truth_at), max(truth_at) FROM keyed").fetchall()[0]
    if first is None:
        return
    reach = timedelta(days=source.scan_days)
    window = Window(first - reach, last + timedelta(microseconds=1))
    predictions = read_predictions(
        source.store, source.model, source.contract, window, fields=("inputs",), inputs=source.key
    )
    same = " AND ".join(f"p.inputs.{quote(name)} = k.key.{quote(name)}" for name in source.key)
    connection.register("prediction_stream", predictions.reader())
    connection.execute(
        f"""
        CREATE TABLE meant AS
        SELECT k.line, arg_max(CAST(p.prediction_id AS UUID), (p.timestamp, p.prediction_id)) AS id
        FROM prediction_stream p JOIN keyed k
        ON {same} AND p.timestamp <= k.truth_at AND p.timestamp >= k.truth_at - to_days($days)
        GROUP BY k.line
        """,  # noqa: S608 - the key's names are quoted
        {"days": source.scan_days},
    )
    connection.unregister("prediction_stream")
    connection.execute("UPDATE lines SET id = meant.id FROM meant WHERE lines.line = meant.line")


def _choose(connection: DuckDBPyConnection) -> None:
    """`standing`. Most predictions have one line, so only the others' are compared."""
    connection.execute(
        f"""CREATE TABLE repeated AS
        SELECT id, count(*) AS lines FROM lines WHERE {_DIRECTLY} GROUP BY id HAVING lines > 1"""  # noqa: S608
    )
    connection.execute(
        f"""
        CREATE TABLE standing AS
        SELECT row_number() OVER () - 1 AS place, id, uuid_extract_timestamp(id) AS made, truth, truth_at,
            received_at, first_received
        FROM (
            SELECT id, truth, truth_at, received_at, received_at AS first_received
            FROM lines ANTI JOIN repeated USING (id) WHERE {_DIRECTLY}
            UNION ALL
            SELECT id, truth, truth_at, received_at, min(received_at) OVER (PARTITION BY id) AS first_received
            FROM lines SEMI JOIN repeated USING (id) WHERE {_DIRECTLY}
            QUALIFY row_number() OVER (PARTITION BY id ORDER BY truth_at DESC, received_at DESC, truth DESC) = 1
        )
        """  # noqa: S608 - only constants
    )


def _count(connection: DuckDBPyConnection, feedback: Reading) -> FeedbackCounts:
    def number(query: str) -> int:
        found: int = connection.execute(query).fetchall()[0][0]
        return found

    invalid = dict(
        connection.execute(
            "SELECT reason, count(*) FROM lines WHERE reason IS NOT NULL GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    )
    if feedback.report.unreadable:
        invalid["unreadable"] = feedback.report.unreadable
    standing = number("SELECT count(*) FROM standing")
    usable = number(f"SELECT count(*) FROM lines WHERE {_DIRECTLY}")  # noqa: S608 - only constants
    repeated = number("SELECT coalesce(sum(lines), 0)::BIGINT FROM repeated")
    distinct = number(
        f"""SELECT count(*) FROM (
            SELECT DISTINCT id, truth, truth_at FROM lines SEMI JOIN repeated USING (id) WHERE {_DIRECTLY})"""  # noqa: S608
    )
    return FeedbackCounts(
        received=feedback.report.records + feedback.report.unreadable,
        invalid=invalid,
        duplicates=repeated - distinct,
        superseded=usable - (repeated - distinct) - standing,
        unknown_keys=number("SELECT count(*) FROM lines WHERE id IS NULL AND reason IS NULL"),
        standing=standing,
    )


def quote(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'
