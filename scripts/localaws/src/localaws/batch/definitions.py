"""Job definitions: what they consist of, and what of it local AWS doesn't run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.batch.errors import ClientError, only
from localaws.batch.retries import check_strategy

DEFAULT_GROUP = "/aws/batch/job"
CONTAINER = "default"
"""The name of a job's one container."""
VARIABLES = "AWS_BATCH_"
"""The beginning of the variables that Batch sets; others can't begin so."""
LEAST_TIMEOUT = 60
NAME = re.compile(r"[A-Za-z0-9][\w-]{0,127}")
_DEFINITION = frozenset(
    {
        "containerProperties",
        "jobDefinitionName",
        "parameters",
        "platformCapabilities",
        "propagateTags",
        "retryStrategy",
        "tags",
        "timeout",
        "type",
    }
)
_CONTAINER = frozenset(
    {
        "command",
        "environment",
        "ephemeralStorage",
        "executionRoleArn",
        "fargatePlatformConfiguration",
        "image",
        "jobRoleArn",
        "logConfiguration",
        "networkConfiguration",
        "readonlyRootFilesystem",
        "resourceRequirements",
        "runtimePlatform",
    }
)
_LOG_OPTIONS = frozenset(
    {"awslogs-create-group", "awslogs-group", "awslogs-region", "awslogs-stream-prefix", "max-buffer-size", "mode"}
)
_REFERENCE = re.compile(r"Ref::(?P<name>[\w-]+)")


@dataclass(frozen=True)
class JobDefinition:
    """A revision of a job definition, as the API has it in `described`."""

    arn: str
    name: str
    revision: int
    described: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def container(self) -> Mapping[str, Any]:
        """The properties of its container."""
        found: Mapping[str, Any] = self.described["containerProperties"]
        return found

    @property
    def log_options(self) -> dict[str, str]:
        """The options of awslogs, with Batch's defaults."""
        options = (self.container.get("logConfiguration") or {}).get("options") or {}
        return {"awslogs-group": DEFAULT_GROUP, "awslogs-stream-prefix": self.name, **options}


def check_definition(given: Mapping[str, Any]) -> None:
    """Raise ClientError for a job definition that Batch doesn't take, or local AWS doesn't run."""
    only(given, _DEFINITION, "job definitions")
    if not NAME.fullmatch(str(given.get("jobDefinitionName", ""))):
        raise ClientError("Error executing request, Exception : jobDefinitionName contains invalid characters.")
    if given.get("type") != "container":
        raise ClientError("Local AWS runs jobs of the type container only.")
    if list(given.get("platformCapabilities") or ["EC2"]) != ["FARGATE"]:
        raise ClientError("Local AWS runs jobs of Fargate only: platformCapabilities must be [FARGATE].")
    container = given.get("containerProperties")
    if not container:
        raise ClientError("Error executing request, Exception : containerProperties are needed.")
    only(container, _CONTAINER, "containerProperties")
    for name in ("image", "executionRoleArn"):
        if not container.get(name):
            raise ClientError(f"Error executing request, Exception : containerProperties.{name} is needed on Fargate.")
    read_resources(container.get("resourceRequirements") or [])
    check_environment(container.get("environment") or [])
    storage = container.get("ephemeralStorage")
    if storage and not 21 <= int(storage["sizeInGiB"]) <= 200:
        raise ClientError("Error executing request, Exception : ephemeralStorage must be from 21 to 200 GiB.")
    _check_logging(container.get("logConfiguration") or {})
    check_strategy(given.get("retryStrategy") or {})
    check_timeout(given.get("timeout") or {})


def _check_logging(logging: Mapping[str, Any]) -> None:
    if not logging:
        return
    if logging.get("logDriver") != "awslogs" or logging.get("secretOptions"):
        raise ClientError("Local AWS supports the log driver awslogs only, without secretOptions.")
    only(logging.get("options") or {}, _LOG_OPTIONS, "awslogs")


def check_timeout(timeout: Mapping[str, Any]) -> None:
    """Raise ClientError for a timeout that's too short."""
    seconds = timeout.get("attemptDurationSeconds")
    if seconds is not None and int(seconds) < LEAST_TIMEOUT:
        raise ClientError(
            f"Error executing request, Exception : attemptDurationSeconds must be at least {LEAST_TIMEOUT}."
        )


def check_environment(environment: list[Mapping[str, str]]) -> None:
    """Raise ClientError for a variable whose name is Batch's."""
    for pair in environment:
        if str(pair.get("name", "")).startswith(VARIABLES):
            raise ClientError(
                f"Error executing request, Exception : environment variables can't begin with {VARIABLES}."
            )


def read_resources(requirements: list[Mapping[str, str]]) -> tuple[str, str]:
    """The vCPUs and the memory in MiB of a container, "" where there's none; raises ClientError for others."""
    found = {"VCPU": "", "MEMORY": ""}
    for each in requirements:
        if each.get("type") not in found:
            raise ClientError(f"Local AWS doesn't support resourceRequirements of the type {each.get('type')}.")
        found[each["type"]] = str(each.get("value", ""))
    return found["VCPU"], found["MEMORY"]


def fill_in(command: list[str], parameters: Mapping[str, str]) -> tuple[str, ...]:
    """A command whose words `Ref::name` are the values of parameters; those without one stay."""

    def filled(word: str) -> str:
        found = _REFERENCE.fullmatch(word)
        return parameters.get(found["name"], word) if found else word

    return tuple(map(filled, command))
