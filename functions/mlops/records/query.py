"""SQL over a stretch of time, by DuckDB: the records are read by obstore, and the SQL can reach nothing else.

predictions   the prediction records of the stretch, each once; `inputs` is a struct: inputs."mean radius"
feedback      the feedback that was received from the stretch's start on
truths        the predictions of the stretch that have a truth, with `truth`, `truth_at` and `received_at`
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from mlops.errors.records import SqlInvalid
from mlops.records.database import open_database
from mlops.records.read import ReadReport, read_predictions
from mlops.records.standing import FeedbackSource, make_standing
from mlops.records.window import Window

PREDICTIONS, FEEDBACK, TRUTHS = "predictions", "feedback", "truths"


class Stretch:
    """A stretch of time of one model, as SQL sees it. Records are read when a query first names them.

    `reports` are what was read, by table.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        source: FeedbackSource,
        window: Window,
        versions: Sequence[int] | None,
    ) -> None:
        self.reports: dict[str, ReadReport] = {}
        self._connection = connection
        self._source = source
        self._window = window
        self._versions = versions

    def sql(self, query: str) -> pa.Table:
        """The query's result, in memory. Raises SqlInvalid."""
        return self.stream(query).read_all()

    def stream(self, query: str, rows: int = 50_000) -> pa.RecordBatchReader:
        """The query's result, in batches of at most `rows` rows. Raises SqlInvalid, also while it's read."""
        named = {name for name in (PREDICTIONS, FEEDBACK, TRUTHS) if re.search(rf"\b{name}\b", query, re.IGNORECASE)}
        if named & {PREDICTIONS, TRUTHS} and PREDICTIONS not in self.reports:
            self._load_predictions()
        if named & {FEEDBACK, TRUTHS} and FEEDBACK not in self.reports:
            self._load_feedback()
        if TRUTHS in named:
            self._connection.execute(
                """CREATE VIEW IF NOT EXISTS truths AS SELECT p.*, s.truth, s.truth_at, s.received_at
                FROM predictions p JOIN standing s ON CAST(p.prediction_id AS UUID) = s.id"""
            )
        try:
            result = self._connection.sql(query)
            if result is None:
                raise SqlInvalid("it has no result; ask with SELECT")
            reader = result.to_arrow_reader(rows)
        except duckdb.Error as error:
            raise SqlInvalid(str(error)) from None
        return pa.RecordBatchReader.from_batches(reader.schema, _read_batches(reader))

    def _load_predictions(self) -> None:
        source = self._source
        predictions = read_predictions(
            source.store, source.model, source.contract, self._window, versions=self._versions
        )
        self._connection.register("prediction_stream", predictions.reader())
        self._connection.execute("CREATE TABLE predictions AS FROM prediction_stream")
        self._connection.unregister("prediction_stream")
        # Delivery is at least once.
        self._connection.execute(
            """DELETE FROM predictions WHERE rowid IN (
                SELECT unnest(rows[2:]) FROM (
                    SELECT list(rowid ORDER BY rowid) AS rows FROM predictions
                    GROUP BY prediction_id HAVING count(*) > 1
                )
            )"""
        )
        self.reports[PREDICTIONS] = predictions.report

    def _load_feedback(self) -> None:
        _, feedback = make_standing(self._connection, self._source)
        self._connection.execute(
            """CREATE VIEW feedback AS
            SELECT CAST(id AS VARCHAR) AS prediction_id, * EXCLUDE (line, id) FROM lines ORDER BY line"""
        )
        self.reports[FEEDBACK] = feedback.report


def _read_batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The batches of a result. What can't be computed is an OSError there."""
    try:
        yield from reader
    except (duckdb.Error, OSError) as error:
        raise SqlInvalid(str(error)) from None


@contextmanager
def open_stretch(
    source: FeedbackSource, window: Window, memory: str = "800MB", versions: Sequence[int] | None = None
) -> Iterator[Stretch]:
    """The predictions of a window, with the feedback of `source`: to be right, from the window's start until now.

    `versions` are those whose predictions are read, all without it: the contract of `source` should be theirs.
    `memory` is DuckDB's; what doesn't fit goes to the temporary folder.
    """
    with open_database(memory) as connection:
        # Nothing but the records: no files, no network, and no way to undo this.
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield Stretch(connection, source, window, versions)
