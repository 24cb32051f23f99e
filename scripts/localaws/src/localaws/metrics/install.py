"""Patches moto's CloudWatch."""

from __future__ import annotations

from moto.cloudwatch import urls
from moto.core.common_types import TYPE_RESPONSE

from localaws.metrics.api import MetricsApi
from localaws.metrics.cloudwatch import CloudWatch
from localaws.moto_patches import MotoPatches


def install(patches: MotoPatches, cloudwatch: CloudWatch) -> None:
    """Replace moto's CloudWatch by `cloudwatch`.

    It must be called before the first request for CloudWatch, at which moto reads its table of URLs.
    """

    class Api(MetricsApi):
        store, alarms, clock = cloudwatch.store, cloudwatch.alarms, cloudwatch.clock

        def call_action(self) -> TYPE_RESPONSE:
            cloudwatch.settle()
            return super().call_action()

    patches.replace(urls, "url_paths", lambda paths: dict.fromkeys(paths, Api.dispatch))
