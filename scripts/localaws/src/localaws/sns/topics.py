"""Delivers SNS messages to functions as AWS's event, and failed ones to dead-letter queues.

https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import ServiceException
from moto.sns import models
from moto.sns.exceptions import SNSInvalidParameter

from localaws.clock import Clock
from localaws.moto_patches import MotoPatches
from localaws.targets import Targets

logger = logging.getLogger(__name__)
# E-mails and text messages aren't sent, as with an unconfirmed subscription.
_PROTOCOLS = frozenset({"sqs", "lambda", "email", "email-json", "sms"})


def install(patches: MotoPatches, targets: Targets, clock: Clock) -> None:
    """Make moto's topics deliver, and refuse protocols that would leave this machine."""
    patches.replace(models.Subscription, "publish", _Delivery(targets, clock).wrapped)
    patches.replace(models.SNSBackend, "subscribe", _subscribing)
    patches.replace(models.SNSBackend, "set_subscription_attributes", _configuring)


@dataclass(frozen=True)
class _Delivery:
    targets: Targets
    clock: Clock

    def wrapped(self, original: Callable[..., None]) -> Callable[..., None]:
        def publish(subscription: Any, message: str, message_id: str, **options: Any) -> None:
            if str(subscription.topic.content_based_deduplication).lower() == "true":
                # The topic sends the deduplication id, so that its queues needn't compute it.
                digest = hashlib.sha256(message.encode()).hexdigest()
                options["deduplication_id"] = options.get("deduplication_id") or digest
            problem: str | None = None
            if subscription.protocol == "lambda":
                problem = self._invoke(subscription, message, message_id, options)
            else:
                try:
                    original(subscription, message, message_id, **options)
                except ServiceException as error:
                    problem = str(error)
            if problem:
                logger.warning("A message could not be delivered to %s: %s", subscription.endpoint, problem)
            redrive = subscription.attributes.get("RedrivePolicy")
            if problem and redrive:
                self.targets.send(json.loads(redrive)["deadLetterTargetArn"], message, {})

        return publish

    def _invoke(self, subscription: Any, message: str, message_id: str, options: Mapping[str, Any]) -> str | None:
        attributes = options.get("message_attributes") or {}
        matcher = subscription._filter_policy_matcher
        if matcher is not None and not matcher.matches(attributes, message):
            return None
        if options.get("message_structure") == "json":
            message = subscription._parse_message_structure(message, "lambda")
        event = _event(subscription, message, message_id, options.get("subject"), attributes, self.clock.now())
        return self.targets.send(subscription.endpoint, json.dumps(event), {})


def _subscribing(original: Callable[..., Any]) -> Callable[..., Any]:
    def subscribe(backend: Any, topic_arn: str, endpoint: str, protocol: str) -> Any:
        if protocol not in _PROTOCOLS:
            raise SNSInvalidParameter(f"Local AWS doesn't support subscriptions with the protocol {protocol}.")
        return original(backend, topic_arn, endpoint, protocol)

    return subscribe


def _configuring(original: Callable[..., None]) -> Callable[..., None]:
    def set_subscription_attributes(backend: Any, arn: str, name: str, value: Any) -> None:
        original(backend, arn, name, value)
        if name == "RawMessageDelivery":
            # moto stores the string, and "false" is truthy.
            backend.subscriptions[arn].attributes[name] = str(value).lower() == "true"

    return set_subscription_attributes


def _event(
    subscription: Any, message: str, message_id: str, subject: str | None, attributes: dict[str, Any], now: float
) -> dict[str, Any]:
    region = subscription.topic.arn.split(":")[3]
    host = f"https://sns.{region}.amazonaws.com"
    moment = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    notification = {
        "SignatureVersion": "1",
        "Timestamp": moment,
        "Signature": "local",
        "SigningCertUrl": f"{host}/SimpleNotificationService-local.pem",
        "MessageId": message_id,
        "Message": message,
        "MessageAttributes": attributes,
        "Type": "Notification",
        "UnsubscribeUrl": f"{host}/?Action=Unsubscribe&SubscriptionArn={subscription.arn}",
        "TopicArn": subscription.topic.arn,
        "Subject": subject,
    }
    record = {
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "EventSource": "aws:sns",
        "Sns": notification,
    }
    return {"Records": [record]}
