"""Aliases: weighted choice of a version, and validation of routing configurations.

https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException


def chosen_version(alias: Any, random: Random) -> str:
    """The version that handles a call of `alias`, chosen by its weights."""
    weights = (alias.routing_config or {}).get("AdditionalVersionWeights") or {}
    drawn = random.random()
    for version, weight in weights.items():
        if drawn < float(weight):
            return str(version)
        drawn -= float(weight)
    return str(alias.function_version)


def checked(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap moto's creation or update of an alias to validate its weights as AWS does."""

    def put_alias(backend: Any, name: str, function_name: str, *args: Any, **options: Any) -> Any:
        weights = (options.get("routing_config") or {}).get("AdditionalVersionWeights") or {}
        version = options.get("function_version")
        if len(weights) > 1:
            raise InvalidParameterValueException("The number of additional versions must be at most 1.")
        for additional, weight in weights.items():
            backend.get_function(function_name, additional)
            if "$LATEST" in (additional, version):
                raise InvalidParameterValueException(
                    "$LATEST is not supported for an alias pointing to more than 1 version"
                )
            if not 0 <= float(weight) <= 1:
                raise InvalidParameterValueException(f"The weight of version {additional} must be from 0.0 to 1.0.")
        return original(backend, name, function_name, *args, **options)

    return put_alias
