"""Events of users → one object of lines, stored before anybody is told that they are; see write.py."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from mlops.records.layout import events_key
from mlops.records.write import API, compress, put_once, write_moment

if TYPE_CHECKING:
    from obstore.store import ObjectStore


@dataclass(frozen=True, slots=True)
class EventLine:
    """What a user did with an item, as records have it.

    `id` and `user` name the event: lines in which both are the same are one event.
    `user` is what the privacy rule leaves of the user's id.
    `recommendation_id` and `position` (from 1) say in which answer, and where in it, the item was shown.
    """

    id: str
    item: str
    event: str
    time: datetime
    user: str | None = None
    rating: float | None = None
    recommendation_id: str | None = None
    position: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The members that are set."""
        members = {
            "id": self.id,
            "user": self.user,
            "item": self.item,
            "event": self.event,
            "time": write_moment(self.time),
            "rating": self.rating,
            "recommendation_id": self.recommendation_id,
            "position": self.position,
        }
        return {name: value for name, value in members.items() if value is not None}


def store_events(store: "ObjectStore", model: str, events: Iterable[EventLine], now: datetime) -> None:
    """Store the events of one request, received `now`. When it returns they are durable.

    The object's name is the digest of its events: whoever stores the same events on the same day again changes nothing.
    Raises obstore's errors where the store doesn't take them.
    """
    members = sorted(to_json(event.to_dict()) for event in events)
    digest = sha256(b"\n".join(members)).hexdigest()
    head = to_json({"record": "event", "model": model})[:-1]
    tail = to_json({"received_at": write_moment(now), "source": API})[1:]
    lines = b"".join(b"%b,%b,%b\n" % (head, each[1:-1], tail) for each in members)
    put_once(store, events_key(model, now.astimezone(UTC).date(), digest), compress(lines))
