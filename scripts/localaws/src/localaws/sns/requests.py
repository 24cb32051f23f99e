"""Topics and subscriptions that SNS refuses and moto accepts, and what it answers about unconfirmed subscriptions.

https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.utils import camelcase_to_underscores
from moto.sns import models, responses
from moto.sns.exceptions import SNSInvalidParameter

from localaws.moto_patches import MotoPatches

# Those of the ARN of a subscription.
_COLONS = 6
_PENDING = "PendingConfirmation"
_SCOPES = frozenset({"MessageAttributes", "MessageBody"})
_BOOLEAN = frozenset({"true", "false"})
_TOPIC_ATTRIBUTES = frozenset(
    {
        "ArchivePolicy",
        "ContentBasedDeduplication",
        "DataProtectionPolicy",
        "DeliveryPolicy",
        "DisplayName",
        "FifoThroughputScope",
        "FifoTopic",
        "KmsMasterKeyId",
        "Policy",
        "SignatureVersion",
        "TracingConfig",
    }
)
# Attributes of the deliveries' logs: HTTPSuccessFeedbackRoleArn, for example.
_FEEDBACK = ("FeedbackRoleArn", "FeedbackSampleRate")


def install(patches: MotoPatches) -> None:
    """Check topics' and subscriptions' attributes, and let unconfirmed subscriptions be unconfirmed in all answers."""
    response = responses.SNSResponse
    patches.replace(models.SNSBackend, "create_topic", _creating)
    patches.replace(response, "set_topic_attributes", _changing_topic)
    patches.replace(response, "get_topic_attributes", _counting)
    patches.replace(response, "subscribe", _subscribing)
    patches.replace(response, "unsubscribe", _unsubscribing)
    patches.replace(response, "set_subscription_attributes", _changing_subscription)
    for name in ("list_subscriptions", "list_subscriptions_by_topic"):
        patches.replace(response, name, _listing)


def is_pending(subscription: Any) -> bool:
    """Whether a subscription waits for its confirmation."""
    return bool(subscription.attributes.get(_PENDING))


def check_subscription_attribute(name: str, value: Any) -> None:
    """Raise for a value that an attribute of a subscription can't have."""
    if name == "RawMessageDelivery" and str(value).lower() not in _BOOLEAN:
        raise _invalid(f"Attributes Reason: RawMessageDelivery: Invalid value [{value}]. Must be true or false.")
    if name == "FilterPolicyScope" and value not in _SCOPES:
        raise _invalid(
            f"Attributes Reason: FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or "
            "MessageAttributes"
        )
    if name == "RedrivePolicy" and value:
        try:
            target = json.loads(value)["deadLetterTargetArn"]
        except (ValueError, KeyError, TypeError):
            raise _invalid("RedrivePolicy: deadLetterTargetArn is required") from None
        if not str(target).startswith("arn:aws:sqs:"):
            raise _invalid("RedrivePolicy: deadLetterTargetArn is an invalid arn")


def _check_topic_attribute(name: str) -> None:
    if name not in _TOPIC_ATTRIBUTES and not name.endswith(_FEEDBACK):
        raise _invalid("AttributeName")


def _creating(original: Callable[..., Any]) -> Callable[..., Any]:
    def create_topic(
        backend: Any, name: str, attributes: Mapping[str, Any] | None = None, *rest: Any, **more: Any
    ) -> Any:
        """Return the topic of that name, unless it has other attributes."""
        known = set(backend.topics)
        topic = original(backend, name, attributes, *rest, **more)
        for attribute, value in (attributes or {}).items():
            has = vars(topic).get(camelcase_to_underscores(attribute))
            if topic.arn in known and attribute != "Policy" and str(has).lower() != str(value).lower():
                raise _invalid("Attributes Reason: Topic already exists with different attributes")
        return topic

    return create_topic


def _changing_topic(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def set_topic_attributes(request: Any) -> Any:
        _check_topic_attribute(str(request._get_param("AttributeName")))
        return original(request)

    return set_topic_attributes


def _counting(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def get_topic_attributes(request: Any) -> Any:
        answer = original(request)
        arn = answer.result["Attributes"]["TopicArn"]
        pending = [is_pending(each) for each in request.backend.subscriptions.values() if each.topic.arn == arn]
        answer.result["Attributes"] |= {
            "SubscriptionsPending": sum(pending),
            "SubscriptionsConfirmed": len(pending) - sum(pending),
        }
        return answer

    return get_topic_attributes


def _subscribing(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def subscribe(request: Any) -> Any:
        """Check what is asked for before moto makes the subscription, which would stay."""
        given = request._get_param("Attributes", {})
        for name, value in given.items():
            check_subscription_attribute(name, value)
        topic, endpoint, protocol = (request._get_param(name) for name in ("TopicArn", "Endpoint", "Protocol"))
        if str(protocol).startswith("email") and "@" not in str(endpoint):
            raise _invalid("Email address")
        existing = request.backend._find_subscription(topic, endpoint, protocol)
        if existing and any(_text(existing.attributes.get(name)) != _text(value) for name, value in given.items()):
            raise _invalid("Attributes Reason: Subscription already exists with different attributes")
        return original(request)

    return subscribe


def _changing_subscription(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def set_subscription_attributes(request: Any) -> Any:
        check_subscription_attribute(request._get_param("AttributeName"), request._get_param("AttributeValue"))
        return original(request)

    return set_subscription_attributes


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unsubscribing(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def unsubscribe(request: Any) -> Any:
        arn = str(request._get_param("SubscriptionArn"))
        if arn.count(":") < _COLONS:
            raise _invalid(f"SubscriptionArn Reason: An ARN must have at least {_COLONS} elements, not {arn}")
        return original(request)

    return unsubscribe


def _listing(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def list_subscriptions(request: Any) -> Any:
        """Show no ARN of a subscription that waits for its confirmation."""
        answer = original(request)
        answer.result["Subscriptions"] = [_described(each) for each in answer.result["Subscriptions"]]
        return answer

    return list_subscriptions


def _described(subscription: Any) -> dict[str, Any]:
    return {
        "SubscriptionArn": _PENDING if is_pending(subscription) else subscription.arn,
        "Owner": subscription.account_id,
        "Protocol": subscription.protocol,
        "Endpoint": subscription.endpoint,
        "TopicArn": subscription.topic.arn,
    }


def _invalid(problem: str) -> SNSInvalidParameter:
    return SNSInvalidParameter(f"Invalid parameter: {problem}")
