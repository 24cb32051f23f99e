"""Patches moto's Lambda to run functions, and to keep settings that it drops."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from moto.awslambda import models, responses
from moto.awslambda.exceptions import InvalidParameterValueException
from moto.core.responses import BaseResponse

from localaws.lambdas import aliases
from localaws.lambdas.asynchronous import AsyncInvoker
from localaws.lambdas.function_names import split
from localaws.lambdas.functions import Functions
from localaws.lambdas.invoke_api import invoke_operation
from localaws.lambdas.invoke_configs import InvokeConfigs
from localaws.moto_patches import MotoPatches
from localaws.targets import service_of

Method = Callable[..., Any]
# Settings of a function that moto's model doesn't store.
_DROPPED = ("DeadLetterConfig", "LoggingConfig", "SnapStart")
_REQUEST_ID = "x-amzn-requestid"
# All Python versions run on this one.
_RUNTIME = re.compile(r"python3\.\d+")
_UNSUPPORTED = ("VpcConfig", "FileSystemConfigs", "CodeSigningConfigArn")


class Urls(Protocol):
    """Serves function URLs."""

    def forget(self, name: str) -> None:
        """Stop serving a deleted function."""


@dataclass(frozen=True)
class Parts:
    """The parts of Lambda that moto lacks."""

    functions: Functions
    invoker: AsyncInvoker
    configs: InvokeConfigs
    urls: Urls


def install(patches: MotoPatches, parts: Parts) -> None:
    """Replace moto's invocation, and wrap the creation, update and deletion of functions."""
    wrap = _Wrappers(parts)
    parts.configs.install(patches)
    function, backend = models.LambdaFunction, models.LambdaBackend
    patches.replace(function, "__init__", wrap.construction)
    patches.replace(function, "update_configuration", wrap.configuration)
    patches.replace(function, "_set_function_code", wrap.code)
    patches.replace(function, "set_version", wrap.version)
    patches.replace(function, "get_configuration", wrap.description)
    patches.replace(function, "invoke", wrap.delivery)
    patches.replace(backend, "delete_function", wrap.deletion)
    patches.replace(backend, "create_alias", aliases.checked)
    patches.replace(backend, "update_alias", aliases.checked)
    patches.replace(BaseResponse, "_enrich_response", wrap.request_id)
    patches.replace(responses.LambdaResponse, "invoke", lambda _: invoke_operation(parts.functions, parts.invoker))


@dataclass
class _Wrappers:
    """One method per patch: each takes moto's method and returns the replacement.

    A new revision of a function makes its pool restart.
    """

    parts: Parts
    revisions: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def construction(self, original: Method) -> Method:
        def construct(function: Any, account_id: str, spec: dict[str, Any], region: str, version: str = "") -> None:
            _check_supported(spec)
            function.localaws_settings = {key: spec[key] for key in _DROPPED if spec.get(key)}
            original(function, account_id, spec, region, version)

        return construct

    def configuration(self, original: Method) -> Method:
        def update_configuration(function: Any, config_updates: dict[str, Any]) -> Any:
            _check_supported(config_updates)
            changed = {key: config_updates[key] for key in _DROPPED if key in config_updates}
            function.localaws_settings = function.localaws_settings | changed
            if "ImageConfig" in config_updates:
                function.image_config = models.ImageConfig(config_updates["ImageConfig"])
            answer = original(function, config_updates)
            function.localaws_revision = next(self.revisions)
            return answer

        return update_configuration

    def code(self, original: Method) -> Method:
        def set_function_code(function: Any, updated_spec: dict[str, Any]) -> None:
            uri = updated_spec.get("ImageUri")
            if uri is not None and self.parts.functions.images.get(uri) is None:
                raise InvalidParameterValueException(
                    f"Source image {uri} does not exist. Local AWS runs only images that it has built "
                    "from a Dockerfile of a template."
                )
            original(function, updated_spec)
            function.localaws_revision = next(self.revisions)

        return set_function_code

    def version(self, original: Method) -> Method:
        def set_version(function: Any, version: int) -> None:
            # moto's versions share this dict with $LATEST, so the next update would change all of them.
            function.code = dict(function.code)
            original(function, version)

        return set_version

    def description(self, original: Method) -> Method:
        def get_configuration(function: Any, on_create: bool = False) -> dict[str, Any]:
            kept = dict(function.localaws_settings)
            group = {"LogFormat": "Text", "LogGroup": function.logs_group_name}
            kept["LoggingConfig"] = group | kept.get("LoggingConfig", {})
            if "SnapStart" in kept:
                kept["SnapStart"] = kept["SnapStart"] | {"OptimizationStatus": "Off"}
            return original(function, on_create) | kept  # type: ignore[no-any-return]

        return get_configuration

    def delivery(self, _: Method) -> Method:
        def invoke(function: Any, body: Any, *_headers: Any) -> bytes:
            """Called by moto's SNS, S3 and log subscriptions: asynchronous, as on AWS."""
            payload = body if isinstance(body, bytes) else str(body or "{}").encode()
            self.parts.invoker.submit(function.function_arn, None, payload)
            return b""

        return invoke

    def deletion(self, original: Method) -> Method:
        def delete_function(backend: Any, function_name: str, qualifier: str | None = None) -> None:
            name = self.parts.functions.resolve(function_name, qualifier).function_name
            original(backend, function_name, qualifier)
            if split(function_name, qualifier)[1] is None:
                self.parts.functions.forget(name)
                self.parts.configs.forget(name)
                self.parts.urls.forget(name)

        return delete_function

    def request_id(self, original: Any) -> Any:
        def enrich_response(headers: dict[str, str], body: Any) -> Any:
            """Keep the request id of an invocation, which is in its log lines."""
            kept = headers.get(_REQUEST_ID)
            headers, body = original.__func__(headers, body)
            return (headers | {_REQUEST_ID: kept} if kept else headers), body

        return staticmethod(enrich_response)


def _check_supported(spec: dict[str, Any]) -> None:
    """Raise for unsupported settings of a function."""
    runtime = spec.get("Runtime")
    if runtime is not None and not _RUNTIME.fullmatch(runtime):
        raise InvalidParameterValueException(f"Local AWS supports only Python runtimes, not {runtime}.")
    for name in _UNSUPPORTED:
        value = spec.get(name)
        if any(value.values()) if isinstance(value, dict) else value:
            raise InvalidParameterValueException(f"Local AWS doesn't support {name} of a function.")
    target = (spec.get("DeadLetterConfig") or {}).get("TargetArn")
    if target and service_of(target) not in ("sqs", "sns"):
        raise InvalidParameterValueException(f"A dead-letter target must be a queue or a topic, not {target}.")
