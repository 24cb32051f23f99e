"""One attempt of a job: a task of ECS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.logs.models import logs_backends

from localaws.batch.definitions import CONTAINER, DEFAULT_GROUP, JobDefinition
from localaws.batch.job import Job, Wanted, container_reason, failed_to_start, milliseconds, stream_of
from localaws.batch.registry import ComputeEnvironment
from localaws.builds.image_files import Image
from localaws.ecs.definitions import TaskDefinition
from localaws.ecs.registry import Registry
from localaws.ecs.task import Task
from localaws.ecs.task import Wanted as WantedTask
from localaws.ecs.tasks import Tasks
from localaws.settings import ACCOUNT

FAILED_TO_START = "Task failed to start"


class Attempts:
    """Starts the tasks of jobs. `images` finds an image by its URI."""

    def __init__(self, tasks: Tasks, registry: Registry, region: str, images: Callable[[str], Image | None]) -> None:
        self._tasks, self._registry, self._region, self._images = tasks, registry, region, images
        self._definitions: dict[str, TaskDefinition] = {}

    def start(self, job: Job, environment: ComputeEnvironment) -> Task:
        """Start the next attempt of a job in a compute environment; raises ClientError if ECS refuses it."""
        wanted = job.wanted
        definition = self._definition(wanted)
        container = wanted.definition.container
        image = self._images(container["image"])
        self._create_group(definition)
        task = WantedTask(
            cluster=environment.cluster,
            definition=definition,
            cpu=wanted.cpu,
            memory=wanted.memory,
            storage_gib=definition.storage_gib,
            command=(*(image.entry_point if image else ()), *wanted.command),
            environment={**wanted.environment, **self._variables(job, environment)},
            task_role=container.get("jobRoleArn") or "",
            execution_role=container["executionRoleArn"],
            overrides={},
            provider=environment.provider,
            group=f"family:{definition.family}",
            started_by=job.id,
            tags=wanted.tags if wanted.propagates_tags else {},
        )
        self._tasks.check_roles(task)
        return self._tasks.start(task)

    def stop(self, task: Task, reason: str) -> None:
        """Ask an attempt to stop."""
        self._tasks.stop(task, reason)

    def kill(self, task: Task) -> None:
        """End an attempt at once."""
        self._tasks.stop(task, "Local AWS ends.")
        task.stop.at_once.set()

    def forget_all(self) -> None:
        """Forget the task definitions."""
        self._definitions.clear()

    def _definition(self, wanted: Wanted) -> TaskDefinition:
        """The task definition of a job definition, registered as its first job starts; each task has its own size."""
        of = wanted.definition
        if of.arn not in self._definitions:
            container = of.container
            logging = {"logDriver": "awslogs", "options": {"awslogs-region": self._region, **of.log_options}}
            given: dict[str, Any] = {
                "family": f"{of.name}-{of.revision}",
                "networkMode": "awsvpc",
                "requiresCompatibilities": ["FARGATE"],
                "cpu": str(wanted.cpu),
                "memory": str(wanted.memory),
                "executionRoleArn": container["executionRoleArn"],
                "containerDefinitions": [{"name": CONTAINER, "image": container["image"], "logConfiguration": logging}],
            }
            if container.get("jobRoleArn"):
                given["taskRoleArn"] = container["jobRoleArn"]
            if container.get("ephemeralStorage"):
                given["ephemeralStorage"] = container["ephemeralStorage"]
            self._definitions[of.arn] = self._registry.register(given)
        return self._definitions[of.arn]

    def _create_group(self, definition: TaskDefinition) -> None:
        """Batch itself creates its own log group."""
        backend: Any = logs_backends[ACCOUNT][self._region]
        if definition.log_options["awslogs-group"] == DEFAULT_GROUP and DEFAULT_GROUP not in backend.groups:
            backend.create_log_group(DEFAULT_GROUP, {})

    def _variables(self, job: Job, environment: ComputeEnvironment) -> dict[str, str]:
        """The variables that Batch sets."""
        found = {
            "AWS_BATCH_CE_NAME": environment.name,
            "AWS_BATCH_JOB_ATTEMPT": str(len(job.attempts) + 1),
            "AWS_BATCH_JOB_ID": job.id,
            "AWS_BATCH_JQ_NAME": job.wanted.queue.name,
        }
        if job.parent is not None:
            found["AWS_BATCH_JOB_ARRAY_INDEX"] = str(job.index)
            found["AWS_BATCH_JOB_ARRAY_SIZE"] = str(job.parent.wanted.array_size)
        return found


def describe_attempt(definition: JobDefinition, task: Task) -> dict[str, Any]:
    """An attempt that has ended, as the API has it."""
    container: dict[str, Any] = {
        "taskArn": task.arn,
        "exitCode": task.code,
        "reason": container_reason(task),
        "logStreamName": stream_of(definition, task) if task.started else None,
        "networkInterfaces": [],
    }
    attempt = {
        "container": {key: value for key, value in container.items() if value is not None},
        "startedAt": milliseconds(task.started),
        "stoppedAt": milliseconds(task.stopped),
        "statusReason": status_reason(task),
    }
    return {key: value for key, value in attempt.items() if value is not None}


def status_reason(task: Task) -> str:
    """Why an attempt ended."""
    return FAILED_TO_START if failed_to_start(task) else str(task.reason)
