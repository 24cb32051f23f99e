"""Connects AWS Batch to the other services. It takes the place of moto's, whose jobs need Docker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.core.responses import BaseResponse

from localaws.batch.api import BatchApi
from localaws.batch.job import Job
from localaws.batch.jobs import Jobs
from localaws.batch.registry import Registry
from localaws.builds.image_files import Image

# Source, detail type, detail, resources.
Put = Callable[[str, str, Mapping[str, Any], list[str]], None]


def api_of(registry: Registry, jobs: Jobs, images: Callable[[str], Image | None]) -> type[BaseResponse]:
    """The class that implements the API."""

    class Api(BatchApi):
        pass

    Api.registry, Api.jobs, Api.images = registry, jobs, staticmethod(images)
    return Api


def status_events(put: Put) -> Callable[[Job], None]:
    """Puts an event for each change of the status of a job."""

    def report(job: Job) -> None:
        put("aws.batch", "Batch Job State Change", job.describe(), [job.arn])

    return report
