"""What EventBridge and SNS are given, and that what EventBridge refuses isn't taken for sent."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from mlops.errors.monitoring import AnnouncementFailed
from mlops.monitoring.announce import AwsAnnouncer
from mlops.monitoring.state import Announcement

TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"
EVENT = Announcement(id="a/degraded", event="Model degraded", detail={"model": "leaves", "evidence": float("inf")})
MESSAGE = Announcement(id="a/message", subject="leaves is degraded", text="What fell")


@dataclass
class FakeAws:
    """Both clients: keeps the calls, and may refuse an entry as EventBridge does, with status 200."""

    refusal: str | None = None
    entries: list[dict[str, Any]] = field(default_factory=list)
    published: list[dict[str, Any]] = field(default_factory=list)

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        self.entries += Entries
        if self.refusal:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "Throttling", "ErrorMessage": self.refusal}]}
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}

    def publish(self, **options: Any) -> None:
        self.published.append(options)


def test_an_event_has_the_source_that_rules_match_and_a_detail_that_is_json() -> None:
    aws = FakeAws()
    AwsAnnouncer(aws, aws, TOPIC).send(EVENT)
    (entry,) = aws.entries
    assert (entry["Source"], entry["DetailType"]) == ("mlops.monitoring", "Model degraded")
    assert json.loads(entry["Detail"])["model"] == "leaves"
    assert aws.published == []


def test_a_message_goes_to_the_topic_alone() -> None:
    aws = FakeAws()
    AwsAnnouncer(aws, aws, TOPIC).send(MESSAGE)
    assert aws.published == [{"TopicArn": TOPIC, "Subject": "leaves is degraded", "Message": "What fell"}]
    assert aws.entries == []


def test_an_event_that_is_refused_within_a_good_answer_isnt_sent() -> None:
    aws = FakeAws(refusal="slow down")
    with pytest.raises(AnnouncementFailed, match="a/degraded could not be announced: slow down"):
        AwsAnnouncer(aws, aws, TOPIC).send(EVENT)


def test_an_event_too_large_for_eventbridge_is_said_to_be() -> None:
    aws = FakeAws()
    large = EVENT.model_copy(update={"detail": {"text": "x" * 300_000}})
    with pytest.raises(AnnouncementFailed, match="300,0"):
        AwsAnnouncer(aws, aws, TOPIC).send(large)
    assert aws.entries == []
