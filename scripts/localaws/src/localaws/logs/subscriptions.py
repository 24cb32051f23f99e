"""Subscription filters: send log events that match a pattern to a Lambda function, as AWS packs them.

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

# What an asynchronous invocation may hold.
_LARGEST = 1024 * 1024
_PARAMETERS = frozenset({"logGroupName", "filterName", "filterPattern", "destinationArn", "roleArn", "distribution"})


def check(parameters: Mapping[str, Any]) -> None:
    """Raise InvalidParameterException for a subscription that local AWS can't deliver."""
    for name in sorted(key for key, value in parameters.items() if key not in _PARAMETERS and value):
        raise InvalidParameterException(f"{name} isn't supported by local AWS.")
    arn = str(parameters.get("destinationArn"))
    if service_of(arn) != "lambda":
        raise InvalidParameterException(f"Local AWS sends log events to Lambda functions, not to {arn}.")


def deliver(group: LogGroup, stream: str, events: list[LogEvent], send: Callable[[str, str, int], None]) -> None:
    """Send what each subscription of the group wants; `send` takes an ARN, a body and how many events are in it."""
    for subscription in list(group.subscription_filters.values()):
        matches = compile_pattern(subscription.filter_pattern or "")
        wanted = [event for event in events if matches(event.message)]
        for body, count in _bodies(group, stream, subscription.name, wanted):
            send(subscription.destination_arn, body, count)


def _bodies(group: LogGroup, stream: str, name: str, events: list[LogEvent]) -> Iterator[tuple[str, int]]:
    """The payloads for events, as few as fit, with how many events each holds."""
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
    told = {
        "messageType": "DATA_MESSAGE",
        "owner": group.account_id,
        "logGroup": group.name,
        "logStream": stream,
        "subscriptionFilters": [name],
        "logEvents": [
            {"id": str(event.event_id), "timestamp": event.timestamp, "message": event.message} for event in events
        ],
    }
    packed = gzip.compress(json.dumps(told).encode())
    return json.dumps({"awslogs": {"data": base64.b64encode(packed).decode()}})
