"""Notifications of buckets that S3 refuses, or that local AWS doesn't send.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any

from moto.s3.exceptions import S3ClientError

from localaws.s3.documents import listed

_UNSUPPORTED = "UnsupportedByLocalAws"
_EVENTS = frozenset(
    {
        "s3:ObjectCreated:*",
        "s3:ObjectCreated:Put",
        "s3:ObjectCreated:Post",
        "s3:ObjectCreated:Copy",
        "s3:ObjectCreated:CompleteMultipartUpload",
        "s3:ObjectRemoved:*",
        "s3:ObjectRemoved:Delete",
        "s3:ObjectRemoved:DeleteMarkerCreated",
    }
)
_KINDS_OF_EVENTS = [
    [kind]
    for kind in (
        "IntelligentTiering",
        "LifecycleExpiration",
        "LifecycleTransition",
        "ObjectAcl",
        "ObjectCreated",
        "ObjectRemoved",
        "ObjectRestore",
        "ObjectTagging",
        "ReducedRedundancyLostObject",
        "Replication",
    )
]
# No other element of a configuration is called so.
_RULE_NAME = re.compile(rb"<Name>\s*([^<]*?)\s*</Name>")
_KINDS = ("TopicConfiguration", "QueueConfiguration", "CloudFunctionConfiguration")


def checked_notifications(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Backend.put_bucket_notification_configuration; raises S3ClientError."""

    def put(backend: Any, bucket_name: str, notification_config: Any) -> Any:
        check_notifications(notification_config or {})
        return original(backend, bucket_name, notification_config)

    return put


def named_rules(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap S3Response._notification_config_from_body, which has names of filters' rules in small letters only."""

    def configuration(handler: Any) -> Any:
        body = handler.body if isinstance(handler.body, bytes) else handler.body.encode()
        for name in _RULE_NAME.findall(body):
            if name.lower() not in (b"prefix", b"suffix"):
                raise S3ClientError("InvalidArgument", "filter rule name must be either prefix or suffix")
        handler.body = _RULE_NAME.sub(lambda found: b"<Name>" + found[1].lower() + b"</Name>", body)
        return original(handler)

    return configuration


def check_notifications(settings: Mapping[str, Any]) -> None:
    """Raise S3ClientError for events that aren't sent, and if two configurations want the same event of an object."""
    found = _configurations(settings)
    for each in found:
        names = [rule["Name"] for rule in _rules(each)]
        if len(set(names)) < len(names):
            message = "Cannot specify more than one prefix rule and one suffix rule in a filter."
            raise S3ClientError("InvalidArgument", message)
        for event in listed(each.get("Event")):
            if str(event).split(":")[1:2] not in _KINDS_OF_EVENTS:
                raise S3ClientError("InvalidArgument", "The event is not supported for notifications")
            if event not in _EVENTS:
                raise S3ClientError(_UNSUPPORTED, f"Local AWS doesn't send notifications of the event {event}.")
    for one, other in itertools.combinations(found, 2):
        if _share_events(one, other) and _share_keys(one, other):
            raise S3ClientError(
                "InvalidArgument",
                "Configurations overlap. Configurations on the same bucket cannot share a common event type.",
            )


def _share_events(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return any(
        _covers(first, second) or _covers(second, first)
        for first in listed(one.get("Event"))
        for second in listed(other.get("Event"))
    )


def _covers(pattern: str, event: str) -> bool:
    return pattern == event or (pattern.endswith("*") and event.startswith(pattern[:-1]))


def _share_keys(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the filters of two configurations let a common key pass."""
    (prefix, suffix), (other_prefix, other_suffix) = _filter(one), _filter(other)
    prefixes = prefix.startswith(other_prefix) or other_prefix.startswith(prefix)
    return prefixes and (suffix.endswith(other_suffix) or other_suffix.endswith(suffix))


def _configurations(settings: Mapping[str, Any]) -> list[Any]:
    return [each for kind in _KINDS for each in listed(settings.get(kind))]


def _rules(configuration: Mapping[str, Any]) -> list[dict[str, Any]]:
    return listed(((configuration.get("Filter") or {}).get("S3Key") or {}).get("FilterRule"))


def _filter(configuration: Mapping[str, Any]) -> tuple[str, str]:
    named = {str(rule["Name"]).lower(): rule.get("Value") or "" for rule in _rules(configuration)}
    return named.get("prefix", ""), named.get("suffix", "")
