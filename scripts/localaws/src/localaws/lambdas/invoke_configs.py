"""The retries, maximum age and destinations of asynchronous invocations, per function and qualifier.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from moto.awslambda import responses
from moto.awslambda.exceptions import InvalidParameterValueException
from moto.core.exceptions import JsonRESTError

from localaws.lambdas.function_names import split
from localaws.lambdas.validation import InvalidRequest
from localaws.moto_patches import MotoPatches
from localaws.targets import DESTINATION_SERVICES, service_of

Answer = tuple[int, dict[str, Any], str]
_LATEST = "$LATEST"
# The least and the greatest value of a setting.
_RANGES = {"MaximumRetryAttempts": (0, 2), "MaximumEventAgeInSeconds": (60, 21_600)}
_ARN = re.compile(r"arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}(-[a-z]+)+-\d)?:(\d{12})?:(.*)")


class NoSuchConfig(JsonRESTError):
    """The qualifier has no configuration."""

    code = 404

    def __init__(self, arn: str) -> None:
        super().__init__("ResourceNotFoundException", f"The function {arn} doesn't have an EventInvokeConfig")


class InvokeConfigs:
    """The configurations by function and qualifier; moto has only one per function."""

    def __init__(self) -> None:
        self._configs: dict[tuple[str, str], dict[str, Any]] = {}

    def of(self, name: str, qualifier: str | None) -> Mapping[str, Any]:
        """The configuration for calls of this qualifier; empty if there's none."""
        return self._configs.get((name, qualifier or _LATEST), {})

    def forget(self, name: str) -> None:
        """Drop the configurations of a deleted function."""
        for key in [key for key in self._configs if key[0] == name]:
            del self._configs[key]

    def forget_all(self) -> None:
        """Drop all of them."""
        self._configs.clear()

    def install(self, patches: MotoPatches) -> None:
        """Replace moto's five operations."""
        operations: dict[str, Callable[[Any], Answer]] = {
            "put_function_event_invoke_config": lambda request: self._put(request, {}),
            "update_function_event_invoke_config": self._update,
            "get_function_event_invoke_config": self._get,
            "delete_function_event_invoke_config": self._delete,
            "list_function_event_invoke_configs": self._list,
        }
        for name, operation in operations.items():
            patches.replace_method(responses.LambdaResponse, name, operation)

    def _put(self, request: Any, kept: Mapping[str, Any]) -> Answer:
        function, key = _addressed(request)
        check_config(request.json_body)
        _check_others(request.json_body, key[0])
        arn = f"{function.function_arn.split(':function:')[0]}:function:{key[0]}:{key[1]}"
        given = {name: value for name, value in request.json_body.items() if value is not None}
        self._configs[key] = {**kept, **given, "FunctionArn": arn, "LastModified": time.time()}
        return _answer(self._configs[key])

    def _update(self, request: Any) -> Answer:
        return self._put(request, self._found(request)[1])

    def _get(self, request: Any) -> Answer:
        return _answer(self._found(request)[1])

    def _delete(self, request: Any) -> Answer:
        del self._configs[self._found(request)[0]]
        return 204, {"status": 204}, "{}"

    def _list(self, request: Any) -> Answer:
        name, _ = split(unquote(request.path.rsplit("/", 3)[1]), None)
        found = [config for (function, _), config in self._configs.items() if function == name]
        return _answer({"FunctionEventInvokeConfigs": found})

    def _found(self, request: Any) -> tuple[tuple[str, str], dict[str, Any]]:
        function, key = _addressed(request)
        if key not in self._configs:
            raise NoSuchConfig(f"{function.function_arn}:{key[1]}")
        return key, self._configs[key]


def check_config(config: Mapping[str, Any]) -> None:
    """Raise for a configuration that Lambda refuses, or that local AWS doesn't support."""
    if all(config.get(name) is None for name in (*_RANGES, "DestinationConfig")):
        raise InvalidParameterValueException("You must specify at least one of error handling or destination setting.")
    for name, (least, most) in _RANGES.items():
        value = config.get(name)
        if value is not None and not least <= int(value) <= most:
            bound = f"greater than or equal to {least}" if int(value) < least else f"less than or equal to {most}"
            raise InvalidRequest(value, name[0].lower() + name[1:], f"Member must have value {bound}")
    check_destinations(config)


def check_destinations(config: Mapping[str, Any]) -> None:
    """Raise if local AWS can't deliver to a destination."""
    for name, destination in (config.get("DestinationConfig") or {}).items():
        arn = (destination or {}).get("Destination")
        if arn and not _ARN.fullmatch(arn):
            place = f"destinationConfig.{name[0].lower()}{name[1:]}.destination"
            raise InvalidRequest(arn, place, f"Member must satisfy regular expression pattern: {_ARN.pattern}")
        if arn and service_of(arn) not in DESTINATION_SERVICES:
            raise InvalidParameterValueException(f"Local AWS doesn't deliver {name} to {arn}.")


def _check_others(config: Mapping[str, Any], name: str) -> None:
    """Raise if a destination is the function itself."""
    for destination in (config.get("DestinationConfig") or {}).values():
        arn = (destination or {}).get("Destination")
        if arn and service_of(arn) == "lambda" and split(arn, None)[0] == name:
            raise InvalidParameterValueException("You can't specify the function as a destination for itself.")


def _addressed(request: Any) -> tuple[Any, tuple[str, str]]:
    name, qualifier = split(
        unquote(request.path.rsplit("/", 2)[1]), (request.querystring.get("Qualifier") or [None])[0]
    )
    return request.backend.get_function(name, qualifier), (name, qualifier or _LATEST)


def _answer(content: Mapping[str, Any]) -> Answer:
    return 200, {"status": 200}, json.dumps(content)
