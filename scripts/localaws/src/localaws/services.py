"""Creates the services of local AWS, connects them, and installs them into moto."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from localaws import logs, metrics
from localaws.batch import install as batch
from localaws.batch.attempts import Attempts
from localaws.batch.jobs import Jobs
from localaws.batch.registry import Registry as BatchRegistry
from localaws.builds.scratch import Scratch
from localaws.clock import Clock, Timetable
from localaws.codedeploy.service import CodeDeploy
from localaws.durable import install as durable
from localaws.durable.engine import DurableExecutions
from localaws.durable.invocation import DurableInvoker
from localaws.dynamodb import expiry
from localaws.dynamodb import install as dynamodb
from localaws.ecs import install as ecs
from localaws.ecs.registry import Registry
from localaws.ecs.tasks import Tasks
from localaws.endpoint import preload_services, reset_services
from localaws.events import bus, timers
from localaws.events.beginnings import Beginnings
from localaws.events.log_target import log_target
from localaws.firehose import install as firehose
from localaws.firehose.delivery import DeliveryStreams
from localaws.http import install as http
from localaws.http.function_urls import FunctionUrls
from localaws.http.servers import HttpServers
from localaws.iam import install as iam
from localaws.iam import report
from localaws.iam.credentials import Credentials
from localaws.iam.guard import Guard
from localaws.iam.role_clients import RoleClients
from localaws.iam.store import PolicyStore
from localaws.instances import forget_instances
from localaws.lambdas import install as lambdas
from localaws.lambdas.asynchronous import AsyncInvoker
from localaws.lambdas.code import CodeStore, ImageStore
from localaws.lambdas.functions import Functions, Pool
from localaws.lambdas.invoke_configs import InvokeConfigs
from localaws.lambdas.log_writer import LogWriter
from localaws.lambdas.version_numbers import VersionNumbers
from localaws.moto_patches import MotoPatches
from localaws.rest import install as rest
from localaws.rest.service import RestService, Runtime
from localaws.runtime.function import FunctionConfig
from localaws.s3 import install as s3
from localaws.s3 import object_events
from localaws.s3.notifications import Notifications
from localaws.s3.signatures import signatures_of
from localaws.settings import ACCOUNT, Settings
from localaws.sns import topics
from localaws.sqs import event_source_mappings, queues
from localaws.stepfunctions import install as stepfunctions
from localaws.stepfunctions.activities import Activities
from localaws.stepfunctions.calls import MachineClients
from localaws.stepfunctions.engine import Engine
from localaws.stepfunctions.machines import StateMachines
from localaws.stepfunctions.reports import execution_log, execution_metrics, execution_reports, status_events
from localaws.streams import install as streams
from localaws.streams.mappings import StreamMappings
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
    "sns",
    "scheduler",
    "cloudwatch",
    "firehose",
    "stepfunctions",
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
        self.log_events = _log_events(settings, running)
        self.log_writer = LogWriter(ACCOUNT, region)
        running.callback(self.log_writer.close)
        self.metrics = metrics.MetricStore()
        meter = metrics.Meter(self.metrics, self.clock)
        self.images = ImageStore(ACCOUNT, region)
        code = CodeStore(settings.state / "code")
        chance = random.Random()  # noqa: S311 (it distributes calls over the versions of an alias)
        credentials = Credentials(ACCOUNT)
        self.guard = Guard(
            settings.iam, ACCOUNT, credentials, PolicyStore(ACCOUNT, region), self.clock.now, report.tell
        )
        self.functions = Functions(settings, code, self.images, self.log_writer, open_pool, chance, meter, self.guard)
        running.callback(self.functions.close)
        self.executions = DurableExecutions(self.functions, self.clock, region, self.timetable.changed)
        running.callback(self.executions.close)
        self.functions.durable = DurableInvoker(self.executions)
        self.configs, self.numbers = InvokeConfigs(), VersionNumbers()
        self.invoker = AsyncInvoker(
            self.functions,
            self.configs,
            lambda: self.targets,
            settings.async_retry_delays,
            meter,
            settings.concurrency,
        )
        running.callback(self.invoker.close)
        self.targets = Targets(region, self.invoker.submit, self.guard)
        self.bus = bus.Bus(self.targets, region, self.clock)
        self.targets.add("events", self.bus.forward)
        self.beginnings = Beginnings()
        self.machines = StateMachines(region, self.guard)
        role_clients = RoleClients(settings.endpoint_url, region, credentials.give)
        self.activities = Activities(region)
        self.engine = Engine(
            MachineClients(role_clients, self.guard),
            self.activities,
            self.clock,
            region,
            self.timetable.changed,
            execution_reports(status_events(self.bus.put), execution_metrics(meter)),
            execution_log(self.log_writer),
        )
        running.callback(self.engine.close)
        self.targets.add("states", stepfunctions.execution_target(self.machines, self.engine))
        self.ecs = Registry(region)
        self.tasks = Tasks(
            settings, self.images.get, self.log_writer, self.clock, self.guard, ecs.status_events(self.bus.put)
        )
        running.callback(self.tasks.forget_all)
        self.ecs_api = ecs.api_of(self.ecs, self.tasks)
        self.batch = BatchRegistry(region, self.ecs)
        attempts = Attempts(self.tasks, self.ecs, region, self.images.get)
        self.jobs = Jobs(self.batch, attempts, self.clock, batch.status_events(self.bus.put))
        running.callback(self.jobs.forget_all)
        self.batch_api = batch.api_of(self.batch, self.jobs, self.images.get)
        self.targets.add("logs", log_target(self.log_writer, self.clock.now, region))
        self.cloudwatch = metrics.CloudWatch(
            self.metrics, region, self.clock, self.bus.put, self.targets.send, self.log_writer.flush
        )
        report_failure = firehose.error_log(self.log_writer, self.clock.now, region, self.guard)
        self.streams = DeliveryStreams(self.clock, self.metrics, firehose.object_writer(self.guard), report_failure)
        self.streams.changed = self.timetable.changed
        self.ingestion = logs.Ingestion(
            self.metrics,
            self.log_events,
            self.clock,
            self.targets.send,
            partial(firehose.receive, self.streams, self.guard),
        )
        self.queue_meter = metrics.QueueMeter(self.metrics, self.clock, region)
        self.codedeploy = CodeDeploy(role_clients, self.clock, region, self.timetable.changed, self.bus.put, self.guard)
        for entry in (
            self.ingestion,
            self.ingestion.reporter,
            self.queue_meter,
            self.cloudwatch.alarms,
            self.streams,
            self.executions,
            expiry.Expiry(region),
            self.engine.timers,
            # After the alarms: it sees their states of the same moment.
            self.codedeploy.deployments,
        ):
            self.timetable.add(entry)
        self.pollers = event_source_mappings.EventSourceMappings(
            self.functions, StreamMappings(self.functions, self.targets, self.guard, region), region, self.guard
        )
        running.callback(self.pollers.close)
        self.http = HttpServers(settings, self.functions, meter, self.clock, self.log_writer, self.guard)
        running.callback(self.http.close)
        self.urls = FunctionUrls(self.http)
        runtime = Runtime(self.functions, self.invoker, meter, self.clock, self.log_writer, self.guard)
        self.rest = RestService(settings, self.http, runtime)
        running.callback(self.rest.close)

    def install(self, patches: MotoPatches) -> None:
        """Patch moto with all services; raises LocalAwsError if moto lacks an attribute to patch."""
        forget_instances(patches)
        lambdas.install(patches, lambdas.Parts(self.functions, self.invoker, self.configs, self.urls, self.numbers))
        durable.install(patches, self.executions)
        bus.install(patches, self.bus)
        object_events.install(patches, self.bus, Notifications(self.targets, self.clock, self.region, self.bus.later))
        s3.install(patches, signatures_of(self.guard))
        queues.install(patches, self.clock)
        self.queue_meter.install(patches)
        topics.install(patches, self.targets, self.clock)
        timers.install(patches, self.timetable, self.bus, self.targets, self.region, self.beginnings)
        event_source_mappings.install(patches, self.pollers)
        streams.install(patches)
        dynamodb.install(patches)
        http.install(patches, self.http, self.urls)
        iam.install(patches, self.guard.store, ACCOUNT)
        rest.install(patches, self.rest)
        logs.install(patches, self.clock, self.ingestion, self.log_writer.flush)
        metrics.install(patches, self.cloudwatch)
        firehose.install(patches, self.streams)
        stepfunctions.install(patches, self.machines, self.activities, self.engine, self.clock)
        self.codedeploy.install(patches)

    def late(self, patches: MotoPatches) -> dict[str, Callable[[], None]]:
        """Service → what patches it; each imports a part of moto that takes time and memory."""

        def kms() -> None:
            from localaws.kms.install import install

            install(patches, self.clock)

        def secretsmanager() -> None:
            from localaws.secretsmanager.install import install

            install(patches, self.clock)

        def ssm() -> None:
            from localaws.ssm.install import install

            install(patches)

        return {"kms": kms, "secretsmanager": secretsmanager, "ssm": ssm}

    def start(self, running: ExitStack) -> None:
        """Start the timetable."""
        self.timetable.start()
        running.callback(self.timetable.close)

    def reset(self) -> None:
        """Delete all state."""
        self.pollers.close()
        self.executions.forget_all()
        # Before the engine, which lets the workers go that wait for their tasks.
        self.activities.forget_all()
        self.engine.forget_all()
        self.machines.forget_all()
        self.jobs.forget_all()
        self.batch.forget_all()
        self.tasks.forget_all()
        self.ecs.forget_all()
        self.invoker.forget()
        self.urls.forget_all()
        self.configs.forget_all()
        self.numbers.forget_all()
        self.rest.forget_all()
        self.http.stop_all()
        self.functions.close()
        self.log_writer.flush()
        self.cloudwatch.reset()
        self.streams.forget_all()
        self.codedeploy.forget_all()
        reset_services()


def _log_events(settings: Settings, running: ExitStack) -> logs.EventStore:
    """The log events, in the folder of the persistent state if there's one, else in one that's removed at the end."""
    if settings.keep:
        folder = settings.keep / "logs"
    else:
        folder = running.enter_context(Scratch(settings.state / "logs", "events-")).path
    store = logs.EventStore(folder)
    running.callback(store.close)
    return store
