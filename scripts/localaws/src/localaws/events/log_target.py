"""Log groups as targets: an event becomes a log line.

https://docs.aws.amazon.com/events/latest/userguide/eb-event-logs.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from moto.logs.models import logs_backends

from localaws.lambdas.log_writer import LogWriter
from localaws.runtime.output import LogLine
from localaws.settings import ACCOUNT


def log_target(writer: LogWriter, now: Callable[[], float], region: str) -> Callable[[str, str], str | None]:
    """What delivers a body to the log group that an ARN names; `now` gives the time that the functions log by."""

    def deliver(arn: str, body: str) -> str | None:
        group = arn.split(":log-group:", 1)[-1].removesuffix(":*")
        backend: Any = logs_backends[ACCOUNT][region]
        if group not in backend.groups:
            return f"there's no log group {group}"
        writer.write(group, str(uuid.uuid4()), [LogLine(int(now() * 1000), body)])
        return None

    return deliver
