"""The resources of tasks: which API a task calls, and how it waits for the result."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from localaws.stepfunctions.language.services import (
    INTEGRATIONS,
    OPTIMIZED_SERVICES,
    SDK_SERVICES,
    model_of,
    operation_of,
)

_FUNCTION = re.compile(r"arn:[\w-]+:lambda:[\w-]*:\d*:function:[\w-]+(:[\w$-]+)?")
_ARN = re.compile(r"arn:[\w-]+:states:[\w-]*:\d*:(?P<rest>.+)")
PATTERNS = ("", "sync", "sync:2", "waitForTaskToken")


class WrongResource(Exception):
    """AWS refuses the resource too."""


class Unsupported(Exception):
    """Only local AWS doesn't support the resource."""


@dataclass(frozen=True)
class Resource:
    """An API that a task calls. `service` and `action` are as the ARN has them, `pattern` is one of PATTERNS.

    `sdk` is whether it's an AWS SDK integration. A function's ARN is the service `lambda` with its `function`, an
    activity's the service `states` with its `activity`.
    """

    service: str
    action: str
    pattern: str = ""
    sdk: bool = False
    function: str = ""
    activity: str = ""

    @property
    def client(self) -> str:
        """boto3's name of the service."""
        return self._service[0]

    @property
    def error_prefix(self) -> str:
        """The beginning of the names of the service's errors."""
        return self._service[1]

    @property
    def operation(self) -> Any:
        """botocore's model of the API action; not for functions and activities."""
        return model_of(self.client).operation_model(self.action[:1].upper() + self.action[1:])

    @property
    def _service(self) -> tuple[str, str]:
        return (SDK_SERVICES if self.sdk else OPTIMIZED_SERVICES)[self.service]


def read_resource(arn: Any, kind: str) -> Resource:
    """The resource of an ARN, in a state machine of a type; raises WrongResource or Unsupported."""
    text = arn if isinstance(arn, str) else ""
    if _FUNCTION.fullmatch(text):
        return Resource("lambda", "invoke", function=text)
    found = _ARN.fullmatch(text)
    if found is None:
        raise WrongResource(f"Value is not a valid resource ARN: '{arn}'")
    rest = found["rest"]
    if rest.startswith("activity:"):
        if kind == "EXPRESS":
            raise WrongResource("Express state machine does not support activities")
        return Resource("states", "activity", activity=text)
    api, _, pattern = rest.partition(".")
    if pattern not in PATTERNS:
        raise WrongResource(f"The resource provided {arn} is not recognized. The value is not a valid resource ARN.")
    if kind == "EXPRESS" and pattern:
        raise WrongResource(f"Express state machine does not support '.{pattern}' service integration")
    parts = api.split(":")
    if parts[0] == "aws-sdk" and len(parts) == 3:
        return _sdk(parts[1], parts[2], pattern)
    if len(parts) != 2:
        raise WrongResource(f"The resource provided {arn} is not recognized. The value is not a valid resource ARN.")
    return _optimized(parts[0], parts[1], pattern)


def _optimized(service: str, action: str, pattern: str) -> Resource:
    if (service, action) not in INTEGRATIONS:
        raise Unsupported(f"the integration {service}:{action}")
    if pattern not in INTEGRATIONS[service, action]:
        raise WrongResource(f"The integration {service}:{action} doesn't support '.{pattern}'")
    return Resource(service, action, pattern)


def _sdk(service: str, action: str, pattern: str) -> Resource:
    if pattern not in ("", "waitForTaskToken"):
        raise WrongResource(f"AWS SDK integrations don't support '.{pattern}'")
    if service not in SDK_SERVICES:
        raise Unsupported(f"the AWS SDK integration of {service}")
    if operation_of(service, action) is None:
        raise WrongResource(f"The service {service} has no API action {action}")
    return Resource(service, action, pattern, sdk=True)
