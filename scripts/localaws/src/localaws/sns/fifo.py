"""FIFO topics: sequence numbers, and no message twice in five minutes.

https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

from moto.sns import models, responses
from moto.sns.exceptions import SNSInvalidParameter

from localaws.clock import Clock
from localaws.moto_patches import MotoPatches

_SECONDS = 300


class _Published(NamedTuple):
    """The first message with a deduplication id: when it was published (seconds since the epoch), and its ids."""

    when: float
    message_id: str
    sequence_number: str


def install(patches: MotoPatches, clock: Clock) -> None:
    """Deduplicate what is published to FIFO topics within five minutes of `clock`, and answer with sequence numbers."""

    def publishing(original: Callable[..., str]) -> Callable[..., str]:
        def publish(topic: Any, message: str, *args: Any, **options: Any) -> str:
            if not is_fifo(topic):
                return original(topic, message, *args, **options)
            now = clock.now()
            published: dict[str, _Published] = vars(topic).setdefault("localaws_published", {})
            while published and next(iter(published.values())).when <= now - _SECONDS:
                del published[next(iter(published))]
            identity = options.get("deduplication_id") or hashlib.sha256(message.encode()).hexdigest()
            if identity not in published:
                # By the time, so that they grow over restarts too.
                number = max(vars(topic).get("localaws_sequence", 0) + 1, int(now * 1000) * 1_000_000)
                topic.localaws_sequence = number
                identifier = original(topic, message, *args, **options)
                published[identity] = _Published(now, identifier, f"{number:020}")
            topic.localaws_latest = published[identity]
            return published[identity].message_id

        return publish

    patches.replace(models.Topic, "publish", publishing)
    patches.replace(responses.SNSResponse, "publish", _with_number)


def is_fifo(topic: Any) -> bool:
    """Whether moto's topic is a FIFO topic: it keeps what was given, a boolean or a text."""
    return str(topic.fifo_topic).lower() == "true"


def sequence_number(topic: Any) -> dict[str, str]:
    """The sequence number of what was published last to a topic, as a part of the answer; nothing without one."""
    latest = vars(topic).get("localaws_latest")
    return {"SequenceNumber": latest.sequence_number} if latest else {}


def check(topic: Any, group_id: str | None, deduplication_id: str | None) -> None:
    """Raise for a message to a FIFO topic without a group, or without anything to deduplicate it by."""
    if not is_fifo(topic):
        if deduplication_id:
            raise SNSInvalidParameter(
                "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId "
                "parameter that is not valid for this topic type"
            )
        return
    if not group_id:
        raise SNSInvalidParameter("Invalid parameter: The MessageGroupId parameter is required for FIFO topics")
    if not deduplication_id and not _by_content(topic):
        raise SNSInvalidParameter(
            "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or "
            "MessageDeduplicationId provided explicitly"
        )


def _by_content(topic: Any) -> bool:
    return str(topic.content_based_deduplication).lower() == "true"


def _with_number(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def publish(request: Any) -> Any:
        answer = original(request)
        topic = request.backend.topics.get(request._get_param("TargetArn") or request._get_param("TopicArn"))
        if topic is not None:
            answer.result.update(sequence_number(topic))
        return answer

    return publish
