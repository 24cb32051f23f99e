"""Log lines that Firehose couldn't partition → the partitions that they belong in.

Firehose splits at most 500 log lines of one batch of CloudWatch Logs. A batch with more, such as that of a request with
thousands of rows, it puts under its error prefix whole. Nothing is lost there, and this puts it where readers look.
https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-multirecord-deaggergation.html
"""

import base64
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any, get_args

import obstore
from pydantic_core import from_json

from mlops.contract import MODEL_NAME
from mlops.errors.records import ObjectDamaged
from mlops.records.layout import SUFFIX, Kind, day_prefix
from mlops.records.write import compress, put_once

if TYPE_CHECKING:
    from obstore.store import ObjectStore

FAILED = "records-failed/"
_GZIP = 31  # zlib's window bits for gzip
_GZIP_MAGIC = b"\x1f\x8b"
_KINDS = get_args(Kind.__value__)


@dataclass
class Recovered:
    """Objects of the error prefix that were recovered and deleted, the records in them, and those that can't be read.

    `unreadable` are {object, reason}; they stay where they are.
    """

    objects: int = 0
    records: int = 0
    unreadable: list[dict[str, str]] = field(default_factory=list)


def recover_records(store: "ObjectStore") -> Recovered:
    """Recover every object under the error prefix. Repeating changes nothing."""
    found = Recovered()
    for key in sorted(each["path"] for page in obstore.list(store, FAILED) for each in page):
        try:
            found.records += recover_object(store, key)
        except ObjectDamaged as error:
            found.unreadable.append({"object": key, "reason": error.reason})
            continue
        found.objects += 1
    return found


def recover_object(store: "ObjectStore", key: str) -> int:
    """Partition the lines of an object under the error prefix, then delete it; returns the number of its records.

    What it's put into is named by the failed object, and created once before that is deleted, so that this may end
    anywhere and be repeated. An object that is gone was recovered before. Raises ObjectDamaged for one that can't be
    read, which stays where it is.
    """
    try:
        content = bytes(obstore.get(store, key).bytes())
    except FileNotFoundError:
        return 0
    try:
        partitions = _partition(content)
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error) as error:
        raise ObjectDamaged(f"{key} holds no records that can be recovered: {type(error).__name__}: {error}") from None
    name = sha256(key.encode() + content).hexdigest()
    for prefix, lines in partitions.items():
        put_once(store, f"{prefix}{name}{SUFFIX}", compress(b"".join(line + b"\n" for line in lines)))
    obstore.delete(store, key)
    return sum(map(len, partitions.values()))


def _partition(content: bytes) -> dict[str, list[bytes]]:
    """The records of a failed object by the prefix of their partition."""
    partitions: dict[str, list[bytes]] = {}
    for failure in _unzip(content).splitlines():
        if not failure.strip():
            continue
        for line in _log_lines(_unzip(base64.b64decode(from_json(failure)["rawData"], validate=True))):
            record = from_json(line)
            if record.get("record") in _KINDS:
                partitions.setdefault(_place(record), []).append(line)
    return partitions


def _place(record: dict[str, Any]) -> str:
    if not MODEL_NAME.fullmatch(record["model"]):
        raise ValueError("a record's model has no name that a model may have")
    return day_prefix(record["record"], record["model"], date.fromisoformat(record["timestamp"][:10]))


def _log_lines(raw: bytes) -> Iterator[bytes]:
    """The JSON lines in a batch of CloudWatch Logs, or in its messages where Firehose had extracted them."""
    lines = raw.splitlines()
    first = from_json(lines[0]) if lines else {}
    if "logEvents" in first:
        lines = [event["message"].encode() for line in lines for event in from_json(line)["logEvents"]]
    yield from (line.strip() for line in lines if line.strip())


def _unzip(content: bytes) -> bytes:
    return zlib.decompress(content, _GZIP) if content.startswith(_GZIP_MAGIC) else content
