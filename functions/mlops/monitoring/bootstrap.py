"""Wires monitoring together from its settings: stores, looks, retraining, announcements."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from mlops.monitoring.announce import AwsAnnouncer
from mlops.monitoring.archive import Archive
from mlops.monitoring.canary.trials import Canaries
from mlops.monitoring.flow import MonitoringRun
from mlops.monitoring.learning.learner import Learner
from mlops.monitoring.log import MonitoringLog
from mlops.monitoring.mirror import FiguresMirror
from mlops.monitoring.outbox import Outbox
from mlops.monitoring.recommendations.look import RecommenderMonitor
from mlops.monitoring.recommendations.page import PageRenderer
from mlops.monitoring.report import Renderer
from mlops.monitoring.retraining.assembly import Assembly
from mlops.monitoring.retraining.bucket import DataBucket
from mlops.monitoring.state import States
from mlops.monitoring.windows.monitor import Monitor, restart_tests
from mlops.registry.store import open_store
from mlops.registry.versions import Versions
from mlops.settings import MonitorSettings
from mlops.spec import load_recommender_spec, load_table_spec
from mlops.tracking.mirror import open_mirror

_LAST_SECONDS = 180
"""With less time left a run begins no window: a day of many records takes minutes."""

type RunMaker = Callable[[str, Callable[[], float]], MonitoringRun]
"""From the run's name and the seconds that it has left."""


def make_monitoring(settings: MonitorSettings, make_client: Callable[..., Any], log: MonitoringLog) -> RunMaker:
    """What makes runs. `make_client` is boto3's: from a service's name to its client."""
    models = f"s3://{settings.models_bucket}"
    registry, records = open_store(models), open_store(f"s3://{settings.records_bucket}")
    mlflow = open_mirror(settings.mlflow_tracking_uri, models, os.environ)
    announcer = AwsAnnouncer(make_client("events"), make_client("sns"), settings.alarm_topic)
    states = States(records)
    assembly = Assembly(
        records=records,
        bucket=DataBucket(make_client("s3"), settings.data_bucket),
        manifest_of=lambda model, number: Versions(registry, model).table(number),
    )
    learner = Learner(
        records=records,
        bucket=assembly.bucket,
        load_spec=load_recommender_spec,
        key=settings.privacy_key.get_secret_value().encode(),
        delay=timedelta(seconds=settings.record_delay_seconds),
    )
    looks, archive = Monitor(registry, records, load_table_spec), Archive(records)
    recommender_looks = RecommenderMonitor(registry, records, load_recommender_spec)
    canaries = Canaries(
        registry=registry,
        records=records,
        archive=archive,
        load_spec=load_table_spec,
        delay=timedelta(seconds=settings.record_delay_seconds),
    )
    render = PageRenderer(Renderer(registry))

    def make_run(name: str, seconds_left: Callable[[], float]) -> MonitoringRun:
        outbox = Outbox(
            states=states,
            announcer=announcer,
            clock=lambda: datetime.now(UTC),
            lease=timedelta(seconds=settings.timeout_seconds),
            name=name,
        )
        return MonitoringRun(
            registry=registry,
            archive=archive,
            states=states,
            looks=looks,
            recommender_looks=recommender_looks,
            restart_tests=restart_tests,
            render=render,
            mirror=FiguresMirror(mlflow, registry).record if settings.mlflow_tracking_uri else lambda _: None,
            load_spec=load_table_spec,
            assembly=assembly,
            learner=learner,
            canaries=canaries,
            registry_mirror=mlflow,
            outbox=outbox,
            log=log,
            delay=timedelta(seconds=settings.record_delay_seconds),
            seconds_left=lambda: seconds_left() - _LAST_SECONDS,
        )

    return make_run
