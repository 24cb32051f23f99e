"""Subscription filters: send matching log events to a Lambda function, in AWS's format.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import LogEvent, LogGroup

from localaws.logs.patterns import compile_pattern
from localaws.targets import service_of

# The maximum payload of an asynchronous invocation.
_LARGEST = 1024 * 1024
_PARAMETERS = frozenset({"logGroupName", "filterName", "filterPattern", "destinationArn", "roleArn", "distribution"})


def check(parameters: Mapping[str, Any]) -> None:
    """Raise InvalidParameterException for a subscription that local AWS can't deliver."""
    for name in sorted(key for key, value in parameters.items() if key not in _PARAMETERS and value):
        raise InvalidParameterException(f"{name} isn't supported by local AWS.")
    arn = str(parameters.get("destinationArn"))
    if service_of(arn) != "lambda":
        raise InvalidParameterException(f"Local AWS supports subscriptions of Lambda functions, not of {arn}.")


def deliver(group: LogGroup, stream: str, events: list[LogEvent], send: Callable[[str, str, int], None]) -> None:
    """Send the matching events of each subscription; `send` gets an ARN, a body and the number of events in it."""
    for subscription in list(group.subscription_filters.values()):
        matches = compile_pattern(subscription.filter_pattern or "")
        wanted = [event for event in events if matches(event.message)]
        for body, count in _bodies(group, stream, subscription.name, wanted):
            send(subscription.destination_arn, body, count)


def _bodies(group: LogGroup, stream: str, name: str, events: list[LogEvent]) -> Iterator[tuple[str, int]]:
    """The payloads for events, as few as possible, each with its number of events."""
    if not events:
        return
    body = _body(group, stream, name, events)
    if len(body) <= _LARGEST or len(events) == 1:
        yield body, len(events)
        return
    middle = len(events) // 2
    yield from _bodies(group, stream, name, events[:middle])
    yield from _bodies(group, stream, name, events[middle:])


def _body(group: LogGroup, stream: str, name: str, events: list[LogEvent]) -> str:
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
    packed = gzip.compress(json.dumps(data).encode())
    return json.dumps({"awslogs": {"data": base64.b64encode(packed).decode()}})
