"""Checks of Lambda's requests that moto doesn't make: limits, environment variables, and objects with code.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError
from moto.s3.exceptions import MissingBucket
from moto.s3.models import s3_backends

from localaws.lambdas.code import SOURCE_BUCKET
from localaws.lambdas.packages import check_archive, check_layers
from localaws.settings import ACCOUNT

_RESERVED = frozenset(
    {
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_MAX_CONCURRENCY",
        "AWS_LAMBDA_METADATA_API",
        "AWS_LAMBDA_METADATA_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
    }
)
_KEY = re.compile(r"[a-zA-Z]([a-zA-Z0-9_])+")
_NAME = re.compile(
    r"(arn:[a-z-]+:lambda:)?([a-z]{2}(-[a-z]+)+-\d:)?(\d{12}:)?(function:)?[a-zA-Z0-9-_]{1,64}(:(\$LATEST|[a-zA-Z0-9-_]+))?"
)
_HANDLER = re.compile(r"[^\s]+")
_LARGEST_ENVIRONMENT = 4096
_UNABLE = (
    "Lambda was unable to configure your environment variables because the environment variables you have provided"
)
_LONGEST = {"Description": ("description", 256), "Handler": ("handler", 128)}
# The name of a setting → its place in a request, its least and its greatest value.
_RANGES = {"MemorySize": ("memorySize", 128, 10240), "Timeout": ("timeout", 1, 900)}


class InvalidRequest(LambdaClientError):
    """A value in a request breaks a constraint of Lambda's API."""

    def __init__(self, value: object, place: str, constraint: str) -> None:
        super().__init__(
            "ValidationException",
            f"1 validation error detected: Value '{value}' at '{place}' failed to satisfy constraint: {constraint}",
        )


def check_settings(spec: Mapping[str, Any]) -> None:
    """Raise for settings of a function outside of Lambda's limits."""
    name = spec.get("FunctionName")
    if name is not None and not _NAME.fullmatch(str(name)):
        raise InvalidRequest(name, "functionName", f"Member must satisfy regular expression pattern: {_NAME.pattern}")
    for setting, (place, least, most) in _RANGES.items():
        value = spec.get(setting)
        if value is None or least <= int(value) <= most:
            continue
        bound = f"greater than or equal to {least}" if int(value) < least else f"less than or equal to {most}"
        raise InvalidRequest(value, place, f"Member must have value {bound}")
    for setting, (place, longest) in _LONGEST.items():
        if len(spec.get(setting) or "") > longest:
            raise InvalidRequest(spec[setting], place, f"Member must have length less than or equal to {longest}")
    handler = spec.get("Handler")
    if handler and not _HANDLER.fullmatch(handler):
        raise InvalidRequest(handler, "handler", f"Member must satisfy regular expression pattern: {_HANDLER.pattern}")
    check_layers(spec.get("Layers") or [])
    _check_variables((spec.get("Environment") or {}).get("Variables") or {})


def _check_variables(variables: Mapping[str, str]) -> None:
    reserved = sorted(_RESERVED & variables.keys())
    if reserved:
        raise InvalidParameterValueException(
            f"{_UNABLE} contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    invalid = sorted(name for name in variables if not _KEY.fullmatch(name))
    if invalid:
        constraint = (
            f"Map keys must satisfy constraint: [Member must satisfy regular expression pattern: {_KEY.pattern}]"
        )
        raise InvalidRequest(", ".join(invalid), "environment.variables", constraint)
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > _LARGEST_ENVIRONMENT:
        raise InvalidParameterValueException(f"{_UNABLE} exceeded the 4KB limit. String measured: {measured[:200]}…")


def check_object(code: Mapping[str, Any]) -> None:
    """Raise if the S3 object that `code` names doesn't exist, or isn't an archive."""
    bucket, key, version = code.get("S3Bucket"), code.get("S3Key"), code.get("S3ObjectVersion")
    # A function from an archive has a key too, which moto makes up.
    if not bucket or not key or "ZipFile" in code:
        return
    backend: Any = s3_backends[ACCOUNT]["aws"]
    try:
        found = backend.get_object(bucket, key)
    except MissingBucket:
        raise _unreadable("NoSuchBucket", "The specified bucket does not exist") from None
    if found is None:
        raise _unreadable("NoSuchKey", "The specified key does not exist.")
    if version and str(found.version_id) != str(version):
        raise InvalidParameterValueException(
            f"Local AWS supports only the newest version of {key} in {bucket}, not S3ObjectVersion {version}."
        )
    if bucket != SOURCE_BUCKET:
        check_archive(found.value)


def _unreadable(code: str, message: str) -> InvalidParameterValueException:
    return InvalidParameterValueException(
        f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"
    )
