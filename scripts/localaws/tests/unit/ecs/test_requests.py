"""What the container of a task runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from localaws.builds.dockerignore import DockerIgnore
from localaws.builds.image_files import Image
from localaws.ecs.errors import ClientError
from localaws.ecs.registry import Registry
from localaws.ecs.requests import read_run

NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}


def image(*entry_point: str) -> Image:
    folder = Path("/nowhere")
    return Image("d", folder, "app.handler", {}, (), folder, DockerIgnore([]), entry_point=entry_point)


def command_of(container: dict[str, Any], *entry_point: str) -> tuple[str, ...]:
    """The command of a container whose image has an entry point of its own, or none."""
    registry = Registry("us-east-1")
    registry.create_cluster("default", [], [], {})
    registry.register(
        {
            "family": "work",
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "512",
            "containerDefinitions": [{"name": "main", "image": "i", **container}],
        }
    )
    given = {"taskDefinition": "work", "launchType": "FARGATE", "networkConfiguration": NETWORK}
    wanted, _ = read_run(given, registry, lambda _: image(*entry_point))
    return wanted.command


@pytest.mark.proves("ecs tasks")
def test_the_entry_point_of_the_definition_goes_before_that_of_the_image() -> None:
    assert command_of({"entryPoint": ["a"], "command": ["b"]}, "x") == ("a", "b")
    assert command_of({"entryPoint": ["a"]}, "x") == ("a",)
    assert command_of({"command": ["b"]}, "x") == ("x", "b")
    assert command_of({}, "x") == ("x", "app.handler")


@pytest.mark.proves("ecs refused requests")
def test_a_container_whose_entry_point_would_run_a_function_is_refused() -> None:
    with pytest.raises(ClientError, match="that of Lambda's base image runs functions"):
        command_of({"command": ["b"]})
