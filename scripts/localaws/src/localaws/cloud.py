"""Local AWS from start to stop: start the services, deploy the template, serve, stop everything."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from botocore.exceptions import ClientError

from localaws import deployment
from localaws.admin import Admin
from localaws.builders import LocalBuilders, NoBuilders
from localaws.builds.managed_runtime import install_managed_runtime
from localaws.clients import LocalClients
from localaws.cloudformation.api import responses
from localaws.cloudformation.dynamic import Lookup
from localaws.cloudformation.engine import Engine
from localaws.cloudformation.service import CloudFormation
from localaws.cloudformation.stack import Stack
from localaws.deployment import Deployer
from localaws.ecs.process import Containers
from localaws.endpoint import Endpoint
from localaws.errors import TemplateError
from localaws.folders import demand_writable
from localaws.generated_names import Names
from localaws.lambdas.container_pool import ContainerPool
from localaws.lambdas.functions import Pool
from localaws.leftovers import remove_leftovers
from localaws.moto_patches import MotoPatches
from localaws.operations import Operations
from localaws.persistence import open_keeper
from localaws.ports import demand_free
from localaws.runtime.emulator import find_emulator
from localaws.runtime.function import FunctionConfig
from localaws.runtime.isolation import consequences, find_obstacle
from localaws.runtime.launcher import Launcher
from localaws.runtime.pool import FunctionPool
from localaws.runtime.reaper import Reaper
from localaws.services import Services
from localaws.settings import ACCOUNT, Settings
from localaws.state.keeper import Keeper
from localaws.template.extensions import unrolled
from localaws.template.includes import included
from localaws.template.load import Template, parse
from localaws.template.transform import expand
from localaws.validation.check import check, check_expanded, check_resolved

Progress = Callable[[str], None]
# The templates to deploy at the start, with the names of their stacks.
Templates = list[tuple[str, Template]]


class LocalCloud:
    """A local AWS, as a context manager that deploys a template, if given, as a stack.

    `progress` gets a line for each step. If a port is in use, the template has unsupported parts, or its stack can't be
    created, entering raises LocalAwsError and leaves nothing running.
    """

    def __init__(self, settings: Settings, template: Path | None = None, progress: Progress = print) -> None:
        self._settings, self._template, self._progress = settings, template, progress
        self._exit = ExitStack()
        self.stacks: list[Stack] = []
        self._names = Names()
        self.clients = LocalClients(settings)

    @property
    def endpoint_url(self) -> str:
        """The URL for AWS clients."""
        return self._settings.endpoint_url

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of the stacks that were deployed at the start."""
        return {key: value for stack in self.stacks for key, value in deployment.outputs(stack).items()}

    @property
    def addresses(self) -> dict[str, str]:
        """The URL of each API and function of these stacks, by logical id."""
        return {key: value for stack in self.stacks for key, value in deployment.addresses(stack).items()}

    def __enter__(self) -> Self:
        settings, given = self._settings, self._template
        templates = deployment.read_all(given, settings.stack_name, settings.parameters) if given else []
        demand_writable(settings.state)
        if settings.keep:
            demand_writable(settings.keep)
        demand_free(self._settings.port, "--port")
        demand_free(self._settings.http_port, "--http-port")
        try:
            self._start(templates)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop everything in reverse order."""
        self._exit.close()

    def check_moto(self) -> None:
        """Apply all patches to moto and undo them; raises LocalAwsError if the installed moto lacks an attribute."""
        with ExitStack() as running:
            patches = MotoPatches()
            running.callback(patches.restore)
            services = Services(self._settings, _no_pool, running)
            services.install(patches)
            for install in services.late(patches).values():
                install()

    def _start(self, templates: Templates) -> None:
        settings, state = self._settings, self._settings.state
        began = time.perf_counter()
        reaper = self._exit.enter_context(Reaper())
        launcher = self._exit.enter_context(Launcher(reaper))
        remove_leftovers(state)
        emulator = find_emulator(state / "runtime")
        runtime = install_managed_runtime(state / "runtime", self._progress)

        def open_pool(config: FunctionConfig) -> Pool:
            if settings.containers:
                return ContainerPool(config, settings.containers, self._logical_id)
            return FunctionPool(config, state, emulator, launcher, clock=services.clock, isolated=obstacle is None)

        services = Services(settings, open_pool, self._exit)
        patches = MotoPatches()
        self._exit.callback(patches.restore)
        services.install(patches)
        services.start(self._exit)
        look_up = Lookup(self.clients).parameter
        read = _read(settings.region, self._fetch_object)
        cloudformation = CloudFormation(self._engine(services), read, look_up, self._fetch, settings)
        obstacle = None if settings.containers else find_obstacle(launcher, state)
        if obstacle:
            self._progress(f"note: {consequences(obstacle)}")
        if not settings.containers:
            services.tasks.containers = Containers(state, runtime, launcher, isolated=obstacle is None)
        builders = NoBuilders if settings.containers else LocalBuilders
        deployer = Deployer(state, self.clients, cloudformation, services.images, builders, own_root=obstacle is None)
        operations = Operations(settings, services, deployer, templates)
        endpoint = Endpoint(
            settings.port,
            {
                "batch": lambda: services.batch_api,
                "cloudformation": lambda: responses(cloudformation),
                "ecs": lambda: services.ecs_api,
            },
            services.bus.request,
            Admin(operations.by_name),
            services.guard,
            services.late(patches),
        )
        keeper = self._keeper(services, cloudformation)
        endpoint.start()
        self._exit.callback(endpoint.stop)
        self._exit.callback(services.timetable.halt)
        deployer.prepare()
        self._progress(f"AWS endpoint {self.endpoint_url} is ready after {time.perf_counter() - began:.1f} s")

        def deploy() -> list[Stack]:
            return [
                deployer.deploy(template, name, settings.parameters, self._progress) for name, template in templates
            ]

        if keeper:
            names = [name for name, _ in templates] or [settings.stack_name]
            self.stacks = keeper.restore(deploy if templates else None, names, self._progress)
            keeper.start()
        else:
            self.stacks = deploy()

    def _keeper(self, services: Services, cloudformation: CloudFormation) -> Keeper | None:
        """The keeper of the state, if a folder is set. It's closed after everything that can change the state."""
        root = self._settings.keep
        if root is None:
            return None
        keeper = open_keeper(root, services, self.clients, cloudformation, self._names)
        self._exit.callback(keeper.close)
        self._exit.callback(services.log_writer.flush)
        return keeper

    def _engine(self, services: Services) -> Callable[[CloudFormation], Engine]:
        """A function that creates the engine of the service."""
        region, local = self._settings.region, services.http.localized

        def engine(cloudformation: CloudFormation) -> Engine:
            active = cloudformation.active_stacks
            return Engine(
                self.clients,
                region,
                ACCOUNT,
                active,
                cloudformation,
                check_resolved,
                self._names,
                local,
                cloudformation.pause,
            )

        return engine

    def _logical_id(self, function: str) -> str | None:
        """The logical id of a function of the stack that was deployed at the start, or None."""
        records = (record for stack in self.stacks for record in stack.records.values())
        return next((record.logical_id for record in records if record.physical_id == function), None)

    def _fetch(self, url: str) -> str:
        """The template behind a TemplateURL, which is an object in the local S3."""
        scheme, _, path = url.split("?")[0].partition("://")
        host, _, rest = unquote(path).partition("/")
        virtual = host.split(".s3", 1)
        bucket, _, key = f"{virtual[0]}/{rest}".partition("/") if virtual[1:] and virtual[0] else rest.partition("/")
        if scheme not in ("http", "https") or not key:
            raise TemplateError(f"TemplateURL must be a supported URL of an object in S3, not {url}.")
        return self._fetch_object(f"s3://{bucket}/{key}")

    def _fetch_object(self, uri: str) -> str:
        """The text of an object in the local S3."""
        if not uri.startswith("s3://"):
            raise TemplateError(f"{uri} isn't the URI of an object in S3 (s3://bucket/key).")
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        try:
            content: bytes = self.clients("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            raise TemplateError(f"S3 error: {error.response['Error']['Message']} ({uri})") from None
        return content.decode("utf-8")


def _read(region: str, fetch: Callable[[str], str]) -> Callable[[str, Mapping[str, str]], Mapping[str, Any]]:
    """A function that checks and expands the text of a template; `fetch` reads what it includes."""

    def read(text: str, given: Mapping[str, str]) -> Mapping[str, Any]:
        template = unrolled(included(parse(text, "The template"), fetch), given)
        check(template, given)
        expanded = expand(template.body, given, region)
        check_expanded(expanded)
        return expanded

    return read


def _no_pool(config: FunctionConfig) -> FunctionPool:
    raise AssertionError(f"function {config.name} was called during the check of moto")
