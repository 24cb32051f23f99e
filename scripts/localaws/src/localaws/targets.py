"""Delivers messages to the target of an ARN, such as a queue, a topic, a function, an event bus or a state machine."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.awslambda.exceptions import UnknownAliasException, UnknownFunctionException
from moto.awslambda.models import lambda_backends
from moto.core.exceptions import ServiceException
from moto.sns.exceptions import SNSNotFoundError
from moto.sns.models import sns_backends
from moto.sqs.exceptions import QueueDoesNotExist
from moto.sqs.models import sqs_backends
from werkzeug.exceptions import HTTPException

from localaws.iam.guard import Guard
from localaws.iam.sender import Sender
from localaws.settings import ACCOUNT

logger = logging.getLogger(__name__)
# The services of destinations of asynchronous invocations.
DESTINATION_SERVICES = frozenset({"sqs", "sns", "lambda", "events"})
_ACTIONS = {
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "lambda": "lambda:InvokeFunction",
    "events": "events:PutEvents",
    "states": "states:StartExecution",
}
_MISSING = (QueueDoesNotExist, SNSNotFoundError, UnknownAliasException, UnknownFunctionException)
_BUS = re.compile(r"arn:[^:]*:events:[^:]*:[^:]*:event-bus/.+")


@dataclass(frozen=True)
class Failure:
    """Why something couldn't be delivered: the code of the service's error, and its message."""

    code: str
    message: str
    missing: bool = False
    denied: bool = False

    def __str__(self) -> str:
        return self.message


# Delivers a body to an ARN; returns the failure if there's one.
Deliver = Callable[[str, str], Failure | None]


def service_of(arn: str) -> str:
    """The service that an ARN names, or ""."""
    parts = arn.split(":")
    return parts[2] if len(parts) > 5 and parts[0] == "arn" else ""


def is_bus(arn: str) -> bool:
    """Whether an ARN is an event bus's: EventBridge has other resources, such as API destinations."""
    return _BUS.fullmatch(arn) is not None


class Targets:
    """Delivers to queues, to topics and, asynchronously by `invoke`, to functions; other services can be added.

    `guard` says whether a sender may.
    """

    def __init__(self, region: str, invoke: Callable[[str, str | None, bytes], Any], guard: Guard) -> None:
        self._region, self._invoke, self._guard = region, invoke, guard
        self._added: dict[str, Deliver] = {}

    def add(self, service: str, deliver: Deliver) -> None:
        """Add a service."""
        self._added[service] = deliver

    def denied(self, sender: Sender, arn: str) -> Failure | None:
        """Why a sender may not deliver to an ARN; None if it may.

        The policies of log groups, and of buses for rules without a role, aren't looked at.
        """
        service = service_of(arn)
        if service not in _ACTIONS or (service == "events" and not sender.role):
            return None
        missing = self._guard.denied(sender, _ACTIONS[service], arn)
        return Failure("AccessDeniedException", str(missing), denied=True) if missing else None

    def send(
        self,
        sender: Sender,
        arn: str,
        body: str,
        attributes: Mapping[str, str | int],
        group_id: str | None = None,
        *,
        subject: str | None = None,
    ) -> Failure | None:
        """Deliver `body` with attributes (to a topic with `subject`); returns the failure if there's one."""
        if failure := self.denied(sender, arn):
            logger.warning("A message to %s could not be delivered: %s", arn, failure)
            return failure
        service, name = service_of(arn), arn.rsplit(":", 1)[1]
        typed = {key: (_type(value), str(value) or " ") for key, value in attributes.items()}
        try:
            if service == "sqs":
                queues: Any = sqs_backends[ACCOUNT][self._region]
                described = {key: {"DataType": kind, "StringValue": text} for key, (kind, text) in typed.items()}
                queues.send_message(name, body, message_attributes=described, group_id=group_id)
            elif service == "sns":
                topics: Any = sns_backends[ACCOUNT][self._region]
                values = {key: {"Type": kind, "Value": text} for key, (kind, text) in typed.items()}
                topics.publish(body, arn=arn, subject=subject, message_attributes=values)
            elif service == "lambda":
                functions: Any = lambda_backends[ACCOUNT][self._region]
                functions.get_function(arn)
                self._invoke(arn, None, body.encode())
            elif service in self._added:
                return self._added[service](arn, body)
            else:
                return Failure("InvalidParameterValue", f"local AWS can't deliver to {arn}")
        except (ServiceException, HTTPException) as error:
            logger.warning("A message to %s could not be delivered: %s", arn, error)
            return failure_of(error)
        return None


def _type(value: str | int) -> str:
    return "Number" if isinstance(value, int) else "String"


def failure_of(error: Exception) -> Failure:
    """A service's error, with the code that clients get."""
    code = str(getattr(error, "error_type", "") or getattr(error, "code", "") or type(error).__name__)
    return Failure(code, str(getattr(error, "message", "") or error), isinstance(error, _MISSING))
