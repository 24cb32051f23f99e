"""Feedback of a stretch of time → one truth for each prediction, as arrays that records are looked up in."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mlops.evaluation.metrics.answers import Floats
from mlops.monitoring.windows.ids import Ids, parse_ids
from mlops.records.database import open_database
from mlops.records.find import LOG_DELAY
from mlops.records.standing import FeedbackCounts, FeedbackSource, make_standing

type Places = NDArray[np.intp]
type Moments = NDArray[np.int64]
"""Microseconds since 1970."""

MEMORY = "800MB"
_BATCH = 100_000  # rows


@dataclass(frozen=True, eq=False)
class Truths:
    """N truths by the hash of their prediction's id.

    `values` [N] are numbers, or positions in `labels`. `received` [N] is when the truth that stands was received,
    `first` [N] when any truth of the prediction was.
    """

    ids: Ids
    values: Floats
    labels: tuple[str, ...]
    received: Moments
    first: Moments

    def __len__(self) -> int:
        return len(self.ids)

    def find(self, ids: Ids) -> tuple[Places, Places]:
        """The positions of M ids that have a truth, and those of their truths."""
        places = np.searchsorted(self.ids.keys, ids.keys)
        places[places == len(self)] = 0
        if not len(self):
            return np.zeros(0, np.intp), np.zeros(0, np.intp)
        same = (self.ids.high[places] == ids.high) & (self.ids.low[places] == ids.low)
        rows = np.flatnonzero(same)
        return rows, places[rows].astype(np.intp)

    def take(self, places: Places) -> list[str | float]:
        """The truths at some positions: labels or numbers."""
        values = self.values[places].tolist()
        return [self.labels[int(value)] for value in values] if self.labels else values

    def days(self) -> list[date]:
        """The days in which the predictions' records can lie, in order."""
        made = np.unique(self.ids.milliseconds // 1000)
        days = {_day(second) for second in np.unique(made // 86_400).tolist()}
        late = made[made % 86_400 >= 86_400 - LOG_DELAY.total_seconds()]
        return sorted(days | {_day(second + 1) for second in np.unique(late // 86_400).tolist()})

    def made_before(self, moment: datetime) -> NDArray[np.bool_]:
        """Whose predictions were made before a moment [N]."""
        found: NDArray[np.bool_] = self.ids.milliseconds < moment.timestamp() * 1000
        return found


def read_truths(source: FeedbackSource) -> tuple[Truths, FeedbackCounts, list[str]]:
    """The truths that were received in the source's window, what became of their lines, and damaged objects."""
    with open_database(MEMORY) as connection:
        counts, feedback = make_standing(connection, source)
        tables = connection.sql(
            """SELECT CAST(id AS VARCHAR) AS id, truth, epoch_us(received_at) AS received,
            epoch_us(first_received) AS first FROM standing"""
        ).to_arrow_reader(_BATCH)
        parts = [*_parse(tables, source.contract.target.labels)]
    damaged = [each["object"] for each in feedback.report.damaged]
    if not parts:
        return no_truths(source.contract.target.labels), counts, damaged
    truths = Truths(
        Ids(np.concatenate([part.ids.high for part in parts]), np.concatenate([part.ids.low for part in parts])),
        np.concatenate([part.values for part in parts]),
        source.contract.target.labels,
        np.concatenate([part.received for part in parts]),
        np.concatenate([part.first for part in parts]),
    )
    order = np.argsort(truths.ids.keys)
    return (
        replace(
            truths,
            ids=truths.ids.take(order),
            values=truths.values[order],
            received=truths.received[order],
            first=truths.first[order],
        ),
        counts,
        damaged,
    )


def no_truths(labels: tuple[str, ...]) -> Truths:
    """No truths at all."""
    nothing = np.zeros(0, np.int64)
    return Truths(Ids(np.zeros(0, np.uint64), np.zeros(0, np.uint64)), np.zeros(0), labels, nothing, nothing)


def _parse(tables: pa.RecordBatchReader, labels: tuple[str, ...]) -> Iterator[Truths]:
    for batch in tables:
        ids, _ = parse_ids(batch["id"].cast(pa.string()))
        values = pc.index_in(batch["truth"], pa.array(labels, pa.string())) if labels else batch["truth"]
        yield Truths(
            ids,
            values.to_numpy(zero_copy_only=False).astype(np.float64),
            labels,
            batch["received"].to_numpy(zero_copy_only=False).astype(np.int64),
            batch["first"].to_numpy(zero_copy_only=False).astype(np.int64),
        )


def _day(number: int) -> date:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=number)).date()
