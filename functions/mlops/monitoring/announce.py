"""Announcements: events on EventBridge, and messages to people by SNS."""

from typing import Any, Protocol

from pydantic_core import to_json

from mlops.errors.monitoring import AnnouncementFailed
from mlops.monitoring.state import Announcement

SOURCE = "mlops.monitoring"
_MAX_DETAIL = 200_000  # bytes; PutEvents takes 256 kB an entry


class Announcer(Protocol):
    """Sends announcements."""

    def send(self, announcement: Announcement) -> None:
        """Send it. Raises if it isn't taken."""


class AwsAnnouncer:
    """Sends through boto3 clients of EventBridge and SNS: to the default bus, and to one topic."""

    def __init__(self, events: Any, sns: Any, topic: str) -> None:
        self._events = events
        self._sns = sns
        self._topic = topic

    def send(self, announcement: Announcement) -> None:
        """Send it. Raises AnnouncementFailed, or boto3's errors."""
        if announcement.event is None:
            self._sns.publish(TopicArn=self._topic, Subject=announcement.subject, Message=announcement.text)
            return
        detail = to_json(announcement.detail, inf_nan_mode="constants")
        if len(detail) > _MAX_DETAIL:
            raise AnnouncementFailed(announcement.id, f"its detail has {len(detail):,} bytes")
        entry = {"Source": SOURCE, "DetailType": announcement.event, "Detail": detail.decode()}
        answer = self._events.put_events(Entries=[entry])
        if answer["FailedEntryCount"]:
            raise AnnouncementFailed(announcement.id, str(answer["Entries"][0].get("ErrorMessage")))
