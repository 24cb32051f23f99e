"""Local AWS from start to stop: start the services, deploy the template, serve, stop everything."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

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
from localaws.endpoint import Endpoint
from localaws.generated_names import Names
from localaws.lambdas.container_pool import ContainerPool
from localaws.lambdas.functions import Pool
from localaws.moto_patches import MotoPatches
from localaws.operations import Operations
from localaws.ports import demand_free
from localaws.runtime.emulator import find_emulator
from localaws.runtime.function import FunctionConfig
from localaws.runtime.pool import FunctionPool
from localaws.runtime.reaper import Reaper
from localaws.services import Services
from localaws.settings import ACCOUNT, Settings
from localaws.state.keeper import Keeper
from localaws.template.extensions import unrolled
from localaws.template.load import Template, parse
from localaws.template.transform import expand
from localaws.validation.check import check, check_expanded, check_resolved

Progress = Callable[[str], None]


class LocalCloud:
    """A local AWS, as a context manager that deploys a template, if given, as a stack.

    `progress` gets a line for each step. If a port is in use, the template has unsupported parts, or its stack can't be
    created, entering raises LocalAwsError and leaves nothing running.
    """

    def __init__(self, settings: Settings, template: Path | None = None, progress: Progress = print) -> None:
        self._settings, self._template, self._progress = settings, template, progress
        self._exit = ExitStack()
        self.stack: Stack | None = None
        self._names = Names()
        self.clients = LocalClients(settings)

    @property
    def endpoint_url(self) -> str:
        """The URL for AWS clients."""
        return self._settings.endpoint_url

    @property
    def outputs(self) -> dict[str, str]:
        """The stack's outputs."""
        return deployment.outputs(self.stack) if self.stack else {}

    @property
    def addresses(self) -> dict[str, str]:
        """The URL of each HTTP API and function of the stack, by logical id."""
        return deployment.addresses(self.stack) if self.stack else {}

    def __enter__(self) -> Self:
        template = deployment.read(self._template, self._settings.parameters) if self._template else None
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
        """Stop everything in reverse order."""
        self._exit.close()

    def check_moto(self) -> None:
        """Apply all patches to moto and undo them; raises LocalAwsError if the installed moto lacks an attribute."""
        with ExitStack() as running:
            patches = MotoPatches()
            running.callback(patches.restore)
            Services(self._settings, _no_pool, running).install(patches)

    def _start(self, template: Template | None) -> None:
        settings, state = self._settings, self._settings.state
        began = time.perf_counter()
        reaper = self._exit.enter_context(Reaper())
        emulator = find_emulator(state / "runtime")
        install_managed_runtime(state / "runtime", self._progress)

        def open_pool(config: FunctionConfig) -> Pool:
            if settings.containers:
                return ContainerPool(config, settings.containers, self._logical_id)
            return FunctionPool(config, state, emulator, reaper, clock=services.clock)

        services = Services(settings, open_pool, self._exit)
        patches = MotoPatches()
        self._exit.callback(patches.restore)
        services.install(patches)
        services.start(self._exit)
        cloudformation = CloudFormation(self._engine, _read(settings.region), Lookup(self.clients).parameter, settings)
        builders = NoBuilders if settings.containers else LocalBuilders
        deployer = Deployer(state, self.clients, cloudformation, services.images, builders)
        operations = Operations(settings, services, deployer, template)
        endpoint = Endpoint(
            settings.port,
            lambda: responses(cloudformation, self._fetch),
            services.bus.request,
            Admin(operations.by_name),
        )
        keeper = self._keeper(services, cloudformation)
        endpoint.start()
        self._exit.callback(endpoint.stop)
        deployer.prepare()
        self._progress(f"AWS endpoint {self.endpoint_url} is ready after {time.perf_counter() - began:.1f} s")

        def deploy() -> Stack:
            assert template
            return deployer.deploy(template, settings.stack_name, settings.parameters, self._progress)

        if keeper:
            self.stack = keeper.restore(deploy if template else None, settings.stack_name, self._progress)
            keeper.start()
        elif template:
            self.stack = deploy()

    def _keeper(self, services: Services, cloudformation: CloudFormation) -> Keeper | None:
        """The keeper of the state, if a folder is set. It's closed after everything that can change the state."""
        root = self._settings.keep
        if root is None:
            return None
        keeper = Keeper(root, self.clients, cloudformation, self._names, services.region, services.streams)
        self._exit.callback(keeper.close)
        self._exit.callback(services.log_writer.flush)
        return keeper

    def _engine(self, exports: Callable[[], Mapping[str, str]]) -> Engine:
        return Engine(self.clients, self._settings.region, ACCOUNT, exports, check_resolved, self._names)

    def _logical_id(self, function: str) -> str | None:
        """The logical id of a function of the stack that was deployed at the start, or None."""
        records = self.stack.records.values() if self.stack else ()
        return next((record.logical_id for record in records if record.physical_id == function), None)

    def _fetch(self, url: str) -> str:
        """The template behind a TemplateURL, which is an object in the local S3."""
        path = url.split("://", 1)[1].split("?")[0]
        host, _, rest = path.partition("/")
        virtual = host.split(".s3", 1)
        bucket, key = (virtual[0], rest) if len(virtual) == 2 and virtual[0] else rest.split("/", 1)
        content: bytes = self.clients("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return content.decode("utf-8")


def _read(region: str) -> Callable[[str, Mapping[str, str]], Mapping[str, Any]]:
    """A function that checks and expands the text of a template."""

    def read(text: str, given: Mapping[str, str]) -> Mapping[str, Any]:
        template = unrolled(parse(text, "The template"), given)
        check(template, given)
        expanded = expand(template.body, given, region)
        check_expanded(expanded)
        return expanded

    return read


def _no_pool(config: FunctionConfig) -> FunctionPool:
    raise AssertionError(f"function {config.name} was called during the check of moto")
