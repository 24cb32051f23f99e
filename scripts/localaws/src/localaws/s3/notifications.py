"""Bucket notifications to functions, queues and topics.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote_plus

from localaws.clock import Clock
from localaws.iam.sender import Sender
from localaws.settings import ACCOUNT
from localaws.targets import Targets


def form_encoded(key: str) -> str:
    """A key as in a notification: encoded like a form (`application/x-www-form-urlencoded`), but for its slashes."""
    return quote_plus(key, safe="/*").replace("~", "%7E")


class Notifications:
    """Sends bucket notifications; `later` runs a callback at the end of the current request."""

    def __init__(
        self, targets: Targets, clock: Clock, region: str, later: Callable[[Callable[[], object]], None]
    ) -> None:
        self._targets, self._clock, self._region, self._later = targets, clock, region, later

    def send(self, bucket: Any, key: Any, event_name: str, sequencer: str) -> None:
        """Notify each target whose events and filters match; `event_name` is like s3:ObjectCreated:Put."""
        configuration = bucket.notification_configuration
        for notification in (*configuration.cloud_function, *configuration.queue, *configuration.topic):
            if notification.matches(event_name, key.name):
                record = self._record(bucket, key, event_name, sequencer, notification.id)
                body = json.dumps({"Records": [record]})
                sender = Sender("s3.amazonaws.com", bucket.arn)
                self._later(partial(self._targets.send, sender, notification.arn, body, {}))

    def _record(self, bucket: Any, key: Any, event_name: str, sequencer: str, configuration_id: str) -> dict[str, Any]:
        item: dict[str, Any] = {"key": form_encoded(key.name), "sequencer": sequencer}
        if event_name.startswith("s3:ObjectCreated:"):
            item |= {"size": key.size, "eTag": key.etag.strip('"')}
        if bucket.is_versioned:
            item["versionId"] = key.version_id
        moment = datetime.fromtimestamp(self._clock.now(), UTC)
        return {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": self._region,
            "eventTime": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "eventName": event_name.removeprefix("s3:"),
            "userIdentity": {"principalId": f"AWS:{ACCOUNT}"},
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {"x-amz-request-id": uuid.uuid4().hex[:16].upper(), "x-amz-id-2": uuid.uuid4().hex},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": configuration_id,
                "bucket": {"name": bucket.name, "ownerIdentity": {"principalId": ACCOUNT}, "arn": bucket.arn},
                "object": item,
            },
        }
