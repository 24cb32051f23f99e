"""Makes moto's Parameter Store check requests.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.kms.models import kms_backends
from moto.ssm.exceptions import ParameterVersionNotFound, ValidationException
from moto.ssm.models import SimpleSystemManagerBackend
from moto.ssm.responses import SimpleSystemManagerResponse

from localaws.moto_patches import MotoPatches

_NAME = re.compile(r"[A-Za-z0-9_.-]+|(?:/[A-Za-z0-9_.-]+)+/?")
_LARGEST = {"Standard": 4096, "Advanced": 8192, "Intelligent-Tiering": 8192}
_MOST_LEVELS = 15
# With the prefix of its ARN a name may have 2,048 characters.
_LONGEST_NAME = 1011
_DEFAULT_PAGE = 10


class PatternMismatch(JsonRESTError):
    """A value doesn't match the parameter's AllowedPattern."""

    def __init__(self, pattern: str) -> None:
        super().__init__(
            "ParameterPatternMismatchException",
            f"Parameter value, cannot be validated against allowedPattern: {pattern}",
        )


class InvalidKey(JsonRESTError):
    """The KMS key of a secure string doesn't exist."""

    def __init__(self, key_id: str) -> None:
        super().__init__("InvalidKeyId", f"The key {key_id} doesn't exist.")


class InvalidToken(JsonRESTError):
    """The token of a page isn't one that was given."""

    def __init__(self) -> None:
        super().__init__("InvalidNextToken", "The specified token is not valid.")


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
    patches.replace(backend, "get_parameters", _getting_several)
    patches.replace(backend, "_get_values_nexttoken", _paging)
    patches.replace(backend, "_get_history_nexttoken", _paging)
    response = SimpleSystemManagerResponse
    patches.replace(response, "get_parameter", _selecting)
    patches.replace(response, "get_parameters", _selecting)
    patches.replace(response, "describe_parameters", _describing)


def check_parameter(name: str, value: str, tier: str | None) -> None:
    """Raise ValidationException for a name or value that Parameter Store refuses."""
    if not _NAME.fullmatch(name):
        raise ValidationException(
            "Parameter name must be a fully qualified name: letters, numbers and .-_ in parts that slashes divide, "
            f"with a slash at the beginning if there are several: {name}"
        )
    if len(name) > _LONGEST_NAME:
        raise ValidationException(f"Parameter name must not be longer than {_LONGEST_NAME} characters.")
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


def _check_key(backend: Any, kind: str | None, key_id: str | None) -> None:
    """Raise if a secure string has a key that doesn't exist; those of AWS exist when they're needed."""
    if kind != "SecureString" or not key_id or key_id.rpartition(":")[2].startswith("alias/aws/"):
        return
    keys: Any = kms_backends[backend.account_id][backend.region_name]
    alias = keys.get_alias_name(key_id)
    known = keys.alias_exists(alias) if alias.startswith("alias/") else keys.get_key_id(key_id) in keys.keys
    if not known:
        raise InvalidKey(key_id)


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
        key_id = options.get("keyid") if "keyid" in options else args[0] if args else None
        _check_key(backend, kind, key_id)
        # A new version keeps the pattern of the one before.
        before = backend._parameters.get(name)
        if before and before[-1].tier == "Advanced" and options.get("tier") == "Standard":
            raise ValidationException(
                "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the "
                "advanced-parameter tier to the standard-parameter tier."
            )
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


def _getting_several(original: Callable[..., Any]) -> Callable[..., Any]:
    def get_parameters(backend: Any, names: list[str]) -> Any:
        if len(set(names)) < len(names):
            raise ValidationException("Duplicate parameter names are not allowed.")
        return original(backend, names)

    return get_parameters


def _paging(original: Callable[..., Any]) -> Callable[..., Any]:
    def page(backend: Any, items: Any, *args: Any, **options: Any) -> Any:
        token = options.get("token") or next((each for each in args if isinstance(each, str)), None)
        if token is not None and not token.isdigit():
            raise InvalidToken
        return original(backend, items, *args, **options)

    return page


def _selecting(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def respond(request: Any) -> Any:
        """Add to each parameter by which version or label it was asked for."""
        answer = original(request)
        asked = [request._get_param("Name")] if request._get_param("Name") else request._get_param("Names")
        found = answer.result
        parameters = [found["Parameter"]] if "Parameter" in found else found["Parameters"]
        for parameter in parameters:
            names = (parameter["Name"], parameter["ARN"])
            for name in asked:
                base, _, selector = name.rpartition(":")
                if base in names and _version(request.ssm_backend, name) == parameter["Version"]:
                    parameter["Selector"] = f":{selector}"
        return answer

    return respond


def _version(backend: Any, name: str) -> int | None:
    """The version that a name with a selector stands for; None if there's none."""
    try:
        found = backend.get_parameter(name)
    except ParameterVersionNotFound:
        return None
    return int(found.version) if found else None


def _describing(_: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def describe_parameters(request: Any) -> Any:
        """A page of at most MaxResults parameters."""
        token = (request._get_param("NextToken") or "0").strip() or "0"
        if not token.isdigit():
            raise InvalidToken
        start, most = int(token), request._get_param("MaxResults") or _DEFAULT_PAGE
        filters, others = request._get_param("Filters"), request._get_param("ParameterFilters")
        found = request.ssm_backend.describe_parameters(filters, others)
        answer: dict[str, Any] = {
            "Parameters": [each.describe_response_object(False) for each in found[start : start + most]]
        }
        if start + most < len(found):
            answer["NextToken"] = str(start + most)
        return ActionResult(answer)

    return describe_parameters
