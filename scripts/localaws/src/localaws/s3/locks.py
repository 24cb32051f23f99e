"""Locks of objects.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import request
from moto.s3.exceptions import AccessDeniedByLock, S3ClientError

# A time without its fraction, which some clients send and others don't.
_SECONDS = len("2026-01-01T00:00:00")


def lock(
    backend: Any,
    bucket_name: str,
    lock_enabled: bool,
    mode: str | None = None,
    days: int | None = None,
    years: int | None = None,
) -> None:
    """Replace S3Backend.put_object_lock_configuration, which wants an empty bucket, unlike S3."""
    bucket = backend.get_bucket(bucket_name)
    if not bucket.is_versioned:
        message = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
        raise S3ClientError("InvalidBucketState", message)
    bucket.object_lock_enabled = bucket.object_lock_enabled or lock_enabled
    bucket.default_lock_mode, bucket.default_lock_days, bucket.default_lock_years = mode, days, years


def checked_lock(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Response._get_lock_details; raises S3ClientError for half a lock, and for one that has ended."""

    def details(handler: Any, bucket: Any, lock_enabled: bool) -> Any:
        mode = handler.headers.get("x-amz-object-lock-mode")
        until = handler.headers.get("x-amz-object-lock-retain-until-date")
        if (mode is None) != (until is None):
            message = "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"
            raise S3ClientError("InvalidArgument", message)
        if until and datetime.fromisoformat(until).timestamp() <= time.time():
            raise S3ClientError("InvalidArgument", "The retain until date must be in the future!")
        return original(handler, bucket, lock_enabled)

    return details


def checked_retention(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Backend.put_object_retention: a lock is never shortened, unless its mode is GOVERNANCE and bypassed."""

    def put(backend: Any, bucket_name: str, key_name: str, version_id: str | None, retention: Any) -> Any:
        key = backend.get_object(bucket_name, key_name, version_id=version_id)
        bypass = request.headers.get("x-amz-bypass-governance-retention", "").lower() == "true"
        mode, until = retention
        sooner = (until or "")[:_SECONDS] < (key.lock_until or "")[:_SECONDS]
        lighter = sooner or (mode, key.lock_mode) == ("GOVERNANCE", "COMPLIANCE")
        if key.lock_mode and lighter and not (bypass and key.lock_mode == "GOVERNANCE"):
            raise AccessDeniedByLock
        return original(backend, bucket_name, key_name, version_id, retention)

    return put
