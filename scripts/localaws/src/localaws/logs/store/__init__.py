"""Log events on disk: one SQLite file a log group, one row for the events that arrived together in a stream."""

from localaws.logs.store.batches import Batch, StoredEvent
from localaws.logs.store.event_store import EventStore
from localaws.logs.store.group_file import EVER, GroupFile, Range, StreamSummary
from localaws.logs.store.merging import in_order

__all__ = ["EVER", "Batch", "EventStore", "GroupFile", "Range", "StoredEvent", "StreamSummary", "in_order"]
