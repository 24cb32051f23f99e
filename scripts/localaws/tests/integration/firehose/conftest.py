"""Delivered objects, and the clock that delivers them."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="session")
def tick(cloud: Any) -> Any:
    """Moves the clock forward, such as by 60s."""
    return cloud.tick


@pytest.fixture(scope="session")
def objects(cloud: Any) -> Callable[[str], dict[str, bytes]]:
    """Reads all objects of a bucket, unpacked if they're compressed."""

    def read(bucket: str) -> dict[str, bytes]:
        s3 = cloud.client("s3")
        keys = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
        bodies = {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}
        return {key: gzip.decompress(body) if key.endswith(".gz") else body for key, body in bodies.items()}

    return read


@pytest.fixture(scope="session")
def emptied(cloud: Any) -> Callable[[str], None]:
    """Deletes all objects of a bucket, so that its stack can be deleted."""

    def empty(bucket: str) -> None:
        s3 = cloud.client("s3")
        for item in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=item["Key"])

    return empty


@pytest.fixture(scope="session")
def logged(cloud: Any) -> Callable[..., None]:
    """Puts log events into a group; those that aren't texts are logged as JSON."""

    def log(group: str, *messages: Any, stream: str = "s") -> None:
        logs = cloud.client("logs")
        found = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=stream)["logStreams"]
        if not found:
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
        now = int(time.time() * 1000)
        logs.put_log_events(
            logGroupName=group,
            logStreamName=stream,
            logEvents=[
                {"timestamp": now, "message": message if isinstance(message, str) else json.dumps(message)}
                for message in messages
            ],
        )

    return log
