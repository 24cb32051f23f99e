"""Log groups as targets: an event is written as a log event.

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
from localaws.targets import Deliver, Failure


def log_target(writer: LogWriter, now: Callable[[], float], region: str) -> Deliver:
    """A function that writes a body to the log group of an ARN; `now` returns the time of the log event."""

    def deliver(arn: str, body: str) -> Failure | None:
        group = arn.split(":log-group:", 1)[-1].removesuffix(":*")
        backend: Any = logs_backends[ACCOUNT][region]
        if group not in backend.groups:
            return Failure("ResourceNotFoundException", "The specified log group does not exist.", missing=True)
        writer.write(group, str(uuid.uuid4()), [LogLine(int(now() * 1000), body)])
        return None

    return deliver
