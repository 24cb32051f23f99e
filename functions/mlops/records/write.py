"""Truths → one object of feedback lines, stored before anybody is told that they are.

The object's name is the digest of its truths, and it's created only where there is none: whoever stores the same
truths on the same day again changes nothing.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import AlreadyExistsError
from pydantic_core import to_json

from mlops.records.layout import feedback_key
from mlops.records.truths import Truth

if TYPE_CHECKING:
    from obstore.store import ObjectStore

API = "api"
_GZIP = 31  # zlib's window bits for gzip


@dataclass(frozen=True)
class FeedbackObject:
    """An object of `count` feedback lines: JSON Lines, gzipped."""

    key: str
    content: bytes
    count: int


def store_feedback(store: "ObjectStore", model: str, truths: Iterable[Truth], now: datetime) -> int:
    """Store the truths of one request, received `now`. When it returns they are durable; returns their count.

    Raises obstore's errors where the store doesn't take them.
    """
    made = make_object(model, truths, now, API)
    put_once(store, made.key, made.content)
    return made.count


def put_once(store: "ObjectStore", key: str, content: bytes) -> bool:
    """Put the object unless there is one; whether there was none."""
    try:
        obstore.put(store, key, content, mode="create")
    except AlreadyExistsError:
        return False
    return True


def make_object(
    model: str, truths: Iterable[Truth], received: datetime, source: str, name: str | None = None
) -> FeedbackObject:
    """The object of truths that were received together, in an order that is theirs and not the sender's.

    `name` stands in place of the truths' digest where the sender has a better one.
    """
    members = sorted(to_json(_members(truth)) for truth in truths)
    digest = name or sha256(b"\n".join(members)).hexdigest()
    head = to_json({"record": "feedback", "model": model})[:-1]
    tail = to_json({"received_at": write_moment(received), "source": source})[1:]
    lines = b"".join(b"%b,%b,%b\n" % (head, each[1:-1], tail) for each in members)
    return FeedbackObject(feedback_key(model, received.astimezone(UTC).date(), digest), compress(lines), len(members))


def write_moment(moment: datetime) -> str:
    """A time as records have it: ISO 8601 in UTC, to the microsecond. Texts sort as their times do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _members(truth: Truth) -> dict[str, Any]:
    name = {"key": truth.key} if truth.prediction_id is None else {"prediction_id": truth.prediction_id}
    return {**name, "truth": truth.truth, "at": write_moment(truth.at)}


def compress(lines: bytes) -> bytes:
    """Lines as gzip without a time stamp: the same lines are the same bytes."""
    compressor = zlib.compressobj(wbits=_GZIP)
    return compressor.compress(lines) + compressor.flush()
