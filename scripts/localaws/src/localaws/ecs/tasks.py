"""Runs tasks: starts their containers, writes their logs, stops them."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from moto.logs.models import logs_backends

from localaws.builds.image_files import Image
from localaws.clock import Clock
from localaws.ecs.errors import AccessDenied, ClientError
from localaws.ecs.process import Container, Containers
from localaws.ecs.task import DEACTIVATING, PENDING, RUNNING, STOPPED, Task, Wanted
from localaws.iam.guard import Guard
from localaws.iam.sender import Sender
from localaws.lambdas.log_writer import LogWriter
from localaws.runtime.output import LogLine
from localaws.settings import ACCOUNT, Settings

logger = logging.getLogger(__name__)
# The code of a container that the kernel or ECS kills.
_KILLED = 137
_NOT_EXECUTABLE = 127
PRINCIPAL = "ecs-tasks.amazonaws.com"


class NotStarted(Exception):
    """A task can't start, for the reason that ECS gives."""


class Tasks:
    """All tasks, each in a thread. `images` finds an image by its URI, `changed` is called at each change of a status.

    `containers` is set where containers can be run.
    """

    def __init__(
        self,
        settings: Settings,
        images: Callable[[str], Image | None],
        logs: LogWriter,
        clock: Clock,
        guard: Guard,
        changed: Callable[[Task], None],
    ) -> None:
        self._settings, self._logs, self._clock, self._guard = settings, logs, clock, guard
        self.images, self._changed = images, changed
        self.containers: Containers | None = None
        self._tasks: dict[str, Task] = {}
        self._lock = threading.Lock()

    def check_roles(self, wanted: Wanted, access_key: str | None = None) -> None:
        """Raise AccessDenied for a role that who asks may not pass to ECS, ClientError for one that ECS may not assume.

        Without an access key it's a service that asks, to which the roles were passed before.
        """
        for role in filter(None, (wanted.task_role, wanted.execution_role)):
            passed = {"iam:PassedToService": PRINCIPAL}
            if access_key and (missing := self._guard.denied_to_key(access_key, "iam:PassRole", role, passed)):
                raise AccessDenied(missing.message)
            if self._guard.untrusted(Sender(PRINCIPAL, wanted.definition.arn, role)):
                raise ClientError(
                    f"ECS was unable to assume the role '{role}' that was provided for this task. Please verify that "
                    "the role being passed has the proper trust relationship and permissions and that your IAM user "
                    "has permissions to pass this role."
                )

    def start(self, wanted: Wanted) -> Task:
        """Start a task."""
        prefix = f"arn:aws:ecs:{self._settings.region}:{ACCOUNT}"
        arn = f"{prefix}:task/{wanted.cluster.name}/{uuid.uuid4().hex}"
        task = Task(arn, wanted, self._clock.now())
        with self._lock:
            self._tasks[arn] = task
        threading.Thread(target=self._run, args=(task,), name=f"task {task.id}", daemon=True).start()
        return task

    def find(self, named: str) -> Task | None:
        """The task of an id or ARN, or None."""
        identifier = named.rpartition("/")[2]
        return next((task for task in self.all() if task.id == identifier), None)

    def all(self) -> list[Task]:
        """All tasks, the oldest first; those that have stopped too."""
        with self._lock:
            return list(self._tasks.values())

    def stop(self, task: Task, reason: str) -> None:
        """Ask a task to stop: SIGTERM, and SIGKILL if it doesn't within its time."""
        if not task.has_stopped:
            task.end("UserInitiated", reason)
            task.stop.asked.set()

    def forget_all(self) -> None:
        """Kill and forget all tasks."""
        for task in self.all():
            self.stop(task, "Local AWS ends.")
            task.stop.at_once.set()
        for task in self.all():
            task.ended.wait()
        with self._lock:
            self._tasks.clear()

    def _run(self, task: Task) -> None:
        try:
            self._to(task, PENDING)
            container, write = self._prepare(task)
            if not task.stop.asked.is_set():
                self._to_end(task, container, write)
        except NotStarted as error:
            task.end("TaskFailedToStart", str(error))
        except Exception as error:
            logger.exception("Task %s could not be run.", task.arn)
            task.end("TaskFailedToStart", f"{type(error).__name__}: {error}")
        finally:
            task.stopped = self._clock.now()
            self._logs.flush()
            self._to(task, STOPPED)
            task.ended.set()

    def _to_end(self, task: Task, container: Container, write: Callable[[list[LogLine]], None]) -> None:
        assert self.containers is not None

        def started() -> None:
            task.started = self._clock.now()
            self._to(task, RUNNING)

        ended = self.containers.run(container, self._now_ms, write, task.stop, started)
        if ended.out_of_memory:
            task.code = _KILLED
            task.container_reason = "OutOfMemoryError: Container killed due to memory usage"
        else:
            task.code = ended.code
            if ended.code == _NOT_EXECUTABLE:
                task.container_reason = f"CannotStartContainerError: {container.command[0]} could not be executed"
        task.end("EssentialContainerExited", "Essential container in task exited")
        self._to(task, DEACTIVATING)

    def _prepare(self, task: Task) -> tuple[Container, Callable[[list[LogLine]], None]]:
        """What to run, and what takes its output; raises NotStarted."""
        wanted = task.wanted
        defined = wanted.definition.container
        if self.containers is None:
            raise NotStarted("Local AWS runs no tasks while functions run in containers (`sam local`).")
        uri = defined["image"]
        image = self.images(uri)
        if image is None:
            raise NotStarted(
                f"CannotPullContainerError: {uri} not found. Local AWS runs only images that it has built from a "
                "Dockerfile of a template."
            )
        self._check_pull(wanted, task, uri)
        write = self._log(wanted, task)
        environment = {**_location(self._settings), **wanted.environment, **self._credentials(wanted, task)}
        container = Container(
            name=defined["name"],
            image=image,
            command=wanted.command,
            environment=environment,
            folder=defined.get("workingDirectory"),
            memory=wanted.memory,
            storage=wanted.storage_gib * 1024,
            stop_seconds=wanted.definition.stop_seconds,
            region=self._settings.region,
        )
        return container, write

    def _credentials(self, wanted: Wanted, task: Task) -> dict[str, str]:
        """The variables with the keys of the task's role, if it has one."""
        if not wanted.task_role:
            return {}
        keys = self._guard.credentials.give(wanted.task_role, task.id)
        return {
            "AWS_ACCESS_KEY_ID": keys.access_key,
            "AWS_SECRET_ACCESS_KEY": keys.secret_key,
            "AWS_SESSION_TOKEN": keys.token,
        }

    def _check_pull(self, wanted: Wanted, task: Task, uri: str) -> None:
        """Images in ECR are pulled in the name of the execution role."""
        registry, _, rest = uri.partition("/")
        if not wanted.execution_role:
            raise NotStarted("CannotPullContainerError: images in ECR need an execution role.")
        repository = f"arn:aws:ecr:{self._settings.region}:{ACCOUNT}:repository/{rest.partition(':')[0]}"
        needed = {"ecr:GetAuthorizationToken": "*"} | dict.fromkeys(
            ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"), repository
        )
        for action, resource in needed.items():
            missing = self._guard.denied_to_role(wanted.execution_role, task.id, action, resource)
            if missing:
                raise NotStarted(f"CannotPullContainerError: pull from {registry} was denied: {missing}")

    def _log(self, wanted: Wanted, task: Task) -> Callable[[list[LogLine]], None]:
        """What writes the output to CloudWatch Logs; raises NotStarted if it can't."""
        options = wanted.definition.log_options
        if not options:
            return _dropped
        group = options["awslogs-group"]
        stream = f"{options['awslogs-stream-prefix']}/{wanted.definition.container['name']}/{task.id}"
        backend: Any = logs_backends[ACCOUNT][self._settings.region]
        creates = str(options.get("awslogs-create-group", "false")).lower() == "true"
        if group not in backend.groups and not creates:
            raise NotStarted(
                "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
                f"The specified log group does not exist: {group}"
            )
        arn = f"arn:aws:logs:{self._settings.region}:{ACCOUNT}:log-group:{group}"
        needed = {
            "logs:CreateLogStream": f"{arn}:log-stream:{stream}",
            "logs:PutLogEvents": f"{arn}:log-stream:{stream}",
        }
        if group not in backend.groups:
            needed["logs:CreateLogGroup"] = f"{arn}:*"
        for action, resource in needed.items():
            missing = self._guard.denied_to_role(wanted.execution_role, task.id, action, resource)
            if missing:
                raise NotStarted(f"ResourceInitializationError: failed to validate logger args: {missing}")
        return lambda lines: self._logs.write(group, stream, lines)

    def _to(self, task: Task, status: str) -> None:
        task.status = status
        self._changed(task)

    def _now_ms(self) -> int:
        return int(self._clock.now() * 1000)


def _dropped(_: list[LogLine]) -> None:
    """Output without a log driver."""


def _location(settings: Settings) -> Mapping[str, str]:
    """The variables that containers on Fargate have, and the address of local AWS."""
    return {
        "AWS_REGION": settings.region,
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
        "AWS_ENDPOINT_URL": settings.endpoint_url,
    }
