"""Invokes functions, with a pool of sandboxes per version."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from moto.awslambda.models import LambdaFunction, lambda_backends

from localaws.iam.guard import Guard
from localaws.identifiers import new_request_id
from localaws.lambdas.aliases import chosen_version
from localaws.lambdas.code import CodeStore, ImageStore
from localaws.lambdas.concurrency import Concurrency, TooManyRequests, check_reservation
from localaws.lambdas.function_names import split
from localaws.lambdas.log_writer import LogWriter
from localaws.metrics import Meter
from localaws.runtime.function import FunctionConfig, Invocation
from localaws.settings import ACCOUNT, Settings

# The bytes of the event of a call that waits.
SYNC_LIMIT = 6 * 1024 * 1024


class Pool(Protocol):
    """Runs the calls of one function version."""

    def invoke(
        self, payload: bytes, client_context: str | None = None, request_id: str | None = None, arn: str | None = None
    ) -> Invocation:
        """Run the function once."""

    def close(self) -> None:
        """Accept no more calls."""


@dataclass(frozen=True)
class Outcome:
    """An invocation and the version that ran it."""

    invocation: Invocation
    version: str
    durable_execution: str | None = None


class Durable(Protocol):
    """Runs durable functions, whose calls are executions of several invocations."""

    def invoke(self, function: Any, qualifier: str | None, payload: bytes, name: str | None, *, waits: bool) -> Outcome:
        """Start an execution and wait for its end; without `waits` the result is null."""

    def check_waits(self, function: Any) -> None:
        """Raise if an execution can be longer than a caller can wait."""


@dataclass
class _Entry:
    """The pool of one version, and the number of calls that use it."""

    revision: int
    config: FunctionConfig
    pool: Pool
    calls: int = 0
    retired: bool = False

    def retire(self) -> bool:
        """Accept no more calls; returns whether the pool can be closed now rather than after its last call."""
        self.retired = True
        return self.calls == 0


class Functions:
    """Invokes functions by name or ARN; `open_pool` creates the pool of a version."""

    def __init__(
        self,
        settings: Settings,
        code: CodeStore,
        images: ImageStore,
        logs: LogWriter,
        open_pool: Callable[[FunctionConfig], Pool],
        random: Random,
        meter: Meter,
        guard: Guard,
    ) -> None:
        self._settings, self._code, self.images, self._logs = settings, code, images, logs
        self._guard = guard
        self._open_pool, self._random, self._meter = open_pool, random, meter
        self._concurrency = Concurrency(settings.concurrency, self._reservations, meter.running)
        self.durable: Durable | None = None
        self._lock = threading.Lock()
        self._pools: dict[tuple[str, str], _Entry] = {}

    def resolve(self, name: str, qualifier: str | None = None) -> LambdaFunction:
        """The function version behind a name or ARN; raises moto's ResourceNotFoundException."""
        backend: Any = lambda_backends[ACCOUNT][self._settings.region]
        if not name.startswith("arn:"):
            # moto takes a partial ARN for a name.
            name, qualifier = split(name, qualifier)
        function: LambdaFunction = backend.get_function(name, qualifier)
        return function

    def is_durable(self, name: str, qualifier: str | None = None) -> bool:
        """Whether a call of a function is a durable execution."""
        function: Any = self.resolve(name, qualifier)
        return bool(function.localaws_settings.get("DurableConfig"))

    def check_waits(self, name: str) -> None:
        """Raise moto's InvalidParameterValueException if a function can't be called by a caller that waits."""
        if self.durable is not None and self.is_durable(name):
            self.durable.check_waits(self.resolve(name))

    def invoke(
        self,
        name: str,
        qualifier: str | None,
        payload: bytes,
        client_context: str | None = None,
        request_id: str | None = None,
        *,
        waits: bool = True,
        execution_name: str | None = None,
    ) -> Outcome:
        """Run the function and wait for its result; its logs can then be read from CloudWatch Logs.

        A call of a durable function is an execution; `waits` says whether to wait for its end.
        Raises TooManyRequests at the limit of the function's or the account's concurrency.
        """
        if self.durable is not None and self.is_durable(name, qualifier):
            return self.durable.invoke(
                self._choose(name, qualifier), split(name, qualifier)[1], payload, execution_name, waits=waits
            )
        return self.invoke_once(name, qualifier, payload, client_context, request_id)

    def invoke_once(
        self,
        name: str,
        qualifier: str | None,
        payload: bytes,
        client_context: str | None = None,
        request_id: str | None = None,
    ) -> Outcome:
        """Run the function and wait for its result, also if the call is one of a durable execution's."""
        function: Any = self._choose(name, qualifier)
        named = split(name, qualifier)
        try:
            with self._concurrency.call(function.function_name), self._lease(function) as (config, pool):
                arn = _invoked_arn(function, name, qualifier)
                invocation = pool.invoke(payload, client_context, request_id or new_request_id(), arn)
        except TooManyRequests:
            self._meter.throttled(*named)
            raise
        if self._may_log(function, config.logs_to, invocation.log_stream):
            self._logs.write(config.logs_to, invocation.log_stream, invocation.log)
        self._meter.invoked(*named, str(function.version), invocation.duration_ms, invocation.error is not None)
        return Outcome(invocation, str(function.version))

    def _may_log(self, function: Any, group: str, stream: str) -> bool:
        """Whether the function's role may write its logs, without which Lambda drops them."""
        arn = f"arn:aws:logs:{self._settings.region}:{ACCOUNT}:log-group:{group}:log-stream:{stream}"
        return not self._guard.denied_to_role(function.role, function.function_name, "logs:PutLogEvents", arn)

    def check_reservation(self, name: str, count: int) -> None:
        """Raise if a function can't reserve so much of the account's concurrency."""
        others = sum(reserved for function, reserved in self._reservations().items() if function != name)
        check_reservation(self._settings.concurrency, others, count)

    def forget(self, name: str) -> None:
        """Close the sandboxes of a deleted function, once its running calls have ended."""
        with self._lock:
            gone = [self._pools.pop(key) for key in list(self._pools) if key[0] == name]
            idle = [entry for entry in gone if entry.retire()]
        for entry in idle:
            entry.pool.close()

    def close(self) -> None:
        """Close all sandboxes, even busy ones."""
        with self._lock:
            entries = list(self._pools.values())
            self._pools.clear()
        for entry in entries:
            entry.pool.close()

    def _choose(self, name: str, qualifier: str | None) -> LambdaFunction:
        """The version that handles a call: an alias may point to two."""
        function: Any = self.resolve(name, qualifier)
        bare, named = split(name, qualifier)
        backend: Any = lambda_backends[ACCOUNT][self._settings.region]
        aliases = {alias.name: alias for alias in backend.list_aliases(bare)} if named else {}
        if named not in aliases:
            return function  # type: ignore[no-any-return]
        return self.resolve(bare, chosen_version(aliases[named], self._random))

    def _reservations(self) -> dict[str, int]:
        backend: Any = lambda_backends[ACCOUNT][self._settings.region]
        reserved = ((function.function_name, function.reserved_concurrency) for function in backend.list_functions())
        return {name: int(count) for name, count in reserved if count is not None}

    @contextmanager
    def _lease(self, function: Any) -> Iterator[tuple[FunctionConfig, Pool]]:
        """The pool for a version's current configuration; a pool with older settings is closed after its last call."""
        key = (str(function.function_name), str(function.version))
        idle: list[_Entry] = []
        with self._lock:
            entry = self._pools.get(key)
            if entry is None or entry.revision != function.localaws_revision:
                if entry is not None and entry.retire():
                    idle.append(entry)
                config = self._config(function)
                entry = _Entry(function.localaws_revision, config, self._open_pool(config))
                self._pools[key] = entry
            entry.calls += 1
        try:
            for old in idle:
                old.pool.close()
            yield entry.config, entry.pool
        finally:
            with self._lock:
                entry.calls -= 1
                last = entry.retired and entry.calls == 0
            if last:
                entry.pool.close()

    def _config(self, function: Any) -> FunctionConfig:
        environment = dict(function.environment_vars)
        if not environment.get("AWS_ENDPOINT_URL"):
            environment["AWS_ENDPOINT_URL"] = self._settings.endpoint_url
        logging = function.localaws_settings.get("LoggingConfig", {})
        common: dict[str, Any] = {
            "name": function.function_name,
            "version": str(function.version),
            "environment": environment,
            "timeout": int(function.timeout),
            "memory": int(function.memory_size),
            "storage": int(function.ephemeral_storage),
            "region": self._settings.region,
            "account": ACCOUNT,
            "log_group": logging.get("LogGroup"),
            "json_logs": logging.get("LogFormat") == "JSON",
            "log_level": logging.get("ApplicationLogLevel"),
            "keys": self._guard.credentials.give(function.role, function.function_name),
        }
        if function.package_type == "Image":
            command = function.image_config.cmd
            image = self.images.get(function.code["ImageUri"])
            return FunctionConfig(**common, image=image, handler=command[0] if command else None, in_place=True)
        located = self._code.locate(function.code, function.code_bytes)
        layers = [self._layer(layer["Arn"]) for layer in function.layers]
        return FunctionConfig(
            **common,
            code=located.folder,
            in_place=located.in_place,
            handler=function.handler,
            packages=(located.packages / "python",) if located.packages else (),
            layers=tuple(layers),
        )

    def _layer(self, arn: str) -> Any:
        backend: Any = lambda_backends[ACCOUNT][self._settings.region]
        layer = backend.layers_versions_by_arn(arn)
        return self._code.locate(layer.content, layer.code_bytes).folder


def _invoked_arn(function: Any, name: str, qualifier: str | None) -> str:
    """The ARN in the function's context: with the qualifier that the caller used."""
    base = f"arn:aws:lambda:{function.region}:{ACCOUNT}:function:{function.function_name}"
    _, named = split(name, qualifier)
    return f"{base}:{named}" if named else base
