"""Jobs that a task with `.sync` starts in another service, follows and stops: tasks of ECS, jobs of AWS Batch."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from localaws.stepfunctions.language.errors import TASK_FAILED, StateError
from localaws.stepfunctions.language.intrinsics import compact

_FIRST_LOOK, _LAST_LOOK, _GROWTH = 0.1, 2.0, 1.5
SERVICES = ("batch", "ecs")
# Calls an action with its parameters in the name of the state machine's role.
Ask = Callable[[str, Mapping[str, Any]], Awaitable[Any]]


_STOPPED = "The execution that started it has ended."


class Job(Protocol):
    """Something that was started and runs in another service."""

    async def ended(self, ask: Ask) -> Any:
        """Its description once it has ended; raises StateError if it failed."""

    async def stop(self, ask: Ask) -> None:
        """Stop it, since nobody waits for it any more."""


@dataclass(frozen=True)
class TasksOfEcs:
    """A task of ECS that `runTask` has started."""

    cluster: str | None
    arn: str

    @classmethod
    def of(cls, parameters: Mapping[str, Any], started: Mapping[str, Any]) -> TasksOfEcs:
        """The task that a call has started; raises StateError if it started none."""
        if started.get("Failures") or not started.get("Tasks"):
            raise StateError("AmazonECS.Unknown", compact(started))
        named = {name.lower(): value for name, value in parameters.items()}
        return cls(named.get("cluster"), started["Tasks"][0]["TaskArn"])

    async def ended(self, ask: Ask) -> Any:
        """The task once it has stopped; raises StateError if its container failed or never ran."""

        async def look() -> Any:
            (task,) = (await ask("describeTasks", self._named("Tasks", [self.arn])))["Tasks"]
            return task

        task = await _once(look, lambda found: found["LastStatus"] == "STOPPED")
        if any(container.get("ExitCode") != 0 for container in task["Containers"]):
            raise StateError(TASK_FAILED, compact(task))
        return task

    async def stop(self, ask: Ask) -> None:
        """Stop the task, since nobody waits for it any more."""
        await ask("stopTask", {**self._named("Task", self.arn), "Reason": _STOPPED})

    def _named(self, name: str, value: Any) -> dict[str, Any]:
        return {name: value, **({"Cluster": self.cluster} if self.cluster else {})}


@dataclass(frozen=True)
class JobOfBatch:
    """A job of AWS Batch that `submitJob` has started."""

    id: str

    async def ended(self, ask: Ask) -> Any:
        """The job once it has succeeded; raises StateError if it has failed."""

        async def look() -> Any:
            (job,) = (await ask("describeJobs", {"Jobs": [self.id]}))["Jobs"]
            return job

        job = await _once(look, lambda found: found["Status"] in ("SUCCEEDED", "FAILED"))
        if job["Status"] == "FAILED":
            raise StateError(TASK_FAILED, compact(job))
        return job

    async def stop(self, ask: Ask) -> None:
        """Terminate the job, since nobody waits for it any more."""
        await ask("terminateJob", {"JobId": self.id, "Reason": _STOPPED})


def job_of(service: str, parameters: Mapping[str, Any], started: Mapping[str, Any]) -> Job:
    """The job that a call of a service has started; raises StateError if it started none."""
    return JobOfBatch(started["JobId"]) if service == "batch" else TasksOfEcs.of(parameters, started)


async def _once(look: Callable[[], Awaitable[Any]], is_over: Callable[[Any], bool]) -> Any:
    """What is looked at, as soon as it's over."""
    pause = _FIRST_LOOK
    while not is_over(found := await look()):
        await asyncio.sleep(pause)
        pause = min(_LAST_LOOK, pause * _GROWTH)
    return found
