"""Connects ECS to the other services. It takes the place of moto's, whose tasks don't run, and which imports EC2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.core.responses import BaseResponse

from localaws.ecs.api import EcsApi, task_event
from localaws.ecs.registry import Registry
from localaws.ecs.task import Task
from localaws.ecs.tasks import Tasks

# Source, detail type, detail, resources.
Put = Callable[[str, str, Mapping[str, Any], list[str]], None]


def api_of(registry: Registry, tasks: Tasks) -> type[BaseResponse]:
    """The class that implements the API."""

    class Api(EcsApi):
        pass

    Api.registry, Api.tasks, Api.tokens = registry, tasks, {}
    return Api


def status_events(put: Put) -> Callable[[Task], None]:
    """Puts an event for each change of the status of a task."""

    def report(task: Task) -> None:
        put("aws.ecs", "ECS Task State Change", task_event(task.wanted.definition, task), [task.arn])

    return report
