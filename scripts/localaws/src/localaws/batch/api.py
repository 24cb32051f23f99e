"""AWS Batch's API: compute environments, job queues, job definitions and jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.core.responses import ActionResult, BaseResponse

from localaws.batch.errors import ClientError, only
from localaws.batch.job import RUNNING, STATUSES, Job
from localaws.batch.jobs import Jobs
from localaws.batch.registry import QUEUE_TYPE, ComputeEnvironment, JobQueue, Registry
from localaws.batch.requests import read_submission
from localaws.builds.image_files import Image

_LIST = frozenset({"arrayJobId", "jobQueue", "jobStatus", "maxResults", "nextToken"})
_MOST_DESCRIBED = 100


class BatchApi(BaseResponse):
    """One method per operation; others are refused by name."""

    registry: Registry
    jobs: Jobs
    images: Callable[[str], Image | None]

    def __init__(self) -> None:
        super().__init__(service_name="batch")
        self.automated_parameter_parsing = True

    def create_compute_environment(self) -> ActionResult:
        """CreateComputeEnvironment."""
        return self._named_environment(self.registry.create_environment(self.params))

    def describe_compute_environments(self) -> ActionResult:
        """DescribeComputeEnvironments: all if none is named."""
        named = {str(each).rpartition("/")[2] for each in self.params.get("computeEnvironments") or []}
        found = [each for each in self.registry.environments() if not named or each.name in named]
        return ActionResult({"computeEnvironments": [_environment(each) for each in found]})

    def update_compute_environment(self) -> ActionResult:
        """UpdateComputeEnvironment."""
        updated = self.registry.update_environment(self.params)
        self.jobs.advance()
        return self._named_environment(updated)

    def delete_compute_environment(self) -> ActionResult:
        """DeleteComputeEnvironment, once it's disabled and no queue has it."""
        self.registry.delete_environment(self.params["computeEnvironment"])
        return ActionResult({})

    def create_job_queue(self) -> ActionResult:
        """CreateJobQueue."""
        return self._named_queue(self.registry.create_queue(self.params))

    def describe_job_queues(self) -> ActionResult:
        """DescribeJobQueues: all if none is named."""
        named = {str(each).rpartition("/")[2] for each in self.params.get("jobQueues") or []}
        found = [each for each in self.registry.queues() if not named or each.name in named]
        return ActionResult({"jobQueues": [_queue(each) for each in found]})

    def update_job_queue(self) -> ActionResult:
        """UpdateJobQueue."""
        updated = self.registry.update_queue(self.params)
        self.jobs.advance()
        return self._named_queue(updated)

    def delete_job_queue(self) -> ActionResult:
        """DeleteJobQueue, once it's disabled: its jobs are terminated."""
        name = str(self.params["jobQueue"]).rpartition("/")[2]
        self.registry.delete_queue(name)
        for job in self.jobs.all():
            if job.wanted.queue.name == name:
                self.jobs.terminate(job, "The job queue was deleted.")
        return ActionResult({})

    def register_job_definition(self) -> ActionResult:
        """RegisterJobDefinition."""
        made = self.registry.definitions.register(self.params)
        return ActionResult({"jobDefinitionName": made.name, "jobDefinitionArn": made.arn, "revision": made.revision})

    def describe_job_definitions(self) -> ActionResult:
        """DescribeJobDefinitions: by name, by names with revisions or ARNs, and by status."""
        name, status = self.params.get("jobDefinitionName"), self.params.get("status")
        named = {str(each).rpartition("/")[2] for each in self.params.get("jobDefinitions") or []}
        found = [
            {**each.described, "tags": dict(each.tags)}
            for each in self.registry.definitions.all()
            if name in (None, each.name)
            and status in (None, each.described["status"])
            and (not named or {each.name, f"{each.name}:{each.revision}"} & named)
        ]
        return ActionResult({"jobDefinitions": found})

    def deregister_job_definition(self) -> ActionResult:
        """DeregisterJobDefinition."""
        self.registry.definitions.deregister(self.params["jobDefinition"])
        return ActionResult({})

    def submit_job(self) -> ActionResult:
        """SubmitJob."""
        job = self.jobs.submit(read_submission(self.params, self.registry, self.images))
        return ActionResult({"jobArn": job.arn, "jobName": job.wanted.name, "jobId": job.id})

    def describe_jobs(self) -> ActionResult:
        """DescribeJobs: those of the ids that there are."""
        named = self.params.get("jobs") or []
        if len(named) > _MOST_DESCRIBED:
            raise ClientError(f"Error executing request, Exception : {_MOST_DESCRIBED} jobs at most are described.")
        found = [self.jobs.find(str(each).rpartition("/")[2]) for each in named]
        return ActionResult({"jobs": [job.describe() for job in found if job]})

    def list_jobs(self) -> ActionResult:
        """ListJobs: of a queue or of an array, those that run or have another status."""
        only(self.params, _LIST, "ListJobs")
        status = self.params.get("jobStatus") or RUNNING
        if status not in STATUSES:
            raise ClientError(f"Error executing request, Exception : jobStatus must be one of {', '.join(STATUSES)}.")
        found = [job.summary() for job in self._listed() if job.status == status]
        start = int(self.params.get("nextToken") or 0)
        end = start + int(self.params.get("maxResults") or len(found) or 1)
        more = {"nextToken": str(end)} if end < len(found) else {}
        return ActionResult({"jobSummaryList": found[start:end], **more})

    def cancel_job(self) -> ActionResult:
        """CancelJob: a job that has begun to start goes on."""
        if job := self.jobs.find(self.params["jobId"]):
            self.jobs.cancel(job, self.params["reason"])
        return ActionResult({})

    def terminate_job(self) -> ActionResult:
        """TerminateJob: the container gets SIGTERM, and SIGKILL 30 seconds later."""
        if job := self.jobs.find(self.params["jobId"]):
            self.jobs.terminate(job, self.params["reason"])
        return ActionResult({})

    def _listed(self) -> list[Job]:
        array, queue = self.params.get("arrayJobId"), self.params.get("jobQueue")
        if bool(array) == bool(queue):
            raise ClientError("Error executing request, Exception : one of jobQueue and arrayJobId is needed.")
        if array:
            found = self.jobs.find(array)
            return found.children if found else []
        name = self.registry.queue(str(queue)).name
        return [job for job in self.jobs.all() if job.wanted.queue.name == name]

    @staticmethod
    def _named_environment(of: ComputeEnvironment) -> ActionResult:
        return ActionResult({"computeEnvironmentName": of.name, "computeEnvironmentArn": of.arn})

    @staticmethod
    def _named_queue(of: JobQueue) -> ActionResult:
        return ActionResult({"jobQueueName": of.name, "jobQueueArn": of.arn})


def _environment(of: ComputeEnvironment) -> Mapping[str, Any]:
    return {
        "computeEnvironmentName": of.name,
        "computeEnvironmentArn": of.arn,
        "ecsClusterArn": of.cluster.arn,
        "tags": of.tags,
        "type": "MANAGED",
        "state": of.state,
        "status": "VALID",
        "statusReason": "ComputeEnvironment Healthy",
        "computeResources": of.resources,
        "serviceRole": of.service_role,
        "containerOrchestrationType": "ECS",
    }


def _queue(of: JobQueue) -> Mapping[str, Any]:
    order = [{"order": place, "computeEnvironment": arn} for place, arn in enumerate(of.environments, 1)]
    return {
        "jobQueueName": of.name,
        "jobQueueArn": of.arn,
        "state": of.state,
        "status": "VALID",
        "statusReason": "JobQueue Healthy",
        "priority": of.priority,
        "computeEnvironmentOrder": order,
        "jobQueueType": QUEUE_TYPE,
        "tags": of.tags,
    }
