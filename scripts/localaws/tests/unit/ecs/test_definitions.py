"""Task definitions that are taken, and those that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.ecs.definitions import check_definition
from localaws.ecs.errors import ClientError
from localaws.ecs.sizes import check_size, units

CONTAINER: dict[str, Any] = {"name": "main", "image": "image:1", "entryPoint": ["python3"]}
GIVEN: dict[str, Any] = {
    "family": "work",
    "cpu": "1 vCPU",
    "memory": "2GB",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "containerDefinitions": [CONTAINER],
}
LOGS = {"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-region": "r", "awslogs-stream-prefix": "p"}}


@pytest.mark.proves("ecs sizes")
@pytest.mark.parametrize(
    ("cpu", "memory"), [(256, 512), (256, 2048), (1024, 2048), (4096, 30720), (8192, 20480), (16384, 122880)]
)
def test_a_size_of_fargate_is_taken(cpu: int, memory: int) -> None:
    check_size(cpu, memory)


@pytest.mark.proves("ecs sizes")
@pytest.mark.parametrize(("cpu", "memory"), [(256, 4096), (1024, 1024), (4096, 31744), (8192, 17408), (300, 1024)])
def test_another_size_is_refused(cpu: int, memory: int) -> None:
    with pytest.raises(ClientError, match=f"No Fargate configuration exists for given values: {cpu} CPU, {memory}"):
        check_size(cpu, memory)


@pytest.mark.proves("ecs sizes")
@pytest.mark.parametrize(("text", "expected"), [("1024", 1024), ("1 vCPU", 1024), (".5 vcpu", None), ("0.5GB", 512)])
def test_a_size_has_units(text: str, expected: int | None) -> None:
    if expected is None:
        with pytest.raises(ClientError):
            units(text)
    else:
        assert units(text) == expected


@pytest.mark.proves("ecs refused definitions")
def test_a_definition_of_fargate_is_taken() -> None:
    check_definition(GIVEN)
    check_definition(
        {**GIVEN, "executionRoleArn": "r", "containerDefinitions": [{**CONTAINER, "logConfiguration": LOGS}]}
    )


@pytest.mark.proves("ecs refused definitions")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"volumes": [{"name": "v"}]}, "doesn't support volumes of task definitions"),
        ({"networkMode": "bridge"}, "tasks of Fargate only"),
        ({"requiresCompatibilities": ["EC2"]}, "tasks of Fargate only"),
        ({"containerDefinitions": [CONTAINER, {**CONTAINER, "name": "side"}]}, "exactly one container"),
        (
            {"containerDefinitions": [{**CONTAINER, "secrets": [{"name": "s"}]}]},
            "support secrets of containers",
        ),
        ({"containerDefinitions": [{**CONTAINER, "essential": False}]}, "at least one container must be essential"),
        ({"containerDefinitions": [{**CONTAINER, "stopTimeout": 121}]}, "120 seconds at most"),
        ({"containerDefinitions": [{**CONTAINER, "logConfiguration": LOGS}]}, "execution role ARN"),
        ({"containerDefinitions": [{**CONTAINER, "logConfiguration": {"logDriver": "splunk"}}]}, "awslogs only"),
        ({"containerDefinitions": [{"name": "main"}]}, "Container.image should not be null or empty"),
        ({"ephemeralStorage": {"sizeInGiB": 500}}, "from 21 to 200 GiB"),
        ({"cpu": ""}, "requires that 'cpu' be defined"),
    ],
)
def test_what_is_not_run_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        check_definition({**GIVEN, **changes})
