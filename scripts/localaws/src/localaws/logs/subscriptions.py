"""Subscription filters: send matching log events to a Lambda function or a Firehose stream, in AWS's format.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import LogGroup

from localaws.iam.sender import Sender
from localaws.logs.patterns import compile_pattern
from localaws.logs.store import StoredEvent
from localaws.targets import service_of

# The maximum payload of an asynchronous invocation, and the maximum record of Firehose.
_LARGEST = {"lambda": 1024 * 1024, "firehose": 1000 * 1024}
_PARAMETERS = frozenset({"logGroupName", "filterName", "filterPattern", "destinationArn", "roleArn", "distribution"})


def check(parameters: Mapping[str, Any]) -> None:
    """Raise InvalidParameterException for a subscription that local AWS can't deliver."""
    for name in sorted(key for key, value in parameters.items() if key not in _PARAMETERS and value):
        raise InvalidParameterException(f"{name} isn't supported by local AWS.")
    arn = str(parameters.get("destinationArn"))
    if service_of(arn) not in _LARGEST:
        raise InvalidParameterException(
            f"Local AWS supports subscriptions of Lambda functions and Firehose streams, not of {arn}."
        )
    if service_of(arn) == "firehose" and not parameters.get("roleArn"):
        raise InvalidParameterException("A subscription of a Firehose stream needs a roleArn.")


@dataclass(frozen=True)
class Deliver:
    """Delivers a payload to an ARN: an event to a function by `invoke`, a record to a Firehose stream by `put_record`.

    Both return the failure if there's one, else None.
    """

    invoke: Callable[[Sender, str, str], object]
    put_record: Callable[[Sender, str, bytes], str | None]

    def __call__(self, sender: Sender, arn: str, packed: bytes) -> object:
        """Deliver compressed log events in the form of the ARN's service."""
        if service_of(arn) == "firehose":
            return self.put_record(sender, arn, packed)
        return self.invoke(sender, arn, _event(packed))


def deliver(
    group: LogGroup, stream: str, events: list[StoredEvent], send: Callable[[Sender, str, bytes, int], None]
) -> None:
    """Send the matching events of each subscription; `send` gets sender and ARN, compressed events and their number."""
    for subscription in list(group.subscription_filters.values()):
        matches = compile_pattern(subscription.filter_pattern or "")
        wanted = [event for event in events if matches(event.message)]
        arn = subscription.destination_arn
        sender = Sender("logs.amazonaws.com", group.arn, subscription.role_arn or "")
        for packed, count in _payloads(group, stream, subscription.name, wanted, service_of(arn)):
            send(sender, arn, packed, count)


def _payloads(
    group: LogGroup, stream: str, name: str, events: list[StoredEvent], service: str
) -> Iterator[tuple[bytes, int]]:
    """The payloads for events, as few as possible, each with its number of events."""
    if not events:
        return
    packed = _pack(group, stream, name, events)
    size = len(packed) if service == "firehose" else len(_event(packed))
    if size <= _LARGEST[service] or len(events) == 1:
        yield packed, len(events)
        return
    middle = len(events) // 2
    yield from _payloads(group, stream, name, events[:middle], service)
    yield from _payloads(group, stream, name, events[middle:], service)


def _pack(group: LogGroup, stream: str, name: str, events: list[StoredEvent]) -> bytes:
    data = {
        "messageType": "DATA_MESSAGE",
        "owner": group.account_id,
        "logGroup": group.name,
        "logStream": stream,
        "subscriptionFilters": [name],
        "logEvents": [
            {"id": str(event.event_id), "timestamp": event.timestamp, "message": event.message} for event in events
        ],
    }
    return gzip.compress(json.dumps(data).encode())


def _event(packed: bytes) -> str:
    """The event of a function."""
    return json.dumps({"awslogs": {"data": base64.b64encode(packed).decode()}})
