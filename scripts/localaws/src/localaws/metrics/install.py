"""The place where moto's CloudWatch is changed."""

from __future__ import annotations

from moto.cloudwatch import urls
from moto.core.common_types import TYPE_RESPONSE

from localaws.metrics.api import MetricsApi
from localaws.metrics.cloudwatch import CloudWatch
from localaws.moto_patches import MotoPatches


def install(patches: MotoPatches, cloudwatch: CloudWatch) -> None:
    """Make moto's CloudWatch answer from `cloudwatch`.

    Call it before moto's server takes its first request for CloudWatch: moto reads its table of URLs then.
    """

    class Api(MetricsApi):
        store, alarms, clock = cloudwatch.store, cloudwatch.alarms, cloudwatch.clock

        def call_action(self) -> TYPE_RESPONSE:
            cloudwatch.settle()
            return super().call_action()

    patches.replace(urls, "url_paths", lambda paths: dict.fromkeys(paths, Api.dispatch))
