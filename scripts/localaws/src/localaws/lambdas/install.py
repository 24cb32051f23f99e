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

from localaws.builds.dockerfile_plan import is_functions_entry
from localaws.lambdas import aliases, listings, permissions, revisions
from localaws.lambdas.asynchronous import AsyncInvoker
from localaws.lambdas.function_names import split
from localaws.lambdas.functions import Functions
from localaws.lambdas.invoke_api import invoke_operation
from localaws.lambdas.invoke_configs import InvokeConfigs
from localaws.lambdas.packages import check_upload, known_layers
from localaws.lambdas.validation import check_object, check_settings
from localaws.lambdas.version_numbers import VersionNumbers
from localaws.moto_patches import MotoPatches
from localaws.targets import service_of

Method = Callable[..., Any]
# Settings of a function that moto's model doesn't store.
_DROPPED = ("DeadLetterConfig", "DurableConfig", "LoggingConfig", "SnapStart")
# Settings that moto's model has, but doesn't update.
_UPDATED = {"KMSKeyArn": "kms_key_arn", "TracingConfig": "tracing_config"}
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
    numbers: VersionNumbers


def install(patches: MotoPatches, parts: Parts) -> None:
    """Replace moto's invocation, and wrap the creation, update and deletion of functions."""
    wrap = _Wrappers(parts)
    parts.configs.install(patches)
    permissions.install(patches)
    function, backend = models.LambdaFunction, models.LambdaBackend
    patches.replace(function, "__init__", wrap.construction)
    patches.replace(function, "update_configuration", wrap.configuration)
    patches.replace(function, "_get_layers_data", known_layers)
    patches.replace(function, "_set_function_code", wrap.code)
    patches.replace(function, "set_version", wrap.version)
    revisions.install(patches)
    listings.install(patches)
    patches.replace(models.LayerVersion, "__init__", _checked_layer)
    patches.replace(function, "get_configuration", wrap.description)
    patches.replace(function, "get_code", _with_concurrency)
    patches.replace(function, "invoke", wrap.delivery)
    patches.replace(backend, "delete_function", wrap.deletion)
    patches.replace(backend, "get_function", _qualified)
    patches.replace(backend, "put_function_concurrency", wrap.reservation)
    patches.replace(backend, "create_alias", aliases.created)
    patches.replace(backend, "update_alias", aliases.checked)
    patches.replace(responses.LambdaResponse, "update_alias", aliases.updated)
    patches.replace(responses.LambdaResponse, "_set_configuration_qualifier", aliases.described)
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
            _check_durable(spec)
            check_object(spec.get("Code") or {})
            check_upload(spec.get("Code") or {})
            _check_package(spec)
            function.localaws_settings = {key: spec[key] for key in _DROPPED if spec.get(key)}
            original(function, account_id, spec, region, version)
            revisions.renew(function)

        return construct

    def configuration(self, original: Method) -> Method:
        def update_configuration(function: Any, config_updates: dict[str, Any]) -> Any:
            _check_supported(config_updates)
            changed = {key: config_updates[key] for key in _DROPPED if key in config_updates}
            _check_durable(function.localaws_settings | changed)
            function.localaws_settings = function.localaws_settings | changed
            if "ImageConfig" in config_updates:
                image_config = models.ImageConfig(config_updates["ImageConfig"])
                self._check_entry_point(function.code.get("ImageUri"), image_config)
                function.image_config = image_config
            if "EphemeralStorage" in config_updates:
                function.ephemeral_storage = config_updates["EphemeralStorage"]["Size"]
            for name, attribute in _UPDATED.items():
                if name in config_updates:
                    setattr(function, attribute, config_updates[name])
            original(function, config_updates)
            function.localaws_revision = next(self.revisions)
            revisions.renew(function)
            return function.get_configuration()

        return update_configuration

    def code(self, original: Method) -> Method:
        def set_function_code(function: Any, updated_spec: dict[str, Any]) -> None:
            uri = updated_spec.get("ImageUri")
            if uri is not None and self.parts.functions.images.get(uri) is None:
                raise InvalidParameterValueException(
                    f"Source image {uri} does not exist. Local AWS runs only images that it has built "
                    "from a Dockerfile of a template."
                )
            self._check_entry_point(uri, function.image_config)
            check_object(updated_spec)
            check_upload(updated_spec)
            original(function, updated_spec)
            function.localaws_revision = next(self.revisions)
            revisions.renew(function)

        return set_function_code

    def _check_entry_point(self, uri: str | None, given: models.ImageConfig) -> None:
        """Raise for an image whose entry point isn't one that runs functions, with what ImageConfig changes of it."""
        image = self.parts.functions.images.get(uri) if uri else None
        entry_point = given.entry_point or (image.entry_point if image else ())
        if entry_point and not is_functions_entry(entry_point):
            raise InvalidParameterValueException(
                f"Local AWS doesn't run functions by the entry point {list(entry_point)}, only by that of Lambda's "
                'base image or the runtime interface client: set ImageConfig.EntryPoint to ["/lambda-entrypoint.sh"].'
            )

    def version(self, original: Method) -> Method:
        def set_version(function: Any, version: int) -> None:  # noqa: ARG001 (how many versions there are)
            # moto's versions share this dict with $LATEST, so the next update would change all of them.
            function.code = dict(function.code)
            original(function, self.parts.numbers.next(function.function_name, function.code_sha_256))
            revisions.renew(function)

        return set_version

    def description(self, original: Method) -> Method:
        def get_configuration(function: Any, on_create: bool = False) -> dict[str, Any]:
            kept = function.localaws_settings | {"RevisionId": function.localaws_revision_id}
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
            function = self.parts.functions.resolve(function_name, qualifier)
            name, version = function.function_name, split(function_name, qualifier)[1]
            if version is not None:
                revisions.check_deletion(backend, function, version)
            original(backend, function_name, qualifier)
            if version is None:
                self.parts.functions.forget(name)
                self.parts.configs.forget(name)
                self.parts.urls.forget(name)

        return delete_function

    def reservation(self, original: Method) -> Method:
        def put_function_concurrency(backend: Any, function_name: str, reserved_concurrency: Any) -> Any:
            name = self.parts.functions.resolve(function_name).function_name
            self.parts.functions.check_reservation(name, int(reserved_concurrency))
            return original(backend, function_name, reserved_concurrency)

        return put_function_concurrency

    def request_id(self, original: Any) -> Any:
        def enrich_response(headers: dict[str, str], body: Any) -> Any:
            """Keep the request id of an invocation, which is in its log lines."""
            kept = headers.get(_REQUEST_ID)
            headers, body = original.__func__(headers, body)
            return (headers | {_REQUEST_ID: kept} if kept else headers), body

        return staticmethod(enrich_response)


