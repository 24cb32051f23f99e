"""Aliases: weighted choice of a version, and validation of routing configurations.

https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Any

from moto.awslambda.exceptions import ConflictException, InvalidParameterValueException

from localaws.lambdas.revisions import Conflict
from localaws.lambdas.validation import InvalidRequest

_NAME = re.compile(r"(?!^[0-9]+$)([a-zA-Z0-9-_]+)")
_LONGEST_NAME = 128


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
    """Wrap moto's creation of an alias to validate it, and to answer a taken name as AWS does."""
    checking = checked(original)

    def create_alias(backend: Any, name: str, *args: Any, **options: Any) -> Any:
        if len(name) > _LONGEST_NAME:
            raise InvalidRequest(name, "name", f"Member must have length less than or equal to {_LONGEST_NAME}")
        if not _NAME.fullmatch(name):
            raise InvalidRequest(name, "name", f"Member must satisfy regular expression pattern: {_NAME.pattern}")
        try:
            return checking(backend, name, *args, **options)
        except ConflictException as error:
            raise Conflict(str(error.message)) from None

    return create_alias


def checked(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap moto's creation or update of an alias to validate its weights as AWS does."""

    def put_alias(backend: Any, name: str, function_name: str, *args: Any, **options: Any) -> Any:
        weights = (options.get("routing_config") or {}).get("AdditionalVersionWeights") or {}
        for additional, weight in weights.items():
            if not 0 <= float(weight) <= 1:
                raise InvalidParameterValueException(f"The weight of version {additional} must be from 0.0 to 1.0.")
        version = options.get("function_version")
        if version:
            backend.get_function(function_name, version)
        if len(weights) > 1:
            raise InvalidParameterValueException("The number of additional versions must be at most 1.")
        for additional in weights:
            backend.get_function(function_name, additional)
            if "$LATEST" in (additional, version):
                raise InvalidParameterValueException(
                    "$LATEST is not supported for an alias pointing to more than 1 version"
                )
        return original(backend, name, function_name, *args, **options)

    return put_alias
