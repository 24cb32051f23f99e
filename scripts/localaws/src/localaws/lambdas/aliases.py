"""Aliases: weighted choice of a version, and validation of routing configurations.

https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import unquote

from moto.awslambda.exceptions import ConflictException, InvalidParameterValueException

from localaws.lambdas.function_names import split
from localaws.lambdas.revisions import Conflict, check_revision


def chosen_version(alias: Any, random: Random) -> str:
    """The version that handles a call of `alias`, chosen by its weights."""
    weights = (alias.routing_config or {}).get("AdditionalVersionWeights") or {}
    drawn = random.random()
    for version, weight in weights.items():
        if drawn < float(weight):
            return str(version)
        drawn -= float(weight)
    return str(alias.function_version)


def created(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap moto's creation of an alias to validate its weights, and to answer a taken name as AWS does."""
    checking = checked(original)

    def create_alias(backend: Any, name: str, *args: Any, **options: Any) -> Any:
        try:
            return checking(backend, name, *args, **options)
        except ConflictException as error:
            raise Conflict(str(error.message)) from None

    return create_alias


def checked(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap moto's creation or update of an alias to validate its weights as AWS does."""

    def put_alias(backend: Any, name: str, function_name: str, *args: Any, **options: Any) -> Any:
        weights = (options.get("routing_config") or {}).get("AdditionalVersionWeights") or {}
        version = options.get("function_version")
        if version:
            backend.get_function(function_name, version)
        elif weights:
            version = backend.get_alias(name, function_name).function_version
        if len(weights) > 1:
            raise InvalidParameterValueException("The number of additional versions must be at most 1.")
        for additional in weights:
            backend.get_function(function_name, additional)
            if additional == version:
                raise InvalidParameterValueException(
                    f"Invalid function version {version}. Function version {additional} is already included in routing "
                    "configuration."
                )
            if "$LATEST" in (additional, version):
                raise InvalidParameterValueException(
                    "$LATEST is not supported for an alias pointing to more than 1 version"
                )
        return original(backend, name, function_name, *args, **options)

    return put_alias


def updated(_: Callable[..., Any]) -> Callable[..., Any]:
    """Replace moto's UpdateAlias, which has no revisions."""

    def update_alias(request: Any) -> tuple[int, dict[str, Any], str]:
        *_, function_name, _, name = map(unquote, request.path.rstrip("/").split("/"))
        given = request.json_body
        alias = request.backend.get_alias(name, function_name)
        check_revision(alias.revision_id, given.get("RevisionId"))
        request.backend.update_alias(
            name=name,
            function_name=function_name,
            function_version=given.get("FunctionVersion"),
            description=given.get("Description"),
            routing_config=given.get("RoutingConfig"),
        )
        alias.revision_id = str(uuid.uuid4())
        return 200, {"status": 200}, json.dumps(alias.to_json())

    return update_alias


def described(original: Any) -> Any:
    """Wrap moto's description of what a qualifier names: an alias has an ARN of its own."""

    def with_arn(configuration: dict[str, Any], function_name: str, qualifier: str | None) -> Any:
        shown = original.__func__(configuration, function_name, qualifier)
        _, named = split(function_name, qualifier)
        if named and named != shown["Version"]:
            base, _, _ = str(shown["FunctionArn"]).rpartition(":")
            shown["FunctionArn"] = f"{base}:{named}"
        return shown

    return staticmethod(with_arn)
