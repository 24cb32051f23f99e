"""The functions that run: a pool of sandboxes for each version that is called."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.awslambda.models import LambdaFunction, lambda_backends

from localaws.lambdas.code import CodeStore, ImageStore
from localaws.lambdas.logs import LogWriter
from localaws.runtime.function import FunctionConfig, Invocation
from localaws.runtime.pool import FunctionPool
from localaws.settings import ACCOUNT, Settings


@dataclass(frozen=True)
class Outcome:
    """An invocation and the version that ran it."""

    invocation: Invocation
    version: str


class Functions:
    """Invokes functions by name or ARN; `open_pool` starts a pool of sandboxes for one version."""

    def __init__(
        self,
        settings: Settings,
        code: CodeStore,
        images: ImageStore,
        logs: LogWriter,
        open_pool: Callable[[FunctionConfig], FunctionPool],
    ) -> None:
        self._settings, self._code, self.images, self._logs = settings, code, images, logs
        self._open_pool = open_pool
        self._lock = threading.Lock()
        self._pools: dict[tuple[str, str], tuple[int, FunctionConfig, FunctionPool]] = {}

    def resolve(self, name: str, qualifier: str | None = None) -> LambdaFunction:
        """The function version behind a name or ARN; raises moto's ResourceNotFoundException."""
        backend: Any = lambda_backends[ACCOUNT][self._settings.region]
        function: LambdaFunction = backend.get_function(name, qualifier)
        return function

    def invoke(
        self,
        name: str,
        qualifier: str | None,
        payload: bytes,
        client_context: str | None = None,
        request_id: str | None = None,
    ) -> Outcome:
        """Run the function and wait for its answer; what it logged is in CloudWatch Logs a moment later."""
        function = self.resolve(name, qualifier)
        config, pool = self._pool(function)
        invocation = pool.invoke(payload, client_context, request_id or str(uuid.uuid4()))
        self._logs.write(config.logs_to, invocation.log_stream, invocation.log)
        return Outcome(invocation, str(function.version))

    def forget(self, name: str) -> None:
        """Close the sandboxes of a deleted function."""
        with self._lock:
            gone = [key for key in self._pools if key[0] == name]
            pools = [self._pools.pop(key)[2] for key in gone]
        for pool in pools:
            pool.close()

    def close(self) -> None:
        """Close all sandboxes."""
        with self._lock:
            pools = [pool for _, _, pool in self._pools.values()]
            self._pools.clear()
        for pool in pools:
            pool.close()

    def _pool(self, function: Any) -> tuple[FunctionConfig, FunctionPool]:
        key = (str(function.function_name), str(function.version))
        revision: int = function.localaws_revision
        with self._lock:
            known = self._pools.get(key)
            if known and known[0] == revision:
                return known[1], known[2]
            config = self._config(function)
            pool = self._open_pool(config)
            self._pools[key] = (revision, config, pool)
        if known:
            known[2].close()
        return config, pool

    def _config(self, function: Any) -> FunctionConfig:
        environment = dict(function.environment_vars)
        if not environment.get("AWS_ENDPOINT_URL"):
            environment["AWS_ENDPOINT_URL"] = self._settings.endpoint_url
        common: dict[str, Any] = {
            "name": function.function_name,
            "version": str(function.version),
            "environment": environment,
            "timeout": int(function.timeout),
            "memory": int(function.memory_size),
            "region": self._settings.region,
            "account": ACCOUNT,
            "log_group": function.localaws_settings.get("LoggingConfig", {}).get("LogGroup"),
        }
        if function.package_type == "Image":
            command = function.image_config.cmd
            image = self.images.get(function.code["ImageUri"])
            return FunctionConfig(**common, image=image, handler=command[0] if command else None, in_place=True)
        located = self._code.locate(function.code, function.code_bytes)
        return FunctionConfig(
            **common,
            code=located.folder,
            in_place=located.in_place,
            handler=function.handler,
            layers=tuple(self._layer(layer["Arn"]) for layer in function.layers),
        )

    def _layer(self, arn: str) -> Any:
        backend: Any = lambda_backends[ACCOUNT][self._settings.region]
        layer = backend.layers_versions_by_arn(arn)
        return self._code.locate(layer.content, layer.code_bytes).folder