def _qualified(original: Method) -> Method:
    def get_function(backend: Any, function_name_or_arn: str, qualifier: str | None = None) -> Any:
        # It raises for two qualifiers that differ; moto takes one of them.
        split(function_name_or_arn, qualifier)
        return original(backend, function_name_or_arn, qualifier)

    return get_function


def _with_concurrency(original: Method) -> Method:
    def get_code(function: Any) -> dict[str, Any]:
        # moto leaves out a reservation of 0.
        reserved = function.reserved_concurrency
        shown = {} if reserved is None else {"Concurrency": {"ReservedConcurrentExecutions": int(reserved)}}
        return original(function) | shown  # type: ignore[no-any-return]

    return get_code


def _checked_layer(original: Method) -> Method:
    def construct(layer: Any, spec: dict[str, Any], account_id: str, region: str) -> None:
        check_object(spec["Content"])
        check_upload(spec["Content"])
        original(layer, spec, account_id, region)

    return construct


def _check_supported(spec: dict[str, Any]) -> None:
    """Raise for unsupported and for invalid settings of a function."""
    check_settings(spec)
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


def _check_package(spec: dict[str, Any]) -> None:
    if spec.get("PackageType") != "Image" and not (spec.get("Runtime") and spec.get("Handler")):
        raise InvalidParameterValueException(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )


def _check_durable(spec: dict[str, Any]) -> None:
    if spec.get("DurableConfig") and (spec.get("DeadLetterConfig") or {}).get("TargetArn"):
        raise InvalidParameterValueException("Local AWS doesn't support DeadLetterConfig of a durable function.")
