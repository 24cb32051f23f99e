"""S3's events for each created or deleted object, to EventBridge and to bucket notifications.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3 import models, responses
from moto.s3 import notifications as moto_notifications

from localaws.events.bus import Bus
from localaws.moto_patches import MotoPatches
from localaws.s3.checksums import adding
from localaws.s3.notifications import Notifications
from localaws.settings import ACCOUNT

_REASONS = {
    "s3:ObjectCreated:Put": "PutObject",
    "s3:ObjectCreated:Post": "POST Object",
    "s3:ObjectCreated:Copy": "CopyObject",
    "s3:ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
    "s3:ObjectRemoved:Delete": "DeleteObject",
    "s3:ObjectRemoved:DeleteMarkerCreated": "DeleteObject",
}


def install(patches: MotoPatches, bus: Bus, notifications: Notifications) -> None:
    """Make moto's S3 send each event once, with correct details, to `bus` and `notifications`."""
    notifier = _Notifier(bus, notifications)
    patches.replace(models.FakeBucket, "get_permission", lambda _: _permit)
    patches.replace(moto_notifications, "send_event", notifier.sending)
    patches.replace(responses.S3Response, "get_bucket_notification", _describing)
    patches.replace(models.S3Backend, "delete_object", notifier.deletion)
    patches.replace(models.S3Backend, "_set_delete_marker", notifier.marking)


def _permit(*_: Any) -> Any:
    """Don't enforce bucket policies: moto ignores their conditions and would deny too much."""
    return PermissionResult.NEUTRAL


def _describing(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def get_bucket_notification(request: Any) -> Any:
        """Add the EventBridge configuration, which moto omits, and write the names of rules as S3 does."""
        configuration = request.backend.get_bucket_notification_configuration(request.bucket_name)
        if configuration is not None:
            bridge: dict[str, Any] = {"EventBridgeConfiguration": {}} if configuration.event_bridge is not None else {}
            adding(request, lambda result: {**{kind: _named(value) for kind, value in result.items()}, **bridge})
        return original(request)

    return get_bucket_notification


def _named(configurations: Any) -> Any:
    """The configurations of a kind of target, whose rules are named Prefix and Suffix."""
    for each in configurations if isinstance(configurations, list) else ():
        for rule in ((each.get("Filter") or {}).get("Key") or {}).get("FilterRules") or ():
            rule["Name"] = str(rule["Name"]).capitalize()
    return configurations


@dataclass(frozen=True)
class _Absent:
    """An object that never was."""

    name: str


class _Notifier:
    """Turns changes of objects into events; one method per patch."""

    def __init__(self, bus: Bus, notifications: Notifications) -> None:
        self._bus, self._notifications = bus, notifications
        self._sequence = itertools.count(time.time_ns())

    def sending(self, _: Callable[..., None]) -> Callable[..., None]:
        def send_event(_account: str, event_name: Any, bucket: Any, key: Any) -> None:
            name = str(event_name.value)
            # moto sends two events for a multipart upload, one of them as a put.
            if name == "s3:ObjectCreated:Put" and key.multipart is not None:
                return
            if name.startswith("s3:ObjectCreated:"):
                self._notify(bucket, key, name)
            elif name == "s3:ObjectRemoved:Delete" and not bucket.is_versioned:
                self._notify(bucket, key, name, "Permanently Deleted")

        return send_event

    def deletion(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def delete_object(
            backend: Any, bucket_name: str, key_name: str, version_id: str | None = None, bypass: bool = False
        ) -> Any:
            bucket = backend.get_bucket(bucket_name)
            versions = [key for key in bucket.keys.getlist(key_name, []) if str(key.version_id) == str(version_id)]
            answer = original(backend, bucket_name, key_name, version_id, bypass)
            # moto sends an event for a deleted version only if it was the last one.
            if version_id is not None and bucket.is_versioned and versions:
                self._notify(bucket, versions[0], "s3:ObjectRemoved:Delete", "Permanently Deleted")
                if isinstance(versions[0], models.FakeDeleteMarker):
                    answer[1]["delete-marker"] = "true"
            return answer

        return delete_object

    def marking(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def set_delete_marker(backend: Any, bucket_name: str, key_name: str) -> Any:
            bucket = backend.get_bucket(bucket_name)
            if key_name in bucket.keys:
                marker = original(backend, bucket_name, key_name)
            else:
                # S3 marks what never was, too.
                absent: Any = _Absent(key_name)
                marker = bucket.keys[key_name] = models.FakeDeleteMarker(key=absent)
            self._notify(bucket, marker, "s3:ObjectRemoved:DeleteMarkerCreated", "Delete Marker Created")
            return marker

        return set_delete_marker

    def _notify(self, bucket: Any, key: Any, event_name: str, deletion: str | None = None) -> None:
        configuration = bucket.notification_configuration
        if configuration is None:
            return
        sequencer = f"{next(self._sequence):018X}"
        self._notifications.send(bucket, key, event_name, sequencer)
        if configuration.event_bridge is None:
            return
        created = deletion is None
        item: dict[str, Any] = {"key": key.name, "sequencer": sequencer}
        if created:
            item |= {"size": key.size, "etag": key.etag.strip('"')}
        if bucket.is_versioned:
            item["version-id"] = key.version_id
        detail: dict[str, Any] = {
            "version": "0",
            "bucket": {"name": bucket.name},
            "object": item,
            "request-id": uuid.uuid4().hex[:16].upper(),
            "requester": ACCOUNT,
            "source-ip-address": "127.0.0.1",
            "reason": _REASONS[event_name],
        }
        if deletion:
            detail["deletion-type"] = deletion
        name = "Object Created" if created else "Object Deleted"
        self._bus.put("aws.s3", name, detail, [f"arn:aws:s3:::{bucket.name}"])
