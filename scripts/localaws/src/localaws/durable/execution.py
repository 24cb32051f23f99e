"""A durable execution: its operations, by which a function that's invoked again finds what it has done.

https://docs.aws.amazon.com/lambda/latest/dg/durable-execution-sdk.html
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

type Operation = dict[str, Any]
RUNNING = "RUNNING"
# The operation that stands for the execution itself.
ROOT = "EXECUTION"
DONE = frozenset({"SUCCEEDED", "FAILED", "CANCELLED", "TIMED_OUT", "STOPPED"})


@dataclass
class Execution:
    """One execution of a version of a function. `changed` are operations that no invocation knows yet."""

    arn: str
    name: str
    function: str
    qualifier: str | None
    version: str
    payload: str
    config: dict[str, Any]
    started: float
    status: str = RUNNING
    result: str | None = None
    error: dict[str, Any] | None = None
    ended: float | None = None
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    operations: dict[str, Operation] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    is_invoked: bool = False
    failures: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)
    finished: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.operations[ROOT] = {
            "Id": ROOT,
            "Name": self.name,
            "Type": "EXECUTION",
            "Status": "STARTED",
            "StartTimestamp": moment(self.started),
            "ExecutionDetails": {"InputPayload": self.payload},
        }

    def note(self, operation: Operation) -> None:
        """Note a change that the next invocation or checkpoint tells the function."""
        if operation["Id"] not in self.changed:
            self.changed.append(operation["Id"])

    def take_changed(self) -> list[Operation]:
        """The operations that changed since this was asked last."""
        changed, self.changed = self.changed, []
        return [self.operations[key] for key in changed]

    def renew_token(self) -> str:
        """A new token for the next checkpoint; the one before isn't valid any more."""
        self.token = secrets.token_hex(16)
        return self.token

    def end(self, status: str, now: float, result: str | None = None, error: dict[str, Any] | None = None) -> None:
        """End the execution, unless it has ended."""
        if self.status != RUNNING:
            return
        self.status, self.ended, self.result, self.error = status, now, result, error
        self.operations[ROOT] |= {"Status": status, "EndTimestamp": moment(now)}
        self.finished.set()


def moment(epoch: float) -> datetime:
    """A time of an operation."""
    return datetime.fromtimestamp(epoch, UTC)


def as_json(value: Any) -> Any:
    """An operation as events have it: times are milliseconds since the epoch."""
    if isinstance(value, datetime):
        return int(value.timestamp() * 1000)
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    return [as_json(item) for item in value] if isinstance(value, list) else value
