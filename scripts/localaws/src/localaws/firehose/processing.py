"""Processes a record: decompression, message extraction, de-aggregation, partition keys, delimiter, in this order."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from dataclasses import dataclass, field

from localaws.firehose.deaggregation import NotSplit, Split, deaggregate
from localaws.firehose.queries import KeyQuery, NoKeys

METADATA_FAILED = "DynamicPartitioning.MetadataExtractionFailed"
PROCESSING = "processing-failed"


@dataclass(frozen=True)
class Part:
    """A record to deliver, with its partition keys."""

    data: bytes
    keys: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """A record that couldn't be processed: the type of error in the prefix, AWS's error code, the cause, the record."""

    kind: str
    code: str
    message: str
    raw: bytes

    def document(self, now: float) -> bytes:
        """What's written to the error prefix: a line of JSON in AWS's format."""
        document = {
            "attemptsMade": 1,
            "arrivalTimestamp": int(now * 1000),
            "errorCode": self.code,
            "errorMessage": self.message,
            "attemptEndingTimestamp": int(now * 1000),
            "rawData": base64.b64encode(self.raw).decode(),
        }
        return json.dumps(document).encode() + b"\n"


@dataclass(frozen=True)
class Pipeline:
    """The processors of a stream; `needed` are the partition keys in its prefix."""

    decompress: bool = False
    extract: bool = False
    split: Split | None = None
    query: KeyQuery | None = None
    needed: frozenset[str] = frozenset()
    delimiter: bytes = b""

    def run(self, record: bytes) -> list[Part | Failure]:
        """What becomes of a record: a record that fails before it's split fails as a whole, later each for itself."""
        data = record
        if self.decompress:
            try:
                data = gzip.decompress(record)
            except (OSError, EOFError, zlib.error) as error:
                message = f"The record isn't in GZIP format: {error}"
                return [Failure("decompression-failed", "Decompression.Failed", message, record)]
        if self.extract:
            data = _messages(data)
            if not data:
                return []
        try:
            parts = deaggregate(self.split, data) if self.split else [data]
        except NotSplit as error:
            return [Failure(PROCESSING, METADATA_FAILED, str(error), record)]
        return [self._part(part, record if self.split is None else self.packed(part)) for part in parts]

    def _part(self, data: bytes, raw: bytes) -> Part | Failure:
        if self.query is None:
            return Part(data + self.delimiter)
        try:
            keys = self.query.keys(data)
        except NoKeys as error:
            return Failure(PROCESSING, METADATA_FAILED, str(error), raw)
        missing = sorted(self.needed - keys.keys())
        if missing:
            return Failure(PROCESSING, METADATA_FAILED, f"partitionKeys of the prefix are missing: {missing}", raw)
        return Part(data + self.delimiter, {name: keys[name] for name in sorted(self.needed)})

    def packed(self, part: bytes) -> bytes:
        """A failed record in the form in which records come: compressed, if the stream decompresses them."""
        return gzip.compress(part) if self.decompress else part


def _messages(data: bytes) -> bytes:
    """The messages in a batch of CloudWatch Logs, a line each; none of those that only test the destination."""
    batch = json.loads(data)
    if batch["messageType"] != "DATA_MESSAGE":
        return b""
    return "\n".join(event["message"].rstrip("\n") for event in batch["logEvents"]).encode()
