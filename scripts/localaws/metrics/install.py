"""The place where moto's CloudWatch is changed."""

from __future__ import annotations

from moto.cloudwatch import urls

from localaws.clock import Clock
from localaws.metrics.alarms.watch import Alarms
from localaws.metrics.api import MetricsApi
from localaws.metrics.store import MetricStore
from localaws.seams import Seams


def install(seams: Seams, metrics: MetricStore, watched: Alarms, time: Clock) -> None:
    """Make moto's CloudWatch answer from `metrics` and `watched`.

    Call it before moto's server takes its first request for CloudWatch: moto reads its table of URLs then.
    """

    class Api(MetricsApi):
        store, alarms, clock = metrics, watched, time

    seams.replace(urls, "url_paths", lambda paths: dict.fromkeys(paths, Api.dispatch))
