"""One task: its status, and how it ended."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.ecs.definitions import TaskDefinition
from localaws.ecs.process import Stop
from localaws.ecs.registry import Cluster

PROVISIONING, PENDING, RUNNING, DEACTIVATING, STOPPED = "PROVISIONING", "PENDING", "RUNNING", "DEACTIVATING", "STOPPED"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a task was asked to be. `cpu` is in units, `memory` in MiB; `provider` is its capacity provider."""

    cluster: Cluster
    definition: TaskDefinition
    cpu: int
    memory: int
    storage_gib: int
    command: tuple[str, ...]
    environment: Mapping[str, str]
    task_role: str
    execution_role: str
    overrides: Mapping[str, Any]
    provider: str | None = None
    group: str = ""
    started_by: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Task:
    """A task of Fargate. Times are epoch seconds."""

    arn: str
    wanted: Wanted
    created: float
    status: str = PROVISIONING
    started: float | None = None
    stopped: float | None = None
    code: int | None = None
    stop_code: str | None = None
    reason: str | None = None
    container_reason: str | None = None
    stop: Stop = field(default_factory=Stop)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def id(self) -> str:
        """The last part of its ARN."""
        return self.arn.rpartition("/")[2]

    @property
    def has_stopped(self) -> bool:
        """Whether it has ended."""
        return self.status == STOPPED

    def end(self, stop_code: str, reason: str) -> None:
        """Note why it ends; the first reason stays."""
        if self.stop_code is None:
            self.stop_code, self.reason = stop_code, reason

    def describe(self, moment: Any) -> dict[str, Any]:
        """The task as the API has it; `moment` converts times."""
        wanted = self.wanted
        name = wanted.definition.container["name"]
        container = {
            "containerArn": f"{self.arn.replace(':task/', ':container/')}/{uuid.uuid5(uuid.NAMESPACE_URL, self.arn)}",
            "taskArn": self.arn,
            "name": name,
            "image": wanted.definition.container["image"],
            "lastStatus": self.status if self.status in (PENDING, RUNNING, STOPPED) else PENDING,
            "exitCode": self.code,
            "reason": self.container_reason,
            "networkInterfaces": [],
            "healthStatus": "UNKNOWN",
            "cpu": str(wanted.definition.container.get("cpu") or 0),
        }
        described = {
            "taskArn": self.arn,
            "clusterArn": wanted.cluster.arn,
            "taskDefinitionArn": wanted.definition.arn,
            "group": wanted.group,
            "launchType": "FARGATE",
            "capacityProviderName": wanted.provider,
            "platformVersion": "1.4.0",
            "platformFamily": "Linux",
            "availabilityZone": f"{self.arn.split(':')[3]}a",
            "cpu": str(wanted.cpu),
            "memory": str(wanted.memory),
            "ephemeralStorage": {"sizeInGiB": wanted.storage_gib},
            "overrides": wanted.overrides,
            "startedBy": wanted.started_by,
            "lastStatus": self.status,
            "desiredStatus": STOPPED if self.stop.asked.is_set() or self.has_stopped else RUNNING,
            "healthStatus": "UNKNOWN",
            "enableExecuteCommand": False,
            "attachments": [],
            "createdAt": moment(self.created),
            "startedAt": None if self.started is None else moment(self.started),
            "stoppedAt": None if self.stopped is None else moment(self.stopped),
            "stopCode": self.stop_code,
            "stoppedReason": self.reason,
            "containers": [{key: value for key, value in container.items() if value is not None}],
            "tags": [{"key": key, "value": value} for key, value in wanted.tags.items()],
        }
        return {key: value for key, value in described.items() if value is not None}
