"""Runs jobs: waits for what they depend on and for vCPUs, starts their attempts, and notes how they end."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator

from localaws.batch.attempts import Attempts, describe_attempt, status_reason
from localaws.batch.errors import ClientError
from localaws.batch.job import (
    ENDED,
    FAILED,
    PENDING,
    RUNNABLE,
    RUNNING,
    STARTING,
    SUBMITTED,
    SUCCEEDED,
    WAITING,
    Job,
    Wanted,
    container_reason,
)
from localaws.batch.registry import ENABLED, ComputeEnvironment, Registry
from localaws.batch.retries import Failure, is_retried
from localaws.clock import Clock
from localaws.ecs.errors import ClientError as EcsError
from localaws.ecs.task import Task

logger = logging.getLogger(__name__)
_LOOK_SECONDS = 0.05
_TIMED_OUT = "Job attempt duration exceeded timeout"
_DEPENDENT = "Dependent Job failed"
_TOO_LARGE = (
    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the job queue cannot meet the CPU "
    "requirement of the job."
)
_NO_ENVIRONMENT = "MISCONFIGURATION: no compute environment of the job queue is ENABLED."


class Jobs:
    """All jobs; each that runs has a thread. `changed` is called at each change of a status."""

    def __init__(self, registry: Registry, attempts: Attempts, clock: Clock, changed: Callable[[Job], None]) -> None:
        self._registry, self._attempts, self._clock, self._changed = registry, attempts, clock, changed
        self._jobs: dict[str, Job] = {}
        self._threads: set[threading.Thread] = set()
        # It's taken again by what an end sets off: dependents, the array, the next in the queue.
        self._lock = threading.RLock()
        self._closing = False

    def submit(self, wanted: Wanted) -> Job:
        """Add a job, or an array with its children; raises ClientError if it depends on a job that isn't there."""
        with self._lock:
            for each in wanted.depends_on:
                if each not in self._jobs:
                    raise ClientError(f"Error executing request, Exception : Job {each} does not exist.")
            now = self._clock.now()
            job = Job(f"{self._registry.prefix}:job/{uuid.uuid4()}", wanted, now)
            self._jobs[job.id] = job
            for index in range(wanted.array_size or 0):
                child = Job(f"{job.arn}:{index}", wanted, now, index, job)
                job.children.append(child)
                self._jobs[child.id] = child
            self.advance()
        return job

    def find(self, identifier: str) -> Job | None:
        """The job of an id, or None."""
        return self._jobs.get(identifier)

    def all(self) -> list[Job]:
        """All jobs but the children of arrays, the oldest first; those that have ended too."""
        with self._lock:
            return [job for job in self._jobs.values() if job.parent is None]

    def cancel(self, job: Job, reason: str) -> None:
        """End a job, or the children of an array, that waits. One that runs goes on."""
        with self._lock:
            for each in job.children or [job]:
                if each.status in WAITING:
                    each.cancelled = True
                    self._end(each, FAILED, reason)
            self.advance()

    def terminate(self, job: Job, reason: str) -> None:
        """End a job, or the children of an array, wherever it is."""
        with self._lock:
            for each in job.children or [job]:
                if each.has_ended:
                    continue
                each.terminated = reason
                if each.status in WAITING:
                    self._end(each, FAILED, reason)
                elif each.task:
                    self._attempts.stop(each.task, reason)
            self.advance()

    def advance(self) -> None:
        """Move on all jobs that can: after a submission, an end, or a change of a queue."""
        with self._lock:
            for job in list(self._jobs.values()):
                if job.status in (SUBMITTED, PENDING) and not job.children:
                    self._look_at_dependencies(job)
            blocked: set[str] = set()
            for job in self._in_order():
                if job.wanted.queue.name not in blocked and not self._start(job):
                    # Jobs of a queue start in their order.
                    blocked.add(job.wanted.queue.name)

    def forget_all(self) -> None:
        """Kill and forget all jobs."""
        with self._lock:
            self._closing = True
            threads = list(self._threads)
            for job in self._jobs.values():
                if job.task and not job.has_ended:
                    self._attempts.kill(job.task)
        for thread in threads:
            thread.join()
        with self._lock:
            self._jobs.clear()
            self._attempts.forget_all()
            self._closing = False

    def _look_at_dependencies(self, job: Job) -> None:
        needed = [self._jobs[each] for each in job.wanted.depends_on]
        if any(each.status == FAILED for each in needed):
            self._end(job, FAILED, _DEPENDENT)
        elif all(each.status == SUCCEEDED for each in needed):
            self._to(job, RUNNABLE)
        elif job.status == SUBMITTED:
            self._to(job, PENDING)
        if job.parent and job.parent.status == SUBMITTED:
            self._to(job.parent, PENDING)

    def _in_order(self) -> Iterator[Job]:
        """The jobs that could start: those of the queues with the highest priority first, then the oldest."""
        runnable = [job for job in self._jobs.values() if job.status == RUNNABLE]
        return iter(sorted(runnable, key=lambda job: -job.wanted.queue.priority))

    def _start(self, job: Job) -> bool:
        """Start a job in the first compute environment with free vCPUs; False if there's none now."""
        environments = [self._registry.environment(arn) for arn in job.wanted.queue.environments]
        enabled = [each for each in environments if each.state == ENABLED]
        large = [each for each in enabled if each.most_vcpus >= job.wanted.vcpus]
        job.status_reason = _NO_ENVIRONMENT if not enabled else "" if large else _TOO_LARGE
        free = next((each for each in large if self._free(each) >= job.wanted.vcpus), None)
        if free is None or self._closing:
            return False
        job.environment = free.name
        self._to(job, STARTING)
        thread = threading.Thread(target=self._run, args=(job, free), name=f"job {job.id}", daemon=True)
        self._threads.add(thread)
        thread.start()
        return True

    def _free(self, environment: ComputeEnvironment) -> float:
        """The vCPUs of a compute environment that no job uses."""
        used = [
            job.wanted.vcpus
            for job in self._jobs.values()
            if job.environment == environment.name and job.status in (STARTING, RUNNING)
        ]
        return environment.most_vcpus - sum(used)

    def _run(self, job: Job, environment: ComputeEnvironment) -> None:
        try:
            self._run_attempt(job, environment)
        except EcsError as error:
            self._ended(job, FAILED, error.message)
        except Exception as error:
            logger.exception("Job %s could not be run.", job.arn)
            self._ended(job, FAILED, f"{type(error).__name__}: {error}")
        finally:
            with self._lock:
                self._threads.discard(threading.current_thread())

    def _run_attempt(self, job: Job, environment: ComputeEnvironment) -> None:
        """Run an attempt to its end; then the job has ended, or is runnable again."""
        with self._lock:
            if self._closing:
                return
            task = job.task = self._attempts.start(job, environment)
            if job.terminated is not None:
                self._attempts.stop(task, job.terminated)
        timed_out = self._wait(job, task)
        with self._lock:
            job.attempts.append(describe_attempt(job.wanted.definition, task))
            failure = Failure(task.code, container_reason(task) or "", status_reason(task))
            if job.terminated is not None:
                self._ended(job, FAILED, job.terminated)
            elif timed_out:
                self._ended(job, FAILED, _TIMED_OUT)
            elif task.code == 0:
                self._ended(job, SUCCEEDED, failure.status_reason)
            elif is_retried(job.wanted.retry, len(job.attempts), failure) and not self._closing:
                self._to(job, RUNNABLE, failure.status_reason)
                self.advance()
            else:
                self._ended(job, FAILED, failure.status_reason)

    def _wait(self, job: Job, task: Task) -> bool:
        """Follow an attempt to its end; returns whether its time ran out."""
        timed_out = False
        while not task.ended.wait(_LOOK_SECONDS):
            self._note_start(job, task)
            limit = job.wanted.timeout
            if limit and task.started and not timed_out and self._clock.now() > task.started + limit:
                timed_out = True
                self._attempts.stop(task, _TIMED_OUT)
        self._note_start(job, task)
        return timed_out

    def _note_start(self, job: Job, task: Task) -> None:
        with self._lock:
            if task.started and job.status == STARTING:
                job.started = task.started
                self._to(job, RUNNING)

    def _ended(self, job: Job, status: str, reason: str) -> None:
        with self._lock:
            self._end(job, status, reason)
            self.advance()

    def _end(self, job: Job, status: str, reason: str) -> None:
        """Note the end of a job, and of its array once all of its children have ended."""
        job.stopped = job.task.stopped if job.task and job.task.stopped else self._clock.now()
        self._to(job, status, reason)
        parent = job.parent
        if parent and all(child.has_ended for child in parent.children):
            parent.stopped = self._clock.now()
            failed = any(child.status == FAILED for child in parent.children)
            self._to(parent, FAILED if failed else SUCCEEDED, "Array Child Job failed" if failed else "")

    def _to(self, job: Job, status: str, reason: str = "") -> None:
        if job.status in ENDED:
            return
        job.status, job.status_reason = status, reason
        self._changed(job)
