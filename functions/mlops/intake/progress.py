"""What a training is doing, written next to its dataset as `<key>.progress.json`, for whoever waits for the report.

A training that was killed leaves it saying that it runs: the next delivery reads from it what killed the one before.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from mlops.artifact.names import TRAINING_PROGRESS
from mlops.data.bucket import Fetched
from mlops.errors.data import DatasetGone
from mlops.errors.training import TrainingStopped
from mlops.intake.resources import MEGABYTE, Resources

KILLED_MEMORY = 0.8
"""A training that was killed with more of its memory in use as its last step began ran out of it in that step."""
KILLED_TIME = 0.9

type State = Literal["running", "retrying", "moved", "ended"]


class Bucket(Protocol):
    """The data bucket."""

    def fetch(self, key: str, version: str | None) -> Fetched:
        """An object. Raises DatasetGone if there is none."""

    def write(self, key: str, content: bytes) -> None:
        """Put an object."""


@dataclass
class Progress:
    """The steps of one try of a training. `key` and `s3_version` are the dataset's."""

    bucket: Bucket
    key: str
    s3_version: str | None
    now: Callable[[], datetime]
    resources: Resources
    attempt: int = 1
    current: str = "start"
    steps: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.began = self.now()

    def begin(self) -> None:
        """Begin a try. Raises TrainingStopped if the one before was killed for want of memory or time."""
        before = self._read()
        if before is not None and before["s3_version"] == self.s3_version and before["state"] != "ended":
            self.attempt = before["attempt"] + 1
            if before["state"] == "running":
                _blame(before, self.resources)
        self.step("fetch the dataset and the spec")

    def step(self, step: str) -> None:
        """The next step begins."""
        self.current = step
        self.steps.append({"step": step, "at": self.now().isoformat()})
        self._write("running")

    def retry(self, reason: str) -> None:
        """The try failed, and the queue will deliver the dataset again."""
        self._write("retrying", reason)

    def move(self, reason: str) -> None:
        """The training goes on where there's more memory and time."""
        self.steps.append({"step": f"move to a container: {reason}", "at": self.now().isoformat()})
        self._write("moved", reason)

    def end(self) -> None:
        """The training ended with a report."""
        self._write("ended")

    def _write(self, state: State, reason: str | None = None) -> None:
        resources = self.resources
        left = None if resources.deadline is None else resources.deadline - resources.clock()
        document = {
            "s3_version": self.s3_version,
            "state": state,
            "attempt": self.attempt,
            "began_at": self.began.isoformat(),
            "at": self.now().isoformat(),
            "steps": self.steps,
            "reason": reason,
            "memory_mb": round(resources.used() / MEGABYTE),
            "memory_limit_mb": None if resources.memory is None else round(resources.memory / MEGABYTE),
            "seconds_left": None if left is None else round(left, 1),
        }
        self.bucket.write(f"{self.key}{TRAINING_PROGRESS}", json.dumps(document, ensure_ascii=False).encode())

    def _read(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads(self.bucket.fetch(f"{self.key}{TRAINING_PROGRESS}", None).content)
        except DatasetGone:
            return None
        return found


def _blame(before: dict[str, Any], resources: Resources) -> None:
    """Raise TrainingStopped if a try that was killed used most of its memory or time; another cause may pass.

    How there's more of them is as for the try that follows, with its `resources`.
    """
    step = before["steps"][-1]["step"]
    used, most = before["memory_mb"], before["memory_limit_mb"]
    if most is not None and used > KILLED_MEMORY * most:
        raise TrainingStopped(
            "memory",
            f"the try before was killed at the step {step!r}, with {used:,} of {most:,} MB in use as it began: it ran "
            f"out of memory. {resources.more_memory}, or train on fewer rows or columns",
        )
    began, last = datetime.fromisoformat(before["began_at"]), datetime.fromisoformat(before["at"])
    took, left = (last - began).total_seconds(), before["seconds_left"]
    if left is not None and took > KILLED_TIME * (took + left):
        raise TrainingStopped(
            "time",
            f"the try before was killed at the step {step!r}, {took:,.0f} s after its start: it ran out of time. Give "
            f"it more by the stack's parameter {resources.more_time}, or train on fewer rows, columns or candidates",
        )
