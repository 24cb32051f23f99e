"""Delivers SNS messages to functions as AWS's event, and failed ones to dead-letter queues.

https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

import copy
import hashlib
import json
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import ServiceException
from moto.sns import models, responses
from moto.sns.exceptions import SNSInvalidParameter

from localaws.clock import Clock
from localaws.iam.sender import Sender
from localaws.moto_patches import MotoPatches
from localaws.sns import fifo, filter_policies, limits, requests
from localaws.targets import Failure, Targets, failure_of

logger = logging.getLogger(__name__)
_UNCONFIRMED = frozenset({"email", "email-json"})
# E-mails and text messages aren't sent, as with an unconfirmed subscription.
_PROTOCOLS = frozenset({"sqs", "lambda", "sms"}) | _UNCONFIRMED


def install(patches: MotoPatches, targets: Targets, clock: Clock) -> None:
    """Make moto's topics deliver, and refuse protocols that would leave this machine."""
    patches.replace(models.Subscription, "publish", _Delivery(targets, clock).wrapped)
    filter_policies.install(patches)
    limits.install(patches)
    fifo.install(patches, clock)
    requests.install(patches)
    patches.replace(models.SNSBackend, "subscribe", _subscribing)
    patches.replace(responses.SNSResponse, "subscribe", _answering_subscription)
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
            matcher = subscription._filter_policy_matcher
            if matcher is not None and not matcher.matches(options.get("message_attributes") or {}, message):
                return
            problem = self._send(original, subscription, message, message_id, options)
            if problem:
                logger.warning("A message could not be delivered to %s: %s", subscription.endpoint, problem)
            redrive = subscription.attributes.get("RedrivePolicy")
            if problem and redrive:
                queue = json.loads(redrive)["deadLetterTargetArn"]
                self._redrive(original, subscription, queue, problem, message, message_id, options)

        return publish

    def _send(
        self,
        original: Callable[..., None],
        subscription: Any,
        message: str,
        message_id: str,
        options: Mapping[str, Any],
    ) -> Failure | None:
        """Deliver a message to a subscription's endpoint; returns the failure if there's one."""
        sender = Sender("sns.amazonaws.com", subscription.topic.arn)
        if subscription.protocol == "lambda":
            return self._invoke(sender, subscription, message, message_id, options)
        if denied := self.targets.denied(sender, subscription.endpoint):
            return denied
        try:
            original(subscription, message, message_id, **options)
        except ServiceException as error:
            return failure_of(error)
        return None

    def _redrive(
        self,
        original: Callable[..., None],
        subscription: Any,
        queue: str,
        reason: Failure,
        message: str,
        message_id: str,
        options: Mapping[str, Any],
    ) -> None:
        """Deliver a message to the dead-letter queue as a subscribed queue gets it, with the reason in attributes."""
        given = dict(options)
        if given.pop("message_structure", None) == "json":
            message = subscription._parse_message_structure(message, subscription.protocol)
        attributes = given.pop("message_attributes", None) or {}
        if not subscription.attributes.get("RawMessageDelivery"):
            message = json.dumps(subscription.get_post_data(message, message_id, given.get("subject"), attributes))
            attributes = {}
        added = {"RequestID": str(uuid.uuid4()), "ErrorCode": reason.code, "ErrorMessage": reason.message or " "}
        attributes = attributes | {name: {"Type": "String", "Value": value} for name, value in added.items()}
        letters = copy.copy(subscription)
        letters.protocol, letters.endpoint, letters._filter_policy_matcher = "sqs", queue, None
        letters.attributes = {**subscription.attributes, "RawMessageDelivery": True}
        if problem := self._send(original, letters, message, message_id, given | {"message_attributes": attributes}):
            logger.warning("A message could not be delivered to the dead-letter queue %s: %s", queue, problem)

    def _invoke(
        self, sender: Sender, subscription: Any, message: str, message_id: str, options: Mapping[str, Any]
    ) -> Failure | None:
        attributes = options.get("message_attributes") or {}
        if options.get("message_structure") == "json":
            message = subscription._parse_message_structure(message, "lambda")
        event = _event(subscription, message, message_id, options.get("subject"), attributes, self.clock.now())
        return self.targets.send(sender, subscription.endpoint, json.dumps(event), {})


def _subscribing(original: Callable[..., Any]) -> Callable[..., Any]:
    def subscribe(backend: Any, topic_arn: str, endpoint: str, protocol: str) -> Any:
        if protocol not in _PROTOCOLS:
            raise SNSInvalidParameter(f"Local AWS doesn't support subscriptions with the protocol {protocol}.")
        subscription = original(backend, topic_arn, endpoint, protocol)
        if protocol in _UNCONFIRMED:
            subscription.attributes |= {"PendingConfirmation": True, "ConfirmationWasAuthenticated": False}
        return subscription

    return subscribe


def _answering_subscription(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def subscribe(request: Any) -> Any:
        """An address that hasn't confirmed its subscription is answered without an ARN, unless that's asked for."""
        answer = original(request)
        wants_arn = str(request._get_param("ReturnSubscriptionArn")).lower() == "true"
        if request._get_param("Protocol") in _UNCONFIRMED and not wants_arn:
            answer.result["SubscriptionArn"] = "pending confirmation"
        return answer

    return subscribe


def _configuring(original: Callable[..., None]) -> Callable[..., None]:
    def set_subscription_attributes(backend: Any, arn: str, name: str, value: Any) -> None:
        if name == "FilterPolicy":
            filter_policies.check_json(value)
        original(backend, arn, name, value)
        subscription = backend.subscriptions[arn]
        if name == "RawMessageDelivery":
            # moto stores the string, and "false" is truthy.
            subscription.attributes[name] = str(value).lower() == "true"
        if name == "FilterPolicyScope" and subscription._filter_policy:
            # moto keeps the matcher for the scope that the policy was set with.
            filter_policies.check(subscription._filter_policy, value)
            subscription._filter_policy_matcher = filter_policies.FilterPolicy(subscription._filter_policy, value)

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
