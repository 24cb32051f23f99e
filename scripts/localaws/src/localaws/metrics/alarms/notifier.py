"""Announces the state changes of alarms on the default event bus, and runs their actions."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from localaws.iam.sender import Sender
from localaws.metrics.alarms import messages
from localaws.metrics.alarms.alarm import Alarm, Change
from localaws.targets import service_of

logger = logging.getLogger(__name__)


class Send(Protocol):
    """Delivers a message to an ARN; returns the reason if that fails, else None."""

    def __call__(
        self, sender: Sender, arn: str, body: str, attributes: Mapping[str, str], *, subject: str | None
    ) -> object: ...


Publish = Callable[[str, str, Mapping[str, Any], list[str]], None]


class Notifier:
    """Notifies of the alarms of one region: `publish` puts an event on the default bus, `send` delivers an action."""

    def __init__(self, region: str, publish: Publish, send: Send) -> None:
        self._region, self._publish, self._send = region, publish, send

    def announce(self, alarm: Alarm[Any], before: Change) -> None:
        """Put the event of a state change on the default bus."""
        detail = messages.bus_detail(alarm, before)
        self._publish("aws.cloudwatch", "CloudWatch Alarm State Change", detail, [alarm.arn])

    def act(self, alarm: Alarm[Any], before: Change, moment: float) -> None:
        """Run the actions of an alarm's state."""
        for arn in alarm.definition.actions(alarm.current.state):
            self._run(alarm, before, arn, moment)

    def _run(self, alarm: Alarm[Any], before: Change, arn: str, moment: float) -> None:
        if service_of(arn) == "sns":
            body = json.dumps(messages.topic_message(alarm, before, self._region))
            subject = f'{alarm.current.state}: "{alarm.definition.name}" in {self._region}'[:100]
            sender = Sender("cloudwatch.amazonaws.com", alarm.arn)
            problem = self._send(sender, arn, body, {}, subject=subject)
        else:
            body = json.dumps(messages.function_payload(alarm, before, self._region))
            sender = Sender("lambda.alarms.cloudwatch.amazonaws.com", alarm.arn)
            problem = self._send(sender, arn, body, {}, subject=None)
        if problem:
            logger.warning("The alarm %s could not run its action %s: %s", alarm.definition.name, arn, problem)
        outcome = f"Failed to execute action {arn}: {problem}" if problem else f"Successfully executed action {arn}"
        data = {"actionState": "Failed" if problem else "Succeeded", "notificationResource": arn}
        alarm.record("Action", outcome, data, moment)
