"""Delivers messages to the target of an ARN: a queue, a topic, a function, a log group or an event bus."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.exceptions import ServiceException
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from werkzeug.exceptions import HTTPException

from localaws.settings import ACCOUNT

logger = logging.getLogger(__name__)
# The services of destinations of asynchronous invocations.
DESTINATION_SERVICES = frozenset({"sqs", "sns", "lambda", "events"})
# Delivers a body to an ARN; returns the reason if that fails, else None.
Deliver = Callable[[str, str], str | None]


def service_of(arn: str) -> str:
    """The service that an ARN names, or ""."""
    parts = arn.split(":")
    return parts[2] if len(parts) > 5 and parts[0] == "arn" else ""


class Targets:
    """Delivers to queues, to topics and, asynchronously by `invoke`, to functions; other services can be added."""

    def __init__(self, region: str, invoke: Callable[[str, str | None, bytes], Any]) -> None:
        self._region, self._invoke = region, invoke
        self._added: dict[str, Deliver] = {}

    def add(self, service: str, deliver: Deliver) -> None:
        """Add a service."""
        self._added[service] = deliver

    def send(
        self,
        arn: str,
        body: str,
        attributes: Mapping[str, str],
        group_id: str | None = None,
        *,
        subject: str | None = None,
    ) -> str | None:
        """Deliver `body` (to a topic with `subject`); returns the reason if that fails, else None."""
        service, name = service_of(arn), arn.rsplit(":", 1)[1]
        typed = {key: {"DataType": "String", "StringValue": value or " "} for key, value in attributes.items()}
        try:
            if service == "sqs":
                queues: Any = sqs_backends[ACCOUNT][self._region]
                queues.send_message(name, body, message_attributes=typed, group_id=group_id)
            elif service == "sns":
                topics: Any = sns_backends[ACCOUNT][self._region]
                values = {key: {"Type": "String", "Value": value or " "} for key, value in attributes.items()}
                topics.publish(body, arn=arn, subject=subject, message_attributes=values)
            elif service == "lambda":
                self._invoke(arn, None, body.encode())
            elif service in self._added:
                return self._added[service](arn, body)
            else:
                return f"local AWS can't deliver to {arn}"
        except (ServiceException, HTTPException) as error:
            logger.warning("A message to %s could not be delivered: %s", arn, error)
            return str(error)
        return None
