"""Predictions with their truths, one each, as a stream: memory grows with the truths, not with the predictions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from mlops.records.database import open_database
from mlops.records.decode import MICROSECONDS
from mlops.records.find import LOG_DELAY
from mlops.records.read import ReadReport, read_predictions
from mlops.records.standing import FeedbackSource, make_standing
from mlops.records.window import Window

_BATCH = 50_000  # rows
_PLACE = "place"


@dataclass
class JoinCounts:
    """What became of the lines of feedback: received = the sum of all others.

    `used` truths stand next to a prediction; `elsewhere` are truths of predictions outside the window that was asked
    for; `unknown` are those of predictions that nobody recorded. `invalid` counts by reason.
    """

    received: int = 0
    used: int = 0
    superseded: int = 0
    duplicates: int = 0
    unknown: int = 0
    elsewhere: int = 0
    invalid: dict[str, int] = field(default_factory=dict)


class Joined:
    """Tables of predictions with `truth`, `truth_at` and `received_at`; the rest is complete when iterating ends.

    `counts` says what became of each line of feedback, and the reports what was read of feedback and predictions.
    """

    def __init__(
        self,
        source: FeedbackSource,
        predicted: Window | None,
        fields: Sequence[str] | None,
        inputs: Sequence[str] | None,
        memory: str,
    ) -> None:
        self.counts = JoinCounts()
        self.feedback_report = ReadReport()
        self.prediction_report = ReadReport()
        self._source = source
        self._predicted = predicted
        self._fields = fields
        self._inputs = inputs
        self._memory = memory

    def __iter__(self) -> Iterator[pa.Table]:
        with open_database(self._memory) as connection:
            found, feedback = make_standing(connection, self._source)
            self.feedback_report = feedback.report
            joined = np.zeros(found.standing, dtype=np.bool_)
            used = np.zeros(found.standing, dtype=np.bool_)
            yield from self._stream(connection, joined, used)
            unknown = int((self._asked_for(connection) & ~joined).sum())
        self.counts = JoinCounts(
            received=found.received,
            used=int(used.sum()),
            superseded=found.superseded,
            duplicates=found.duplicates,
            unknown=found.unknown_keys + unknown,
            elsewhere=found.standing - int(used.sum()) - unknown,
            invalid=found.invalid,
        )

    def _stream(
        self, connection: DuckDBPyConnection, joined: NDArray[np.bool_], used: NDArray[np.bool_]
    ) -> Iterator[pa.Table]:
        """The joined tables. Marks the places of `standing` that have a prediction, and those in the window."""
        reach, days = self._find_reach(connection)
        if not days:
            return
        source = self._source
        predictions = read_predictions(
            source.store, source.model, source.contract, reach, fields=self._fields, inputs=self._inputs, days=days
        )
        connection.register("prediction_stream", predictions.reader())
        tables = connection.sql(
            f"""
            SELECT p.*, s.truth, s.truth_at, s.received_at, s.place FROM prediction_stream p
            JOIN (FROM standing WHERE made >= {_literal(reach.start - LOG_DELAY)} AND made < {_literal(reach.end)}) s
            ON TRY_CAST(p.prediction_id AS UUID) = s.id
            """  # noqa: S608 - times alone
        ).to_arrow_reader(_BATCH)
        for batch in tables:
            table = self._take_new(pa.Table.from_batches([batch]), joined, used)
            if table.num_rows:
                yield table
        self.prediction_report = predictions.report
        connection.unregister("prediction_stream")

    def _take_new(self, table: pa.Table, joined: NDArray[np.bool_], used: NDArray[np.bool_]) -> pa.Table:
        """The rows in the window whose prediction didn't come before: delivery of records is at least once."""
        places = table[_PLACE].to_numpy()
        _, first = np.unique(places, return_index=True)
        new = np.zeros(len(places), dtype=np.bool_)
        new[first] = ~joined[places[first]]
        joined[places] = True
        if self._predicted is not None:
            end = pa.scalar(self._predicted.end, MICROSECONDS)
            new &= pc.less(table["timestamp"], end).to_numpy()
        used[places[new]] = True
        return table.filter(pa.array(new)).drop_columns([_PLACE])

    def _find_reach(self, connection: DuckDBPyConnection) -> tuple[Window, Sequence[date]]:
        """Where the predictions' records can be: a record is written shortly after its prediction's id is made."""
        if self._predicted is not None:
            reach = Window(self._predicted.start, self._predicted.end + LOG_DELAY)
            return reach, reach.days
        rows = connection.execute(
            "SELECT DISTINCT made::DATE, (made + $delay)::DATE FROM standing", {"delay": LOG_DELAY}
        )
        days = sorted({day for row in rows.fetchall() for day in row})
        if not days:
            now = self._source.received.start
            return Window(now, now), []
        return Window(Window.of_day(days[0]).start, Window.of_day(days[-1]).end), days

    def _asked_for(self, connection: DuckDBPyConnection) -> NDArray[np.bool_]:
        """By place: whether the prediction was made in the window that was asked for."""
        condition = "true"
        if self._predicted is not None:
            condition = f"made >= {_literal(self._predicted.start)} AND made < {_literal(self._predicted.end)}"
        found = connection.execute(f"SELECT {condition} AS asked FROM standing ORDER BY place").fetchnumpy()  # noqa: S608
        asked: NDArray[np.bool_] = np.asarray(found["asked"], dtype=np.bool_)
        return asked


def join_truths(
    source: FeedbackSource,
    predicted: Window | None = None,
    *,
    fields: Sequence[str] | None = None,
    inputs: Sequence[str] | None = None,
    memory: str = "800MB",
) -> Joined:
    """The predictions of a window that have a truth; without a window, of the days that the truths' ids name.

    `source` says which feedback counts: to be right, from the first prediction's time until now. `fields` and `inputs`
    choose columns as in read_predictions. `memory` is DuckDB's; what doesn't fit goes to the temporary folder.
    """
    return Joined(source, predicted, fields, inputs, memory)


def _literal(moment: datetime) -> str:
    return f"TIMESTAMPTZ '{moment}'"
