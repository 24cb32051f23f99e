"""Makes moto's Parameter Store check requests.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.ssm.exceptions import ParameterVersionNotFound, ValidationException
from moto.ssm.models import SimpleSystemManagerBackend

from localaws.moto_patches import MotoPatches

_NAME = re.compile(r"[A-Za-z0-9_.-]+|(?:/[A-Za-z0-9_.-]+)+/?")
_LARGEST = {"Standard": 4096, "Advanced": 8192, "Intelligent-Tiering": 8192}
_MOST_LEVELS = 15


class PatternMismatch(JsonRESTError):
    """A value doesn't match the parameter's AllowedPattern."""

    def __init__(self, pattern: str) -> None:
        super().__init__(
            "ParameterPatternMismatchException",
            f"Parameter value, cannot be validated against allowedPattern: {pattern}",
        )


class InvalidPattern(JsonRESTError):
    """The AllowedPattern isn't a regular expression."""

    def __init__(self, pattern: str) -> None:
        super().__init__(
            "InvalidAllowedPatternException", f"The allowedPattern isn't a valid regular expression: {pattern}"
        )


def install(patches: MotoPatches) -> None:
    """Replace what moto accepts or answers otherwise."""
    backend = SimpleSystemManagerBackend
    patches.replace(backend, "put_parameter", _putting)
    patches.replace(backend, "get_parameters_by_path", _getting_by_path)
    patches.replace(backend, "get_parameter", _getting)


def check_parameter(name: str, value: str, tier: str | None) -> None:
    """Raise ValidationException for a name or value that Parameter Store refuses."""
    if not _NAME.fullmatch(name):
        raise ValidationException(
            "Parameter name must be a fully qualified name: letters, numbers and .-_ in parts that slashes divide, "
            f"with a slash at the beginning if there are several: {name}"
        )
    if name.strip("/").count("/") >= _MOST_LEVELS:
        raise ValidationException(f"Parameter name can't have more than {_MOST_LEVELS} levels: {name}")
    kind = tier or "Standard"
    largest = _LARGEST.get(kind, _LARGEST["Standard"])
    if len(value.encode()) > largest:
        raise ValidationException(
            f"{kind} tier parameters support a maximum parameter value of {largest} characters. To create a larger "
            "parameter value, upgrade the parameter to use the advanced-parameter tier."
        )


def check_pattern(value: str, pattern: str) -> None:
    """Raise PatternMismatch if no part of a value matches the pattern, InvalidPattern if it isn't one."""
    try:
        found = re.search(pattern, value)
    except re.error:
        raise InvalidPattern(pattern) from None
    if found is None:
        raise PatternMismatch(pattern)


def _putting(original: Callable[..., Any]) -> Callable[..., Any]:
    def put_parameter(
        backend: Any,
        name: str,
        description: Any,
        value: str,
        kind: Any,
        pattern: str | None,
        *args: Any,
        **options: Any,
    ) -> Any:
        check_parameter(name, value or "", options.get("tier"))
        # A new version keeps the pattern of the one before.
        before = backend._parameters.get(name)
        allowed = pattern if pattern is not None else before[-1].allowed_pattern if before else None
        if value and allowed:
            check_pattern(value, allowed)
        return original(backend, name, description, value, kind, pattern, *args, **options)

    return put_parameter


def _getting_by_path(original: Callable[..., Any]) -> Callable[..., Any]:
    def get_parameters_by_path(backend: Any, path: str, *args: Any, **options: Any) -> Any:
        if not path.startswith("/"):
            raise ValidationException(f"The parameter doesn't meet the parameter name requirements: {path}")
        return original(backend, path, *args, **options)

    return get_parameters_by_path


def _getting(original: Callable[..., Any]) -> Callable[..., Any]:
    def get_parameter(backend: Any, name: str) -> Any:
        found = original(backend, name)
        base, colon, version = name.rpartition(":")
        if found is None and colon and not name.startswith("arn:") and original(backend, base) is not None:
            raise ParameterVersionNotFound(
                f"Systems Manager could not find version {version} of {base}. Verify the version and try again."
            )
        return found

    return get_parameter
