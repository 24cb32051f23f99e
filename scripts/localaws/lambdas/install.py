"""Makes moto's Lambda run functions, and keep the settings that it drops."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from moto.awslambda import models, responses
from moto.awslambda.exceptions import InvalidParameterValueException
from moto.core.responses import BaseResponse

from localaws.lambdas.api import invoke_operation
from localaws.lambdas.asynchronous import AsyncInvoker
from localaws.lambdas.functions import Functions
from localaws.seams import Seams

# Settings of a function that moto's model has no room for.
_DROPPED = ("DeadLetterConfig", "LoggingConfig", "SnapStart")
_REQUEST_ID = "x-amzn-requestid"


def install(seams: Seams, functions: Functions, invoker: AsyncInvoker) -> None:
    """Replace moto's invocation, and wrap what creates and changes functions."""
    revisions = itertools.count(1)
    function = models.LambdaFunction

    def created(original: Callable[..., None]) -> Callable[..., None]:
        def __init__(self: Any, account_id: str, spec: dict[str, Any], region: str, version: str | int = 1) -> None:
            self.localaws_settings = {key: spec[key] for key in _DROPPED if spec.get(key)}
            original(self, account_id, spec, region, version)

        return __init__

    def configured(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        def update_configuration(self: Any, config_updates: dict[str, Any]) -> dict[str, Any]:
            changed = {key: config_updates[key] for key in _DROPPED if key in config_updates}
            self.localaws_settings = self.localaws_settings | changed
            if "ImageConfig" in config_updates:
                self.image_config = models.ImageConfig(config_updates["ImageConfig"])
            self.localaws_revision = next(revisions)
            return original(self, config_updates)

        return update_configuration

    def coded(original: Callable[..., None]) -> Callable[..., None]:
        def _set_function_code(self: Any, updated_spec: dict[str, Any]) -> None:
            uri = updated_spec.get("ImageUri")
            if uri is not None and functions.images.get(uri) is None:
                raise InvalidParameterValueException(
                    f"Source image {uri} does not exist. Local AWS runs the images that it built itself from a "
                    "Dockerfile of the template it was started with; name one of those."
                )
            original(self, updated_spec)
            self.localaws_revision = next(revisions)

        return _set_function_code

    def versioned(original: Callable[..., None]) -> Callable[..., None]:
        def set_version(self: Any, version: int) -> None:
            # moto's versions share this dict with $LATEST, whose next update would change them all.
            self.code = dict(self.code)
            original(self, version)

        return set_version

    def described(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        def get_configuration(self: Any, on_create: bool = False) -> dict[str, Any]:
            logging = {"LogFormat": "Text", "LogGroup": self.logs_group_name}
            kept = dict(self.localaws_settings)
            kept["LoggingConfig"] = logging | kept.get("LoggingConfig", {})
            if "SnapStart" in kept:
                kept["SnapStart"] = kept["SnapStart"] | {"OptimizationStatus": "Off"}
            return original(self, on_create) | kept

        return get_configuration

    def delivered(_: Callable[..., Any]) -> Callable[..., Any]:
        def invoke(self: Any, body: Any, request_headers: Any, response_headers: Any) -> bytes:
            """What moto's SNS, S3 and log subscriptions call: asynchronous, as on AWS."""
            payload = body if isinstance(body, bytes) else str(body or "{}").encode()
            invoker.submit(self.function_arn, None, payload)
            return b""

        return invoke

    def deleted(original: Callable[..., None]) -> Callable[..., None]:
        def delete_function(self: Any, function_name: str, qualifier: str | None = None) -> None:
            name = functions.resolve(function_name, qualifier).function_name
            original(self, function_name, qualifier)
            functions.forget(name)

        return delete_function

    def replaced(original: Callable[..., Any]) -> Callable[..., Any]:
        def put_function_event_invoke_config(self: Any, function_name: str, config: dict[str, Any]) -> Any:
            self.get_function(function_name).event_invoke_config = []
            return original(self, function_name, config)

        return put_function_event_invoke_config

    def enriched(original: Any) -> staticmethod[..., Any]:
        def _enrich_response(headers: dict[str, str], body: Any) -> Any:
            """Keep the request id of an invocation, which its log lines carry."""
            kept = headers.get(_REQUEST_ID)
            headers, body = original.__func__(headers, body)
            return (headers | {_REQUEST_ID: kept} if kept else headers), body

        return staticmethod(_enrich_response)

    seams.replace(function, "__init__", created)
    seams.replace(function, "update_configuration", configured)
    seams.replace(function, "_set_function_code", coded)
    seams.replace(function, "set_version", versioned)
    seams.replace(function, "get_configuration", described)
    seams.replace(function, "invoke", delivered)
    seams.replace(models.LambdaBackend, "delete_function", deleted)
    seams.replace(models.LambdaBackend, "put_function_event_invoke_config", replaced)
    seams.replace(BaseResponse, "_enrich_response", enriched)
    seams.replace(responses.LambdaResponse, "invoke", lambda _: invoke_operation(functions, invoker))
