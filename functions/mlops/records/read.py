"""A window of records → Arrow tables, one after the other, in memory that doesn't grow with the window."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from mlops.contract import Contract
from mlops.errors.records import ObjectDamaged
from mlops.records.decode import (
    MICROSECONDS,
    BadLine,
    LineDecoder,
    common_schema,
    event_schema,
    feedback_schema,
    prediction_schema,
    recommendation_schema,
)
from mlops.records.layout import EVENT, FEEDBACK, PREDICTION, RECOMMENDATION, Kind, arrival_time
from mlops.records.objects import fetch_objects, list_objects, unzip_lines
from mlops.records.window import Window

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_THREADS = 2
_MAX_EXAMPLES = 20
BUFFERED = timedelta(minutes=15)
"""The longest that Firehose gathers records before it writes them."""


@dataclass
class ReadReport:
    """What was read: objects, their compressed bytes, and the records in the tables.

    `unreadable` counts lines that can't be read, with examples {object, line, reason}; `damaged` are the objects that
    can't be read to their end, or not at all, {object, reason}.
    """

    objects: int = 0
    compressed_bytes: int = 0
    records: int = 0
    unreadable: int = 0
    examples: list[dict[str, str | int]] = field(default_factory=list)
    damaged: list[dict[str, str]] = field(default_factory=list)


class Reading:
    """The tables of a window. Iterating reads them; `report` is complete when it ends."""

    def __init__(
        self,
        store: "ObjectStore",
        kind: Kind,
        model: str,
        window: Window,
        decoder: LineDecoder,
        time_field: str,
        days: Sequence[date] | None = None,
        threads: int = _THREADS,
    ) -> None:
        self.report = ReadReport()
        self.schema: pa.Schema = decoder.schema
        self._place = (store, kind, model)
        self._window = window
        self._days = window.days if days is None else days
        self._decoder = decoder
        self._time_field = time_field
        self._threads = threads

    def __iter__(self) -> Iterator[pa.Table]:
        self.report = ReadReport()
        decoding: deque[tuple[str, Future[tuple[pa.Table, list[BadLine]]]]] = deque()
        with ThreadPoolExecutor(self._threads, "decode") as pool:
            for key, first, block in self._blocks():
                decoding.append((key, pool.submit(self._decoder.decode, block, first)))
                if len(decoding) > self._threads:
                    yield from self._finish(*decoding.popleft())
            while decoding:
                yield from self._finish(*decoding.popleft())

    def reader(self) -> pa.RecordBatchReader:
        """The tables as a stream of batches."""
        return pa.RecordBatchReader.from_batches(self.schema, (batch for table in self for batch in table.to_batches()))

    def table(self) -> pa.Table:
        """All tables as one, in memory."""
        return pa.concat_tables([self.schema.empty_table(), *self])

    def _blocks(self) -> Iterator[tuple[str, int, bytes]]:
        """Blocks of lines, with their object and the number of their first line."""
        store, kind, model = self._place
        objects = [each for each in list_objects(store, kind, model, self._days) if self._may_lie_in(each[0])]
        for fetched in fetch_objects(store, objects):
            self.report.objects += 1
            if fetched.content is None:
                self.report.damaged.append({"object": fetched.key, "reason": "it was deleted while it was read"})
                continue
            self.report.compressed_bytes += len(fetched.content)
            first = 1
            try:
                for block in unzip_lines(fetched.content):
                    yield fetched.key, first, block
                    first += block.count(b"\n")
            except ObjectDamaged as error:
                self.report.damaged.append({"object": fetched.key, "reason": f"after line {first - 1}: {error}"})

    def _may_lie_in(self, key: str) -> bool:
        """Whether an object may have records of the window: none is older than the first one's arrival by much."""
        arrival = arrival_time(key)
        return arrival is None or arrival + BUFFERED > self._window.start

    def _finish(self, key: str, decoding: "Future[tuple[pa.Table, list[BadLine]]]") -> Iterator[pa.Table]:
        table, bad = decoding.result()
        self.report.unreadable += len(bad)
        room = max(0, _MAX_EXAMPLES - len(self.report.examples))
        self.report.examples += [{"object": key, "line": each.line, "reason": each.reason} for each in bad[:room]]
        table = self._within(table)
        self.report.records += table.num_rows
        if table.num_rows:
            yield table

    def _within(self, table: pa.Table) -> pa.Table:
        times = table[self._time_field]
        start, end = pa.scalar(self._window.start, MICROSECONDS), pa.scalar(self._window.end, MICROSECONDS)
        return table.filter(pc.and_(pc.greater_equal(times, start), pc.less(times, end)))


def read_predictions(
    store: "ObjectStore",
    model: str,
    contract: Contract,
    window: Window,
    *,
    versions: Sequence[int] | None = None,
    fields: Sequence[str] | None = None,
    inputs: Sequence[str] | None = None,
    days: Sequence[date] | None = None,
    threads: int = _THREADS,
) -> Reading:
    """The prediction records whose timestamp lies in the window, of all versions or some.

    Columns are those of the schema: `inputs` is a struct of the contract's columns, dates as date32, numbers and
    integers as float64, hashes as text; null where a prediction's inputs aren't recorded. `fields` and `inputs` choose
    some; prediction_id, timestamp and model_version always come. `days` restricts the partitions that are looked at.

    A record may come twice, since delivery is at least once. Versions whose contract isn't `contract` should be left
    out by `versions`; their lines may be unreadable by it.
    """
    decoder = LineDecoder(
        prediction_schema(contract, fields, inputs),
        (("prediction_id",), ("timestamp",), ("model_version",)),
        None if versions is None else frozenset(versions),
    )
    return Reading(store, PREDICTION, model, window, decoder, "timestamp", days, threads)


def scan_predictions(
    store: "ObjectStore", model: str, window: Window, *, days: Sequence[date] | None = None, threads: int = _THREADS
) -> Reading:
    """The prediction records of all versions in the window, with what they have whatever the version's contract.

    Columns are those of `common_schema`; a record's LINE can be decoded by its version's contract.
    """
    required = (("prediction_id",), ("timestamp",), ("model_version",))
    decoder = LineDecoder(common_schema(), required)
    return Reading(store, PREDICTION, model, window, decoder, "timestamp", days, threads)


def read_feedback(
    store: "ObjectStore",
    model: str,
    contract: Contract,
    window: Window,
    *,
    key: Sequence[str] = (),
    threads: int = _THREADS,
) -> Reading:
    """The feedback lines that were received in the window; `key` are the columns that may name a row."""
    schema = feedback_schema(contract, key)
    names = tuple(name for name in ("prediction_id", "key") if name in schema.names)
    decoder = LineDecoder(schema, (names, ("truth",), ("at",), ("received_at",)))
    return Reading(store, FEEDBACK, model, window, decoder, "received_at", threads=threads)


def read_events(store: "ObjectStore", model: str, window: Window, *, threads: int = _THREADS) -> Reading:
    """The events of users that were received in the window; the same event may come several times, with one id."""
    decoder = LineDecoder(event_schema(), (("id",), ("item",), ("event",), ("time",), ("received_at",)))
    return Reading(store, EVENT, model, window, decoder, "received_at", threads=threads)


def read_recommendations(store: "ObjectStore", model: str, window: Window, *, threads: int = _THREADS) -> Reading:
    """The recommendations whose timestamp lies in the window, of all versions; a record may come twice."""
    required = (("recommendation_id",), ("timestamp",), ("model_version",), ("items",))
    decoder = LineDecoder(recommendation_schema(), required)
    return Reading(store, RECOMMENDATION, model, window, decoder, "timestamp", threads=threads)
