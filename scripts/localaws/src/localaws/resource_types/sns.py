"""SNS: topics, their subscriptions and policies."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, tag_list, truth
from localaws.resource_types.support import (
    DONE,
    NO_TRACES,
    NOT_ENCRYPTED,
    ONE_REGION,
    PROTOCOLS,
    Rules,
    done,
)


class Topic:
    """AWS::SNS::Topic, standard or FIFO, with its inline subscriptions."""

    name = "AWS::SNS::Topic"
    replaced_by = frozenset({"TopicName", "FifoTopic"})
    attributes = ("TopicArn", "TopicName")
    properties: ClassVar[Rules] = {
        **done("ContentBasedDeduplication", "DisplayName", "FifoTopic", "Tags", "TopicName"),
        "KmsMasterKeyId": NOT_ENCRYPTED,
        "Subscription": {
            "Endpoint": DONE,
            "Protocol": PROTOCOLS,
        },
        "TracingConfig": NO_TRACES,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the topic; its ARN is the value of Ref."""
        sns, fifo = scope.clients("sns"), truth(properties.get("FifoTopic", False))
        name = properties.get("TopicName") or scope.generated_name(250) + (".fifo" if fifo else "")
        attributes = {key: str(properties[key]) for key in ("DisplayName",) if key in properties}
        if fifo:
            attributes["FifoTopic"] = "true"
            attributes["ContentBasedDeduplication"] = str(truth(properties.get("ContentBasedDeduplication"))).lower()
        tags = tag_list(properties.get("Tags"))
        arn = sns.create_topic(Name=name, Attributes=attributes, Tags=tags)["TopicArn"]
        for subscription in properties.get("Subscription", []):
            sns.subscribe(TopicArn=arn, Protocol=subscription["Protocol"], Endpoint=subscription["Endpoint"])
        return _deployed(arn)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the display name and the subscriptions."""
        sns = scope.clients("sns")
        if old.get("DisplayName") != new.get("DisplayName"):
            name = new.get("DisplayName", "")
            sns.set_topic_attributes(TopicArn=physical_id, AttributeName="DisplayName", AttributeValue=name)
        kept = [(item["Protocol"], item["Endpoint"]) for item in new.get("Subscription", [])]
        before = [(item["Protocol"], item["Endpoint"]) for item in old.get("Subscription", [])]
        listed = sns.list_subscriptions_by_topic(TopicArn=physical_id)["Subscriptions"]
        for subscription in listed:
            key = (subscription["Protocol"], subscription["Endpoint"])
            if key in before and key not in kept:
                sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
        for protocol, endpoint in kept:
            if (protocol, endpoint) not in before:
                sns.subscribe(TopicArn=physical_id, Protocol=protocol, Endpoint=endpoint)
        return _deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the topic and its subscriptions."""
        scope.clients("sns").delete_topic(TopicArn=physical_id)


class Subscription:
    """AWS::SNS::Subscription of a queue or a function, or of an address to which nothing is sent."""

    name = "AWS::SNS::Subscription"
    replaced_by = frozenset({"TopicArn", "Protocol", "Endpoint"})
    attributes = ("Arn",)
    properties: ClassVar[Rules] = {
        **done("Endpoint", "FilterPolicy", "RawMessageDelivery", "TopicArn"),
        "FilterPolicyScope": ["MessageAttributes", "MessageBody"],
        "Protocol": PROTOCOLS,
        "RedrivePolicy": done("deadLetterTargetArn"),
        "Region": ONE_REGION,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Subscribe; the subscription's ARN is the value of Ref."""
        arn = scope.clients("sns").subscribe(
            TopicArn=properties["TopicArn"],
            Protocol=properties["Protocol"],
            Endpoint=properties["Endpoint"],
            Attributes=_attributes(properties),
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        return Deployed(arn, {"Arn": arn})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the attributes; those removed from the template are reset to their defaults."""
        defaults = {"RawMessageDelivery": "false", "FilterPolicy": "", "FilterPolicyScope": "MessageAttributes"}
        before, after = _attributes(old), _attributes(new)
        dropped = {name: defaults.get(name, "") for name in before if name not in after}
        for name, value in (dropped | after).items():
            scope.clients("sns").set_subscription_attributes(
                SubscriptionArn=physical_id, AttributeName=name, AttributeValue=value
            )
        return Deployed(physical_id, {"Arn": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Unsubscribe."""
        scope.clients("sns").unsubscribe(SubscriptionArn=physical_id)


class TopicPolicy:
    """AWS::SNS::TopicPolicy."""

    name = "AWS::SNS::TopicPolicy"
    replaced_by = frozenset({"Topics"})
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = {
        "PolicyDocument": DONE,
        "Topics": DONE,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Set the policy of each topic."""
        policy = json.dumps(properties["PolicyDocument"])
        for topic in properties["Topics"]:
            scope.clients("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
        return Deployed(scope.generated_name())

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Replace the policy."""
        self.create(new, scope)
        return Deployed(physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Do nothing: SNS has no operation to remove a policy."""


def _attributes(properties: Properties) -> dict[str, str]:
    attributes: dict[str, Any] = {}
    # The scope comes first: the policy is parsed according to it.
    if "FilterPolicyScope" in properties:
        attributes["FilterPolicyScope"] = properties["FilterPolicyScope"]
    if "RawMessageDelivery" in properties:
        attributes["RawMessageDelivery"] = str(truth(properties["RawMessageDelivery"])).lower()
    for document in ("FilterPolicy", "RedrivePolicy"):
        if properties.get(document):
            value = properties[document]
            attributes[document] = value if isinstance(value, str) else json.dumps(value)
    return attributes


def _deployed(arn: str) -> Deployed:
    return Deployed(arn, {"TopicArn": arn, "TopicName": arn.rsplit(":", 1)[1]})
