"""The story of local AWS: start the services, deploy the template, deliver its events, and stop it all again."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from localaws import logs, metrics
from localaws.build import LocalBuilders
from localaws.clients import LocalClients
from localaws.clock import Clock, Timetable
from localaws.cloudformation.api import responses
from localaws.cloudformation.engine import Engine
from localaws.cloudformation.service import CloudFormation
from localaws.cloudformation.stack import Stack
from localaws.endpoint import Endpoint, known_services, reset_services
from localaws.errors import LocalAwsError
from localaws.events import bus, mappings, queue, storage
from localaws.http import install as http
from localaws.http.servers import HttpServers
from localaws.lambdas import install as lambdas
from localaws.lambdas.asynchronous import AsyncInvoker
from localaws.lambdas.code import SOURCE_BUCKET, CodeStore, ImageStore
from localaws.lambdas.functions import Functions
from localaws.lambdas.invokeconfigs import InvokeConfigs
from localaws.lambdas.logs import LogWriter
from localaws.lambdas.urls import FunctionUrls
from localaws.ports import demand_free
from localaws.runtime.emulator import find_emulator
from localaws.runtime.function import FunctionConfig
from localaws.runtime.managed import install_managed_runtime
from localaws.runtime.pool import FunctionPool
from localaws.runtime.reaper import Reaper
from localaws.seams import Seams
from localaws.settings import ACCOUNT, Settings
from localaws.targets import Targets
from localaws.template.check import accepted_remarks, check, check_expanded, check_resolved
from localaws.template.load import Template, load, parse
from localaws.template.package import package
from localaws.template.transform import expand

_SERVICES = ("s3", "sqs", "events", "logs", "lambda", "iam", "apigatewayv2", "sts", "ssm", "sns", "cloudwatch")
Progress = Callable[[str], None]


class LocalCloud:
    """A local AWS, as a context manager; with a template it deploys it as a stack at the start.

    `progress` gets a line for each thing that's being done. Entering raises LocalAwsError, and leaves nothing running,
    if a port is taken, the template asks for what local AWS doesn't do, or its stack can't be created.
    """

    def __init__(self, settings: Settings, template: Path | None = None, progress: Progress = print) -> None:
        self._settings, self._template, self._progress = settings, template, progress
        self._exit = ExitStack()
        self.stack: Stack | None = None
        self.clients = LocalClients(settings)

    @property
    def endpoint_url(self) -> str:
        """Where AWS clients connect."""
        return self._settings.endpoint_url

    @property
    def outputs(self) -> dict[str, str]:
        """The stack's outputs."""
        return {output.key: output.value for output in self.stack.outputs} if self.stack else {}

    @property
    def api_urls(self) -> dict[str, str]:
        """The URL of each HTTP API of the stack, by logical id."""
        if not self.stack:
            return {}
        apis = (record for record in self.stack.records.values() if record.kind == "AWS::ApiGatewayV2::Api")
        return {record.logical_id: str(record.attributes["ApiEndpoint"]) for record in apis}

    def __enter__(self) -> Self:
        template = load(self._template) if self._template else None
        if template:
            check(template, self._settings.parameters)
        demand_free(self._settings.port, "--port")
        demand_free(self._settings.http_port, "--http-port")
        try:
            self._start(template)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop everything, in the reverse order of its start."""
        self._exit.close()

    def _start(self, template: Template | None) -> None:
        settings, state = self._settings, self._settings.state
        began = time.perf_counter()
        known_services(_SERVICES)
        self._exit.callback(reset_services)
        clock = Clock()
        timetable = Timetable(clock)
        seams = Seams()
        self._exit.callback(seams.restore)
        reaper = self._exit.enter_context(Reaper())
        log_writer = LogWriter(ACCOUNT, settings.region)
        self._exit.callback(log_writer.close)

        emulator = find_emulator(state / "runtime")
        install_managed_runtime(state / "runtime", self._progress)

        def open_pool(config: FunctionConfig) -> FunctionPool:
            return FunctionPool(config, state, emulator, reaper)

        store = metrics.MetricStore()
        meter = metrics.Meter(store, clock)
        images = ImageStore(ACCOUNT, settings.region)
        dice = random.Random()  # noqa: S311
        functions = Functions(settings, CodeStore(state / "code"), images, log_writer, open_pool, dice, meter)
        self._exit.callback(functions.close)
        configs = InvokeConfigs()
        invoker = AsyncInvoker(functions, configs, lambda: targets, settings.async_retry_delays, meter)
        self._exit.callback(invoker.close)
        targets = Targets(settings.region, invoker.submit)
        event_bus = bus.Bus(targets, settings.region)
        cloudwatch = metrics.CloudWatch(store, settings.region, clock, event_bus.put, targets.send, log_writer.flush)
        ingestion = logs.Ingestion(store, clock, targets.send)
        queue_meter = metrics.QueueMeter(store, clock, settings.region)
        for entry in (ingestion, ingestion.reporter, queue_meter, cloudwatch.alarms):
            timetable.add(entry)
        pollers = mappings.Mappings(functions, settings.region)
        self._exit.callback(pollers.close)
        http_servers = HttpServers(settings, functions, meter)
        self._exit.callback(http_servers.close)

        lambdas.install(seams, lambdas.Parts(functions, invoker, configs, FunctionUrls(http_servers)))
        bus.install(seams, event_bus)
        storage.install(seams, event_bus)
        queue.install(seams)
        queue_meter.install(seams)
        mappings.install(seams, pollers)
        http.install(seams, http_servers)
        logs.install(seams, clock, ingestion)
        metrics.install(seams, cloudwatch)

        timetable.start()
        self._exit.callback(timetable.close)
        cloudformation = CloudFormation(self._engine, self._read, settings.region, ACCOUNT)
        endpoint = Endpoint(settings.port, lambda: responses(cloudformation, self._fetch), event_bus.request)
        endpoint.start()
        self._exit.callback(endpoint.stop)
        self.clients("s3").create_bucket(Bucket=SOURCE_BUCKET)
        self._progress(f"AWS endpoint {self.endpoint_url} is ready after {time.perf_counter() - began:.1f} s")
        if template:
            self._deploy(template, cloudformation, images)

    def _deploy(self, template: Template, cloudformation: CloudFormation, images: ImageStore) -> None:
        for remark in accepted_remarks(template):
            self._progress(remark)
        builders = LocalBuilders(self._settings.state, self.clients("s3"), images, self._progress)
        began = time.perf_counter()
        root = Path(template.source).resolve().parent
        body = package(template, root, builders)
        self._progress(f"built in {time.perf_counter() - began:.1f} s")
        began = time.perf_counter()
        name = self._settings.stack_name
        self.stack = cloudformation.create_stack(name, json.dumps(body), self._settings.parameters, {})
        if self.stack.status != "CREATE_COMPLETE":
            raise LocalAwsError(_failure(self.stack))
        self._progress(f"stack {name} deployed in {time.perf_counter() - began:.1f} s")

    def _engine(self, exports: Callable[[], Mapping[str, str]]) -> Engine:
        return Engine(self.clients, self._settings.region, ACCOUNT, exports, check_resolved)

    def _read(self, text: str, given: Mapping[str, str]) -> Mapping[str, Any]:
        template = parse(text, "The template")
        check(template, given)
        expanded = expand(template.body, given, self._settings.region)
        check_expanded(expanded)
        return expanded

    def _fetch(self, url: str) -> str:
        """The template behind a TemplateURL, which is an object in the local S3."""
        path = url.split("://", 1)[1].split("?")[0]
        host, _, rest = path.partition("/")
        virtual = host.split(".s3", 1)
        bucket, key = (virtual[0], rest) if len(virtual) == 2 and virtual[0] else rest.split("/", 1)
        content: bytes = self.clients("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return content.decode("utf-8")


def _failure(stack: Stack) -> str:
    reasons = [
        f"  {event.logical_resource_id}: {event.resource_status_reason}"
        for event in stack.events
        if event.resource_status.endswith("FAILED") and event.resource_status_reason
    ]
    return f"Stack {stack.name} could not be created ({stack.status}).\n" + "\n".join(reasons)
