"""Which events and retention periods CloudWatch Logs accepts.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import LogsBackend

RETENTION_DAYS = frozenset(
    (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
)
_DAY = 86_400_000
_OLDEST, _NEWEST = 14 * _DAY, 2 * 3_600_000
_LONGEST_NAME = 512
_LONGEST_PATTERN = 1024
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
_MOST_EVENTS, _LARGEST_BATCH, _OVERHEAD = 10_000, 1_048_576, 26
_GROUP_NAME, _STREAM_NAME = r"[\.\-_/#A-Za-z0-9]+", "[^:*]*"


def check_group_name(name: str) -> None:
    """Raise InvalidParameterException for a name that a group can't have."""
    _check_name("logGroupName", name, _GROUP_NAME)


def check_stream_name(name: str) -> None:
    """Raise InvalidParameterException for a name that a stream can't have."""
    _check_name("logStreamName", name, _STREAM_NAME)


def check_batch(events: Sequence[Mapping[str, Any]]) -> None:
    """Raise InvalidParameterException for a batch that's empty or too large, or has an empty message."""
    if not 1 <= len(events) <= _MOST_EVENTS:
        constraint = f"Member must have length between 1 and {_MOST_EVENTS}"
        raise InvalidParameterException(constraint=constraint, parameter="logEvents", value=len(events))
    if not all(event.get("message") for event in events):
        constraint = "Member must have length greater than or equal to 1"
        raise InvalidParameterException(constraint=constraint, parameter="logEvents.member.message", value="")
    size = sum(len(event["message"].encode()) + _OVERHEAD for event in events)
    if size > _LARGEST_BATCH:
        raise InvalidParameterException(f"Upload too large: {size} bytes exceeds limit of {_LARGEST_BATCH}")


def check_pattern(pattern: str) -> None:
    """Raise InvalidParameterException for a filter pattern that's too long."""
    if len(pattern) > _LONGEST_PATTERN:
        constraint = f"Member must have length less than or equal to {_LONGEST_PATTERN}"
        raise InvalidParameterException(constraint=constraint, parameter="filterPattern", value=pattern)


def check_filter_name(name: str) -> None:
    """Raise InvalidParameterException for a name that a metric filter can't have."""
    _check_name("filterName", name, _STREAM_NAME)


def _check_name(parameter: str, name: str, pattern: str) -> None:
    if not 1 <= len(name) <= _LONGEST_NAME:
        bound = f"less than or equal to {_LONGEST_NAME}" if name else "greater than or equal to 1"
        raise InvalidParameterException(constraint=f"Member must have length {bound}", parameter=parameter, value=name)
    if not re.fullmatch(pattern, name):
        raise InvalidParameterException(
            constraint=f"Member must satisfy regular expression pattern: {pattern}", parameter=parameter, value=name
        )


def rejected(timestamps: Sequence[int], now: int, retention_days: int | None) -> dict[str, int]:
    """The parts of a batch in the order of time that are rejected, as AWS reports them; times are milliseconds.

    The ends are the indexes after the last event that is too old or expired, the start is that of the first event that
    is too new.
    """
    found = {}
    too_old = sum(moment < now - _OLDEST for moment in timestamps)
    expired = sum(moment < now - retention_days * _DAY for moment in timestamps) if retention_days else 0
    accepted = sum(moment <= now + _NEWEST for moment in timestamps)
    if too_old:
        found["tooOldLogEventEndIndex"] = too_old
    if expired:
        found["expiredLogEventEndIndex"] = expired
    if accepted < len(timestamps):
        found["tooNewLogEventStartIndex"] = accepted
    return found


def checked(original: Callable[..., tuple[str, Any]]) -> Callable[..., tuple[str, dict[str, int]]]:
    """Wrap LogsBackend.put_log_events to reject what AWS rejects, and to say which events those are."""

    def put_log_events(
        backend: LogsBackend, log_group_name: str, log_stream_name: str, log_events: list[dict[str, Any]]
    ) -> tuple[str, dict[str, int]]:
        group = backend.groups.get(log_group_name)
        days = int(group.retention_in_days) if group and group.retention_in_days else None
        times = [event["timestamp"] for event in log_events]
        if times != sorted(times):
            raise InvalidParameterException(
                "Log events in a single PutLogEvents request must be in chronological order."
            )
        if times and times[-1] - times[0] > _DAY:
            raise InvalidParameterException(
                "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
            )
        info = rejected([event["timestamp"] for event in log_events], int(time.time() * 1000), days)
        # moto drops what is too old or too new itself.
        kept = log_events[info.get("expiredLogEventEndIndex", 0) :]
        token, _ = original(backend, log_group_name, log_stream_name, kept)
        return token, info

    return put_log_events
