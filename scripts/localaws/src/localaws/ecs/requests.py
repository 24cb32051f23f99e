"""Reads the parameters of RunTask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from localaws.builds.image_files import Image
from localaws.ecs.errors import ClientError, InvalidParameter
from localaws.ecs.registry import ON_DEMAND, Cluster, Registry, check_strategy
from localaws.ecs.sizes import check_size, units
from localaws.ecs.task import Wanted

_RUN = frozenset(
    {
        "capacityProviderStrategy",
        "clientToken",
        "cluster",
        "count",
        "enableECSManagedTags",
        "group",
        "launchType",
        "networkConfiguration",
        "overrides",
        "platformVersion",
        "propagateTags",
        "referenceId",
        "startedBy",
        "tags",
        "taskDefinition",
    }
)
_OVERRIDES = frozenset({"containerOverrides", "cpu", "ephemeralStorage", "executionRoleArn", "memory", "taskRoleArn"})
_CONTAINER_OVERRIDES = frozenset({"command", "cpu", "environment", "memory", "memoryReservation", "name"})
_MOST_TASKS = 10


def read_run(given: Mapping[str, Any], registry: Registry, images: Callable[[str], Image | None]) -> tuple[Wanted, int]:
    """What RunTask asks for, and how many of it; raises ClientError, InvalidParameter or ClusterNotFound.

    `images` finds an image by its URI.
    """
    _only(given, _RUN, "RunTask")
    cluster = registry.cluster(given.get("cluster"))
    definition = registry.find(str(given.get("taskDefinition", "")))
    count = int(given.get("count") or 1)
    if not 1 <= count <= _MOST_TASKS:
        raise InvalidParameter(f"Task count must be from 1 to {_MOST_TASKS}.")
    network = (given.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    if not network.get("subnets"):
        raise InvalidParameter(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified."
            if not network
            else "subnets can not be empty."
        )
    overrides = given.get("overrides") or {}
    _only(overrides, _OVERRIDES, "overrides")
    described = definition.described
    cpu, memory = (units(overrides.get(name) or described[name]) for name in ("cpu", "memory"))
    check_size(cpu, memory)
    command, environment = _of_container(definition.container, overrides, images)
    storage = (overrides.get("ephemeralStorage") or {}).get("sizeInGiB") or definition.storage_gib
    wanted = Wanted(
        cluster=cluster,
        definition=definition,
        cpu=cpu,
        memory=memory,
        storage_gib=int(storage),
        command=command,
        environment=environment,
        task_role=overrides.get("taskRoleArn") or described.get("taskRoleArn") or "",
        execution_role=overrides.get("executionRoleArn") or described.get("executionRoleArn") or "",
        overrides=overrides,
        provider=_provider(given, cluster),
        group=given.get("group") or f"family:{definition.family}",
        started_by=given.get("startedBy"),
        tags={
            **(definition.tags if given.get("propagateTags") == "TASK_DEFINITION" else {}),
            **{tag["key"]: tag["value"] for tag in given.get("tags") or []},
        },
    )
    return wanted, count


def _provider(given: Mapping[str, Any], cluster: Cluster) -> str | None:
    """The capacity provider of a task, None if it has a launch type: that of the greatest weight, or with a base."""
    launch, strategy = given.get("launchType"), given.get("capacityProviderStrategy") or []
    if launch and strategy:
        raise InvalidParameter("Specifying both a launch type and capacity provider strategy is not supported.")
    if launch not in (None, "", ON_DEMAND):
        raise InvalidParameter(f"Local AWS runs tasks of Fargate only, not of the launch type {launch}.")
    if launch:
        return None
    strategy = strategy or cluster.strategy
    if not strategy:
        raise InvalidParameter("No Container Instances were found in your cluster.")
    check_strategy(strategy)
    for each in strategy:
        if each["capacityProvider"] not in cluster.providers:
            raise InvalidParameter("The specified capacity provider was not found in the cluster.")
    chosen = max(strategy, key=lambda each: (each.get("base") or 0, each.get("weight") or 0))
    return str(chosen["capacityProvider"])


def _of_container(
    container: Mapping[str, Any], overrides: Mapping[str, Any], images: Callable[[str], Image | None]
) -> tuple[tuple[str, ...], dict[str, str]]:
    """The command and the environment of the container, with its overrides."""
    image = images(container["image"])
    environment = {pair["name"]: pair["value"] for pair in container.get("environment") or []}
    entry_point = container.get("entryPoint") or (image.entry_point if image else ())
    # As with Docker, an entry point of the definition's own is without the image's CMD.
    default = [image.handler] if image and image.handler and not container.get("entryPoint") else []
    command = container.get("command") or default
    for override in overrides.get("containerOverrides") or []:
        _only(override, _CONTAINER_OVERRIDES, "container overrides")
        if override.get("name") != container["name"]:
            raise InvalidParameter(
                "Override for container named {} is not a container in the TaskDefinition.".format(override.get("name"))
            )
        command = override.get("command") or command
        environment |= {pair["name"]: pair["value"] for pair in override.get("environment") or []}
    if not entry_point:
        raise ClientError(
            "Local AWS needs an entryPoint in the container's definition, or an ENTRYPOINT of the image's own: that of "
            "Lambda's base image runs functions."
        )
    return (*entry_point, *command), environment


def _only(given: Mapping[str, Any], known: frozenset[str], what: str) -> None:
    for name, value in given.items():
        if name not in known and value not in (None, [], {}, False, ""):
            raise InvalidParameter(f"Local AWS doesn't support {name} of {what}.")
