"""The rules of a bucket's lifecycle: which S3 refuses, and when they end an object or an upload.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from moto.s3.exceptions import MalformedXML, S3ClientError

from localaws.s3.checksums import adding
from localaws.s3.documents import listed

_LONGEST_NAME = 255
_ACTIONS = (
    "AbortIncompleteMultipartUpload",
    "Expiration",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionTransition",
    "Transition",
)
_BOUNDS = ("ObjectSizeGreaterThan", "ObjectSizeLessThan")
_INFREQUENT, _SHORTEST = ("STANDARD_IA", "ONEZONE_IA"), 30


def checked(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap FakeBucket.set_lifecycle, which loses the sizes of filters; raises S3ClientError."""

    def set_lifecycle(bucket: Any, rules: list[Mapping[str, Any]]) -> Any:
        names = [rule["ID"] for rule in rules if rule.get("ID")]
        if len(set(names)) < len(names):
            raise S3ClientError("InvalidArgument", "Rule ID must be unique. Found same ID for one or more rules")
        for rule in rules:
            _check(rule)
        original(bucket, rules)
        for stored, rule in zip(bucket.rules, rules, strict=True):
            stored.sizes = _sizes(rule)

    return set_lifecycle


def described(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap S3Response.get_bucket_lifecycle, whose answer lacks the sizes of filters."""

    def get_lifecycle(handler: Any) -> Any:
        stored = handler.backend.get_bucket(handler.bucket_name).rules
        adding(
            handler,
            lambda result: {"Rules": [_with_sizes(*pair) for pair in zip(result["Rules"], stored, strict=True)]},
        )
        return original(handler)

    return get_lifecycle


def _check(rule: Mapping[str, Any]) -> None:
    expiration = rule.get("Expiration") or {}
    days, date = expiration.get("Days"), expiration.get("Date")
    if rule.get("Status") not in ("Enabled", "Disabled"):
        raise MalformedXML
    if len(rule.get("ID") or "") > _LONGEST_NAME:
        raise S3ClientError("InvalidArgument", f"ID length should not exceed allowed limit of {_LONGEST_NAME}")
    if not any(rule.get(action) for action in _ACTIONS):
        raise S3ClientError("InvalidRequest", "At least one action needs to be specified in a rule")
    if days is not None and int(days) < 1:
        raise S3ClientError("InvalidArgument", "'Days' for Expiration action must be a positive integer")
    if date and datetime.fromisoformat(date).time() != time():
        raise S3ClientError("InvalidArgument", "'Date' must be at midnight GMT")
    for transition in listed(rule.get("Transition")):
        kind = transition.get("StorageClass")
        if kind in _INFREQUENT and transition.get("Days") and int(transition["Days"]) < _SHORTEST:
            message = f"'Days' in Transition action must be greater than or equal to {_SHORTEST} for storageClass"
            raise S3ClientError("InvalidArgument", f"{message} '{kind}'")


def _sizes(rule: Mapping[str, Any]) -> dict[str, int]:
    """The bounds of a filter, by their names."""
    chosen = rule.get("Filter") or {}
    given = chosen.get("And") or chosen
    return {name: int(given[name]) for name in _BOUNDS if given.get(name) is not None}


def _with_sizes(described: Mapping[str, Any], rule: Any) -> Mapping[str, Any]:
    if not rule.sizes:
        return described
    chosen = described.get("Filter") or {}
    within = {"And": {**chosen["And"], **rule.sizes}} if chosen.get("And") else {**chosen, **rule.sizes}
    return {**described, "Filter": within}


def expiration(bucket: Any, key: Any, tags: Mapping[str, str]) -> str | None:
    """The `x-amz-expiration` of an object's current version, by the first rule to end it; None if none does."""
    found = [
        (end, rule.id or "")
        for rule in _active(bucket, key.name, tags, key.size)
        if (end := _end(rule, key.last_modified)) is not None
    ]
    if not found:
        return None
    end, name = min(found, key=lambda each: each[0])
    return f'expiry-date="{format_datetime(end, usegmt=True)}", rule-id="{quote(name)}"'


def abortion(bucket: Any, name: str, started: datetime) -> dict[str, str]:
    """The headers of an upload that a rule will abort."""
    for rule in _active(bucket, name, {}, None):
        if rule.aimu_days is not None:
            end = _midnight_after(started, int(rule.aimu_days))
            return {"x-amz-abort-date": format_datetime(end, usegmt=True), "x-amz-abort-rule-id": rule.id or ""}
    return {}


def _active(bucket: Any, name: str, tags: Mapping[str, str], size: int | None) -> Iterator[Any]:
    for rule in bucket.rules:
        if rule.status == "Enabled" and _applies(rule, name, tags, size):
            yield rule


def _applies(rule: Any, name: str, tags: Mapping[str, str], size: int | None) -> bool:
    least, most = rule.sizes.get(_BOUNDS[0]), rule.sizes.get(_BOUNDS[1])
    if size is not None and ((least is not None and size <= least) or (most is not None and size >= most)):
        return False
    chosen = rule.filter
    prefix = rule.prefix
    wanted: Mapping[str, str] = {}
    if chosen is not None:
        both = chosen.and_filter
        prefix = both.prefix if both else chosen.prefix
        wanted = both.tags if both else {chosen.tag_key: chosen.tag_value} if chosen.tag_key else {}
    return name.startswith(prefix or "") and wanted.items() <= tags.items()


def _end(rule: Any, modified: datetime) -> datetime | None:
    if rule.expiration_days:
        return _midnight_after(modified, int(rule.expiration_days))
    return datetime.fromisoformat(rule.expiration_date).astimezone(UTC) if rule.expiration_date else None


def _midnight_after(moment: datetime, days: int) -> datetime:
    """S3 adds days to a time, and rounds it up to the next midnight, UTC."""
    end = moment.replace(tzinfo=UTC) + timedelta(days=days)
    whole = math.ceil(end.timestamp() / 86_400) * 86_400
    return datetime.fromtimestamp(whole, UTC)
