"""Reads the parameters of SubmitJob."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from localaws.batch.definitions import NAME, JobDefinition, check_environment, check_timeout, fill_in, read_resources
from localaws.batch.errors import ClientError, only
from localaws.batch.job import Wanted
from localaws.batch.registry import ENABLED, Registry
from localaws.batch.retries import check_strategy
from localaws.builds.image_files import Image
from localaws.ecs.errors import ClientError as EcsError
from localaws.ecs.sizes import check_size, units

_SUBMIT = frozenset(
    {
        "arrayProperties",
        "containerOverrides",
        "dependsOn",
        "jobDefinition",
        "jobName",
        "jobQueue",
        "parameters",
        "propagateTags",
        "retryStrategy",
        "tags",
        "timeout",
    }
)
_OVERRIDES = frozenset({"command", "environment", "resourceRequirements"})
_MOST_DEPENDENCIES = 20
_ARRAY = (2, 10_000)


def read_submission(given: Mapping[str, Any], registry: Registry, images: Callable[[str], Image | None]) -> Wanted:
    """What SubmitJob asks for; raises ClientError. `images` finds an image by its URI."""
    only(given, _SUBMIT, "SubmitJob")
    name = str(given.get("jobName", ""))
    if not NAME.fullmatch(name):
        raise ClientError("Error executing request, Exception : jobName contains invalid characters.")
    queue = registry.queue(str(given.get("jobQueue", "")))
    if queue.state != ENABLED:
        raise ClientError(f"Error executing request, Exception : JobQueue {queue.arn} is DISABLED.")
    definition = registry.definitions.find(str(given.get("jobDefinition", "")))
    image = images(definition.container["image"])
    _check_entry_point(definition, image)
    overrides = given.get("containerOverrides") or {}
    only(overrides, _OVERRIDES, "containerOverrides")
    cpu, memory = _size(definition, overrides)
    parameters = {**(definition.described.get("parameters") or {}), **(given.get("parameters") or {})}
    # As with Docker, what the image's CMD has is the command of last resort.
    default = [image.handler] if image and image.handler else []
    command = overrides.get("command") or definition.container.get("command") or default
    retry = given.get("retryStrategy") or definition.described.get("retryStrategy") or {}
    timeout = given.get("timeout") or definition.described.get("timeout") or {}
    check_strategy(retry)
    check_timeout(timeout)
    propagates = bool(given.get("propagateTags", definition.described.get("propagateTags")))
    return Wanted(
        name=name,
        queue=queue,
        definition=definition,
        command=fill_in(command, parameters),
        environment=_environment(definition, overrides),
        parameters=parameters,
        cpu=cpu,
        memory=memory,
        retry=retry,
        timeout=timeout.get("attemptDurationSeconds"),
        depends_on=_dependencies(given.get("dependsOn") or []),
        array_size=_array_size(given.get("arrayProperties") or {}),
        propagates_tags=propagates,
        tags=dict(given.get("tags") or {}),
    )


def _check_entry_point(definition: JobDefinition, image: Image | None) -> None:
    if image is not None and not image.entry_point:
        uri = definition.container["image"]
        raise ClientError(
            f"Local AWS doesn't run jobs of {uri}: the ENTRYPOINT of Lambda's base image runs functions, and a job "
            "definition can't have another. Give the image an ENTRYPOINT of its own."
        )


def _size(definition: JobDefinition, overrides: Mapping[str, Any]) -> tuple[int, int]:
    """The CPU units and the memory in MiB; raises ClientError for a pair that Fargate doesn't have."""
    defined = read_resources(definition.container.get("resourceRequirements") or [])
    changed = read_resources(overrides.get("resourceRequirements") or [])
    vcpus, memory = (new or old for new, old in zip(changed, defined, strict=True))
    if not vcpus or not memory:
        raise ClientError("Error executing request, Exception : resourceRequirements VCPU and MEMORY are needed.")
    try:
        cpu, mebibytes = units(f"{vcpus} vcpu"), units(memory)
        check_size(cpu, mebibytes)
    except EcsError as error:
        raise ClientError(f"Error executing request, Exception : {error.message}") from None
    return cpu, mebibytes


def _environment(definition: JobDefinition, overrides: Mapping[str, Any]) -> dict[str, str]:
    changed = overrides.get("environment") or []
    check_environment(changed)
    return {pair["name"]: pair["value"] for pair in [*(definition.container.get("environment") or []), *changed]}


def _dependencies(given: list[Mapping[str, str]]) -> tuple[str, ...]:
    for each in given:
        if each.get("type"):
            raise ClientError(f"Local AWS doesn't support dependencies of the type {each['type']}.")
    if len(given) > _MOST_DEPENDENCIES:
        raise ClientError(f"Error executing request, Exception : a job depends on {_MOST_DEPENDENCIES} others at most.")
    return tuple(str(each.get("jobId", "")) for each in given)


def _array_size(given: Mapping[str, Any]) -> int | None:
    if not given:
        return None
    least, most = _ARRAY
    size = int(given.get("size") or 0)
    if not least <= size <= most:
        raise ClientError(f"Error executing request, Exception : the size of an array is from {least} to {most}.")
    return size
