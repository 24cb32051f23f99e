"""Task definitions: what they consist of, and what of it local AWS doesn't run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.ecs.errors import ClientError
from localaws.ecs.sizes import check_size, units

_FAMILY = re.compile(r"[\w-]{1,255}")
_TASK = frozenset(
    {
        "containerDefinitions",
        "cpu",
        "ephemeralStorage",
        "executionRoleArn",
        "family",
        "memory",
        "networkMode",
        "requiresCompatibilities",
        "runtimePlatform",
        "tags",
        "taskRoleArn",
    }
)
_CONTAINER = frozenset(
    {
        "command",
        "cpu",
        "entryPoint",
        "environment",
        "essential",
        "image",
        "logConfiguration",
        "memory",
        "memoryReservation",
        "name",
        "readonlyRootFilesystem",
        "stopTimeout",
        "workingDirectory",
    }
)
_LOG_OPTIONS = frozenset(
    {"awslogs-create-group", "awslogs-group", "awslogs-region", "awslogs-stream-prefix", "mode", "max-buffer-size"}
)
_STOP_SECONDS = 30
_MOST_STOP_SECONDS = 120
_STORAGE_GIB = 20


@dataclass(frozen=True)
class TaskDefinition:
    """A revision of a task definition, as the API has it in `described`, and its one container."""

    arn: str
    family: str
    revision: int
    described: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def container(self) -> Mapping[str, Any]:
        """The definition of its container."""
        found: Mapping[str, Any] = self.described["containerDefinitions"][0]
        return found

    @property
    def log_options(self) -> Mapping[str, str]:
        """The options of awslogs; none if the output isn't logged."""
        options: Mapping[str, str] = (self.container.get("logConfiguration") or {}).get("options") or {}
        return options

    @property
    def stop_seconds(self) -> int:
        """Seconds from SIGTERM to SIGKILL."""
        return int(self.container.get("stopTimeout") or _STOP_SECONDS)

    @property
    def storage_gib(self) -> int:
        """The size of the ephemeral storage."""
        return int((self.described.get("ephemeralStorage") or {}).get("sizeInGiB") or _STORAGE_GIB)


def check_definition(given: Mapping[str, Any]) -> None:
    """Raise ClientError for a task definition that Fargate, or local AWS, doesn't run."""
    _only(given, _TASK, "task definitions")
    if not _FAMILY.fullmatch(str(given.get("family", ""))):
        raise ClientError("Family contains invalid characters.")
    if given.get("networkMode") != "awsvpc" or list(given.get("requiresCompatibilities") or []) != ["FARGATE"]:
        raise ClientError(
            "Local AWS runs tasks of Fargate only: networkMode must be awsvpc, and requiresCompatibilities [FARGATE]."
        )
    for name in ("cpu", "memory"):
        if not given.get(name):
            raise ClientError(f"Fargate requires that '{name}' be defined at the task level.")
    check_size(units(given["cpu"]), units(given["memory"]))
    storage = given.get("ephemeralStorage")
    if storage and not 21 <= int(storage["sizeInGiB"]) <= 200:
        raise ClientError("The ephemeral storage size must be from 21 to 200 GiB.")
    containers = given.get("containerDefinitions") or []
    if len(containers) != 1:
        raise ClientError("Local AWS runs tasks with exactly one container.")
    _check_container(containers[0], given)


def _check_container(container: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    _only(container, _CONTAINER, "containers")
    for name in ("name", "image"):
        if not container.get(name):
            raise ClientError(f"Container.{name} should not be null or empty.")
    if container.get("essential") is False:
        raise ClientError("Invalid setting for container: at least one container must be essential.")
    if int(container.get("stopTimeout") or 0) > _MOST_STOP_SECONDS:
        raise ClientError(f"The stopTimeout of a container on Fargate is {_MOST_STOP_SECONDS} seconds at most.")
    logging = container.get("logConfiguration")
    if not logging:
        return
    if logging.get("logDriver") != "awslogs" or logging.get("secretOptions"):
        raise ClientError("Local AWS supports the log driver awslogs only, without secretOptions.")
    options = logging.get("options") or {}
    _only(options, _LOG_OPTIONS, "awslogs")
    for name in ("awslogs-group", "awslogs-region", "awslogs-stream-prefix"):
        if not options.get(name):
            raise ClientError(f"Log driver awslogs requires options: {name}")
    if not given.get("executionRoleArn"):
        raise ClientError("Fargate requires task definition to have execution role ARN to support log driver awslogs.")


def _only(given: Mapping[str, Any], known: frozenset[str], what: str) -> None:
    for name, value in given.items():
        if name not in known and value not in (None, [], {}, False, ""):
            raise ClientError(f"Local AWS doesn't support {name} of {what}.")
