"""Creates the services of local AWS, connects them, and installs them into moto."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from localaws import logs, metrics
from localaws.clock import Clock, Timetable
from localaws.endpoint import preload_services, reset_services
from localaws.events import bus, timers
from localaws.events.log_target import log_target
from localaws.firehose import install as firehose
from localaws.firehose.delivery import DeliveryStreams
from localaws.http import install as http
from localaws.http.function_urls import FunctionUrls
from localaws.http.servers import HttpServers
from localaws.lambdas import install as lambdas
from localaws.lambdas.asynchronous import AsyncInvoker
from localaws.lambdas.code import CodeStore, ImageStore
from localaws.lambdas.functions import Functions, Pool
from localaws.lambdas.invoke_configs import InvokeConfigs
from localaws.lambdas.log_writer import LogWriter
from localaws.moto_patches import MotoPatches
from localaws.runtime.function import FunctionConfig
from localaws.s3 import object_events
from localaws.s3.notifications import Notifications
from localaws.settings import ACCOUNT, Settings
from localaws.sns import topics
from localaws.sqs import event_source_mappings, queues
from localaws.targets import Targets

_SERVICES = (
    "s3",
    "sqs",
    "events",
    "logs",
    "lambda",
    "iam",
    "apigatewayv2",
    "sts",
    "ssm",
    "sns",
    "scheduler",
    "cloudwatch",
    "firehose",
)


class Services:
    """All services of one local AWS; callbacks that stop them are added to `running`. `open_pool` starts sandboxes."""

    def __init__(self, settings: Settings, open_pool: Callable[[FunctionConfig], Pool], running: ExitStack) -> None:
        preload_services(_SERVICES)
        running.callback(reset_services)
        region = settings.region
        self.region = region
        self.clock = Clock()
        self.timetable = Timetable(self.clock)
        self.log_writer = LogWriter(ACCOUNT, region)
        running.callback(self.log_writer.close)
        self.metrics = metrics.MetricStore()
        meter = metrics.Meter(self.metrics, self.clock)
        self.images = ImageStore(ACCOUNT, region)
        code = CodeStore(settings.state / "code")
        chance = random.Random()  # noqa: S311 (it distributes calls over the versions of an alias)
        self.functions = Functions(settings, code, self.images, self.log_writer, open_pool, chance, meter)
        running.callback(self.functions.close)
        self.configs = InvokeConfigs()
        self.invoker = AsyncInvoker(
            self.functions, self.configs, lambda: self.targets, settings.async_retry_delays, meter
        )
        running.callback(self.invoker.close)
        self.targets = Targets(region, self.invoker.submit)
        self.bus = bus.Bus(self.targets, region, self.clock)
        self.targets.add("events", self.bus.forward)
        self.targets.add("logs", log_target(self.log_writer, self.clock.now, region))
        self.cloudwatch = metrics.CloudWatch(
            self.metrics, region, self.clock, self.bus.put, self.targets.send, self.log_writer.flush
        )
        self.streams = DeliveryStreams(
            self.clock, self.metrics, firehose.write_object, firehose.error_log(self.log_writer, self.clock.now, region)
        )
        self.streams.changed = self.timetable.changed
        self.ingestion = logs.Ingestion(
            self.metrics, self.clock, self.targets.send, partial(firehose.receive, self.streams)
        )
        self.queue_meter = metrics.QueueMeter(self.metrics, self.clock, region)
        for entry in (
            self.ingestion,
            self.ingestion.reporter,
            self.queue_meter,
            self.cloudwatch.alarms,
            self.streams,
        ):
            self.timetable.add(entry)
        self.pollers = event_source_mappings.EventSourceMappings(self.functions, region)
        running.callback(self.pollers.close)
        self.http = HttpServers(settings, self.functions, meter, self.clock)
        running.callback(self.http.close)
        self.urls = FunctionUrls(self.http)

    def install(self, patches: MotoPatches) -> None:
        """Patch moto with all services; raises LocalAwsError if moto lacks an attribute to patch."""
        lambdas.install(patches, lambdas.Parts(self.functions, self.invoker, self.configs, self.urls))
        bus.install(patches, self.bus)
        object_events.install(patches, self.bus, Notifications(self.targets, self.clock, self.region, self.bus.later))
        queues.install(patches, self.clock)
        self.queue_meter.install(patches)
        topics.install(patches, self.targets, self.clock)
        timers.install(patches, self.timetable, self.bus, self.targets, self.region)
        event_source_mappings.install(patches, self.pollers)
        http.install(patches, self.http, self.urls)
        logs.install(patches, self.clock, self.ingestion, self.log_writer.flush)
        metrics.install(patches, self.cloudwatch)
        firehose.install(patches, self.streams)

    def start(self, running: ExitStack) -> None:
        """Start the timetable."""
        self.timetable.start()
        running.callback(self.timetable.close)

    def reset(self) -> None:
        """Delete all state."""
        self.pollers.close()
        self.invoker.forget()
        self.urls.forget_all()
        self.configs.forget_all()
        self.http.stop_all()
        self.functions.close()
        self.log_writer.flush()
        self.cloudwatch.reset()
        self.streams.forget_all()
        reset_services()
