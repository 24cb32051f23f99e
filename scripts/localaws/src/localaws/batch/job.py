"""One job: its status, its attempts, and how it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.batch.definitions import CONTAINER, JobDefinition
from localaws.batch.registry import JobQueue
from localaws.ecs.task import Task

SUBMITTED, PENDING, RUNNABLE, STARTING, RUNNING = "SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"
SUCCEEDED, FAILED = "SUCCEEDED", "FAILED"
STATUSES = (SUBMITTED, PENDING, RUNNABLE, STARTING, RUNNING, SUCCEEDED, FAILED)
WAITING = (SUBMITTED, PENDING, RUNNABLE)
ENDED = (SUCCEEDED, FAILED)
_KEPT = (
    "ephemeralStorage",
    "executionRoleArn",
    "fargatePlatformConfiguration",
    "image",
    "jobRoleArn",
    "logConfiguration",
    "networkConfiguration",
    "readonlyRootFilesystem",
    "runtimePlatform",
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a job was asked to be. `cpu` is in units of ECS (1,024 are one vCPU), `memory` in MiB, `timeout` in seconds.

    `depends_on` has the ids of the jobs that must succeed before; `array_size` is None but for array jobs.
    """

    name: str
    queue: JobQueue
    definition: JobDefinition
    command: tuple[str, ...]
    environment: Mapping[str, str]
    parameters: Mapping[str, str]
    cpu: int
    memory: int
    retry: Mapping[str, Any]
    timeout: int | None
    depends_on: tuple[str, ...] = ()
    array_size: int | None = None
    propagates_tags: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def vcpus(self) -> float:
        """The vCPUs that it has."""
        return self.cpu / 1024


@dataclass
class Job:
    """A job, one of an array's children, or an array of `children`. Times are epoch seconds."""

    arn: str
    wanted: Wanted
    created: float
    index: int | None = None
    parent: Job | None = None
    children: list[Job] = field(default_factory=list)
    status: str = SUBMITTED
    status_reason: str = ""
    started: float | None = None
    stopped: float | None = None
    attempts: list[dict[str, Any]] = field(default_factory=list)
    task: Task | None = None
    environment: str | None = None
    cancelled: bool = False
    terminated: str | None = None

    @property
    def id(self) -> str:
        """The last part of its ARN; a child's has its index after a colon."""
        return self.arn.rpartition("/")[2]

    @property
    def has_ended(self) -> bool:
        """Whether it has succeeded or failed."""
        return self.status in ENDED

    @property
    def log_stream(self) -> str | None:
        """The log stream of its last attempt, once that runs."""
        return stream_of(self.wanted.definition, self.task) if self.task and self.task.started else None

    def describe(self) -> dict[str, Any]:
        """The job as the API has it."""
        wanted = self.wanted
        described: dict[str, Any] = {
            **self.summary(),
            "jobQueue": wanted.queue.arn,
            "attempts": self.attempts,
            "retryStrategy": {"attempts": 1, "evaluateOnExit": [], **wanted.retry},
            "dependsOn": [{"jobId": each} for each in wanted.depends_on],
            "jobDefinition": wanted.definition.arn,
            "parameters": wanted.parameters,
            "container": self._container(),
            "timeout": {"attemptDurationSeconds": wanted.timeout} if wanted.timeout else None,
            "tags": {"resourceArn": self.arn, **wanted.tags} if wanted.tags else {},
            "propagateTags": wanted.propagates_tags,
            "platformCapabilities": ["FARGATE"],
            "eksAttempts": [],
        }
        return {key: value for key, value in described.items() if value is not None}

    def summary(self) -> dict[str, Any]:
        """The job as lists have it."""
        container = {"exitCode": self.task.code, "reason": container_reason(self.task)} if self.task else {}
        described = {
            "jobArn": self.arn,
            "jobId": self.id,
            "jobName": self.wanted.name,
            "jobDefinition": self.wanted.definition.arn,
            "status": self.status,
            "statusReason": self.status_reason or None,
            "createdAt": milliseconds(self.created),
            "startedAt": milliseconds(self.started),
            "stoppedAt": milliseconds(self.stopped),
            "container": {key: value for key, value in container.items() if value is not None},
            "arrayProperties": self._array(),
            "isCancelled": self.cancelled,
            "isTerminated": self.terminated is not None,
        }
        return {key: value for key, value in described.items() if value is not None}

    def _array(self) -> dict[str, Any] | None:
        if self.index is not None:
            return {"index": self.index, "statusSummary": {}}
        if self.wanted.array_size is None:
            return None
        counts = Counter(child.status for child in self.children)
        return {"size": self.wanted.array_size, "statusSummary": {each: counts[each] for each in STATUSES}}

    def _container(self) -> dict[str, Any]:
        wanted, task = self.wanted, self.task
        defined = wanted.definition.container
        found = {
            **{key: defined[key] for key in _KEPT if key in defined},
            "command": list(wanted.command),
            "environment": [{"name": name, "value": value} for name, value in wanted.environment.items()],
            "resourceRequirements": [
                {"type": "VCPU", "value": f"{wanted.vcpus:g}"},
                {"type": "MEMORY", "value": str(wanted.memory)},
            ],
            "volumes": [],
            "mountPoints": [],
            "ulimits": [],
            "secrets": [],
            "networkInterfaces": [],
        }
        if task is not None:
            found |= {
                "exitCode": task.code,
                "reason": container_reason(task),
                "taskArn": task.arn,
                "logStreamName": self.log_stream,
            }
        return {key: value for key, value in found.items() if value is not None}


def stream_of(definition: JobDefinition, task: Task) -> str:
    """The log stream of an attempt."""
    return f"{definition.log_options['awslogs-stream-prefix']}/{CONTAINER}/{task.id}"


def failed_to_start(task: Task) -> bool:
    """Whether an attempt's container never ran."""
    return task.stop_code == "TaskFailedToStart"


def container_reason(task: Task) -> str | None:
    """What ECS reports of the container of an attempt."""
    return task.reason if failed_to_start(task) else task.container_reason


def milliseconds(moment: float | None) -> int | None:
    """Epoch seconds as the API has times."""
    return None if moment is None else int(moment * 1000)
