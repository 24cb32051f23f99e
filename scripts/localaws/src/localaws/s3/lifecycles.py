"""When the rules of a bucket's lifecycle end an object or an upload, as answers say it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote


def expiration(bucket: Any, key: Any, tags: Mapping[str, str]) -> str | None:
    """The `x-amz-expiration` of an object's current version, by the first rule to end it; None if none does."""
    found = [
        (end, rule.id or "")
        for rule in _active(bucket, key.name, tags)
        if (end := _end(rule, key.last_modified)) is not None
    ]
    if not found:
        return None
    end, name = min(found, key=lambda each: each[0])
    return f'expiry-date="{format_datetime(end, usegmt=True)}", rule-id="{quote(name)}"'


def abortion(bucket: Any, name: str, started: datetime) -> dict[str, str]:
    """The headers of an upload that a rule will abort."""
    for rule in _active(bucket, name, {}):
        if rule.aimu_days is not None:
            end = _midnight_after(started, int(rule.aimu_days))
            return {"x-amz-abort-date": format_datetime(end, usegmt=True), "x-amz-abort-rule-id": rule.id or ""}
    return {}


def _active(bucket: Any, name: str, tags: Mapping[str, str]) -> Iterator[Any]:
    for rule in bucket.rules:
        if rule.status == "Enabled" and _applies(rule, name, tags):
            yield rule


def _applies(rule: Any, name: str, tags: Mapping[str, str]) -> bool:
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
