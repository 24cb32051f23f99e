"""The events of one log group, in an SQLite file of its own: deleting the group frees its space at once."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localaws.logs.store.batches import Batch, Packed, last_id, may_contain, number_of, pack
from localaws.logs.store.connections import Key, connect, prepare, transaction

if TYPE_CHECKING:
    from sqlite3 import Connection

_BATCH = "b.id, b.expired, s.name, b.ingested, b.times, b.ends, b.messages"
_STORED = "batches b JOIN streams s ON s.id = b.stream"
_INSIDE = "b.first >= ? AND b.last <= ?"
# A group loses this many old batches in one transaction.
_STEP = 500

# Milliseconds that no event is before or after.
EVER = (-(2**62), 2**62)


@dataclass(frozen=True, slots=True)
class Range:
    """The streams (None for all) and the times (milliseconds, both inclusive) that a reader wants."""

    start: int = EVER[0]
    end: int = EVER[1]
    wants: Callable[[str], bool] | None = None


@dataclass(frozen=True, slots=True)
class StreamSummary:
    """A stream: its name, the times of its first and last event and of the last arrival, if any, and its bytes."""

    name: str
    first: int | None
    last: int | None
    ingested: int | None
    size: int


class GroupFile:
    """The events of the log group `key` (account, region, name); safe to use from several threads.

    Readers have connections of their own and see the events at the moment when they begin; they don't hold up writers.
    """

    def __init__(self, path: Path, key: Key, written: Callable[[GroupFile], None] = lambda _: None) -> None:
        """`written` is called after each write, which leaves the writer's connection open."""
        self._path, self._key, self._written, self._lock = path, key, written, threading.Lock()
        self._connection: Connection | None = None
        self._is_deleted = False
        with self._writing():
            pass

    def put(self, stream: str, events: Iterable[tuple[int, str]], ingested: int, clock_offset: int = 0) -> list[Batch]:
        """Add the events (milliseconds, message) of a stream that arrive together; returns them with their ids.

        `clock_offset` is what the age of the events counts besides their time: milliseconds by which local AWS's clock
        is ahead of their clock.
        """
        with self._writing() as writer:
            number, batches = _stream_id(writer, stream), []
            for packed in pack(events):
                added = writer.execute(
                    "INSERT INTO batches (stream, expired, ingested, first, last, clock_offset, count, size, times,"
                    " ends, messages) VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (number, ingested, packed.times[0], packed.times[-1], clock_offset, *_stored(packed)),
                )
                batches.append(Batch(int(added.lastrowid or 0), 0, stream, ingested, packed))
            return batches

    def delete_stream(self, stream: str) -> None:
        """Delete a stream with its events."""
        with self._writing() as writer:
            number = _stream_id(writer, stream)
            writer.execute("DELETE FROM batches WHERE stream = ?", (number,))
            writer.execute("DELETE FROM streams WHERE id = ?", (number,))
        self._free()

    def expire(self, oldest: int) -> bool:
        """Delete the events before `oldest` (milliseconds of local AWS's clock); returns whether there were some."""
        found = self._cut(oldest)
        while self._delete_some(oldest):
            found = True
        if found:
            self._free()
        return found

    def _delete_some(self, oldest: int) -> bool:
        """Delete some of the batches whose events are all old, so that writers don't wait for all of them."""
        old = "SELECT id FROM batches WHERE first + clock_offset < ? AND last + clock_offset < ? LIMIT ?"
        with self._writing() as writer:
            deleted = writer.execute(f"DELETE FROM batches WHERE id IN ({old})", (oldest, oldest, _STEP))  # noqa: S608
            return deleted.rowcount > 0

    def _cut(self, oldest: int) -> bool:
        """Delete the old events of batches that have others too."""
        partly = "b.first + b.clock_offset < ? AND b.last + b.clock_offset >= ?"
        one = f"SELECT b.clock_offset, {_BATCH} FROM {_STORED} WHERE b.id = ?"  # noqa: S608
        with self._writing() as writer:
            numbers = writer.execute(f"SELECT id FROM batches b WHERE {partly}", (oldest, oldest)).fetchall()  # noqa: S608
            for number in numbers:
                row = writer.execute(one, number).fetchone()
                left = _batch(row[1:]).since(oldest - row[0])
                writer.execute(
                    "UPDATE batches SET expired = ?, first = ?, count = ?, size = ?, times = ?, ends = ?, messages = ?"
                    " WHERE id = ?",
                    (left.expired, left.packed.times[0], *_stored(left.packed), *number),
                )
            return bool(numbers)

    def forget_offsets(self) -> None:
        """Let the age of all events count from their own time: the clock starts anew."""
        with self._writing() as writer:
            writer.execute("UPDATE batches SET clock_offset = 0 WHERE clock_offset != 0")

    def batches(self, wanted: Range, texts: Sequence[bytes] = (), newest_first: bool = False) -> Iterator[Batch]:
        """The batches with events in a range, by their first event, or by their last one, the newest first.

        Those whose messages can't contain all `texts` are left out.
        """
        order = "b.last DESC, b.id DESC" if newest_first else "b.first, b.id"
        with self._reader() as reader:
            where, values = _where(reader, wanted)
            rows = reader.execute(
                f"SELECT {_BATCH} FROM {_STORED} WHERE {where} ORDER BY {order}",  # noqa: S608
                values,
            )
            for row in rows:
                if may_contain(row[-1], texts):
                    yield _batch(row)

    def arrivals(self, after: int) -> Iterator[Batch]:
        """The batches that arrived after that of the event with the id `after`, in the order of their arrival."""
        sql = f"SELECT {_BATCH} FROM {_STORED} WHERE b.id > ? ORDER BY b.id"  # noqa: S608
        with self._reader() as reader:
            for row in reader.execute(sql, (number_of(after),)):
                yield _batch(row)

    def newest(self) -> int:
        """An id that no event is above that has arrived yet, and each later one's is."""
        with self._reader() as reader:
            row = reader.execute("SELECT seq FROM sqlite_sequence WHERE name = 'batches'").fetchone()
            return last_id(int(row[0])) if row else 0

    def count(self, wanted: Range) -> tuple[int, int]:
        """The number of events in a range, and of their bytes."""
        with self._reader() as reader:
            where, values = _where(reader, wanted)
            inside = (wanted.start, wanted.end)
            events, size = reader.execute(
                f"SELECT coalesce(sum(count), 0), coalesce(sum(size), 0) FROM batches b WHERE {where} AND {_INSIDE}",  # noqa: S608
                (*values, *inside),
            ).fetchone()
            partly = reader.execute(
                f"SELECT {_BATCH} FROM {_STORED} WHERE {where} AND NOT ({_INSIDE})",  # noqa: S608
                (*values, *inside),
            )
            for row in partly:
                more, bytes_more = _batch(row).count(*inside)
                events, size = events + more, size + bytes_more
            return events, size

    def streams(self) -> list[StreamSummary]:
        """All streams, in the order of their creation."""
        with self._reader() as reader:
            rows = reader.execute(
                "SELECT s.name, min(b.first), max(b.last), max(b.ingested), coalesce(sum(b.size), 0)"
                " FROM streams s LEFT JOIN batches b ON b.stream = s.id GROUP BY s.id ORDER BY s.id"
            )
            return [StreamSummary(*row) for row in rows]

    def close(self) -> None:
        """Close the writer's connection; the next write opens it again."""
        with self._lock:
            if self._connection:
                self._connection.close()
            self._connection = None

    def delete(self) -> None:
        """Delete the file; what is written later is lost with it."""
        self.close()
        with self._lock:
            self._is_deleted = True
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction of the one writer."""
        with self._lock:
            if self._connection is None and not self._is_deleted:
                self._connection = connect(self._path)
                prepare(self._connection, self._key)
            if self._connection:
                with transaction(self._connection) as writer:
                    yield writer
            else:
                # Someone who found the group before it was deleted still writes to it.
                with closing(connect(":memory:")) as writer:
                    prepare(writer, self._key)
                    yield writer
        self._written(self)

    def _free(self) -> None:
        """Give the space of deleted rows back to the file system."""
        with self._lock:
            if self._connection:
                self._connection.execute("PRAGMA incremental_vacuum").fetchall()
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    @contextmanager
    def _reader(self) -> Iterator[Connection]:
        with closing(connect(self._path)) as reader:
            reader.execute("PRAGMA query_only = ON")
            yield reader


def _stream_id(writer: Connection, stream: str) -> int:
    writer.execute("INSERT OR IGNORE INTO streams (name) VALUES (?)", (stream,))
    return int(writer.execute("SELECT id FROM streams WHERE name = ?", (stream,)).fetchone()[0])


def _where(reader: Connection, wanted: Range) -> tuple[str, tuple[int, ...]]:
    where, values = "b.last >= ? AND b.first <= ?", (wanted.start, wanted.end)
    if wanted.wants is None:
        return where, values
    streams = reader.execute("SELECT id, name FROM streams").fetchall()
    numbers = ", ".join(str(int(number)) for number, name in streams if wanted.wants(name))
    return f"{where} AND b.stream IN ({numbers})", values


def _stored(packed: Packed) -> tuple[int, int, bytes, bytes, bytes]:
    """The columns count, size, times, ends and messages."""
    return len(packed.times), len(packed.messages), packed.times.tobytes(), packed.ends.tobytes(), packed.messages


def _batch(row: Any) -> Batch:
    number, expired, stream, ingested, times, ends, messages = row
    packed = Packed(array("q"), array("I"), messages)
    packed.times.frombytes(times)
    packed.ends.frombytes(ends)
    return Batch(number, expired, stream, ingested, packed)
