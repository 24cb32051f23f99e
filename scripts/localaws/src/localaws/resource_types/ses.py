"""SES: identities, configuration sets and rules for receipt. moto keeps sent e-mails, which reach nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localaws.resource_types.base import Properties, Scope
from localaws.resource_types.recorded import Recorded

_NOT_SENT = "no e-mail is sent"
_NOT_RECEIVED = "no e-mail is received"
_TOKENS = ("1", "2", "3")


def _identity(client: Any, properties: Properties, scope: Scope) -> tuple[str, Mapping[str, Any]]:
    name = str(properties["EmailIdentity"])
    if "@" in name:
        client.verify_email_identity(EmailAddress=name)
    else:
        client.verify_domain_identity(Domain=name)
    tokens = {number: scope.generated_name(32, lower=True)[-12:] + number for number in _TOKENS}
    names = {f"DkimDNSTokenName{number}": f"{token}._domainkey.{name}" for number, token in tokens.items()}
    values = {f"DkimDNSTokenValue{number}": f"{token}.dkim.amazonses.com" for number, token in tokens.items()}
    return name, names | values


def _configuration_set(client: Any, properties: Properties, scope: Scope) -> tuple[str, Mapping[str, Any]]:
    name = str(properties.get("Name") or scope.generated_name())
    client.create_configuration_set(ConfigurationSet={"Name": name})
    return name, {}


def _rule_set(client: Any, properties: Properties, scope: Scope) -> tuple[str, Mapping[str, Any]]:
    name = str(properties.get("RuleSetName") or scope.generated_name())
    client.create_receipt_rule_set(RuleSetName=name)
    return name, {}


def _rule(client: Any, properties: Properties, scope: Scope) -> tuple[str, Mapping[str, Any]]:
    rule = properties["Rule"]
    name = str(rule.get("Name") or scope.generated_name())
    described = {"Name": name, "Actions": rule.get("Actions") or [], "Recipients": rule.get("Recipients") or []}
    client.create_receipt_rule(RuleSetName=properties["RuleSetName"], Rule=described)
    return name, {}


def _leave(*_: Any) -> None:
    """Leave a rule, which moto can't delete: it's gone with its rule set."""


TYPES = (
    Recorded(
        "AWS::SES::EmailIdentity",
        "ses",
        _NOT_SENT,
        (
            "ConfigurationSetAttributes",
            "DkimAttributes",
            "DkimSigningAttributes",
            "EmailIdentity",
            "FeedbackAttributes",
            "MailFromAttributes",
        ),
        _identity,
        lambda client, name, _: client.delete_identity(Identity=name),
        tuple(f"DkimDNSToken{part}{number}" for part in ("Name", "Value") for number in _TOKENS),
    ),
    Recorded(
        "AWS::SES::ConfigurationSet",
        "ses",
        _NOT_SENT,
        ("DeliveryOptions", "Name", "ReputationOptions", "SendingOptions", "SuppressionOptions", "TrackingOptions"),
        _configuration_set,
        lambda client, name, _: client.delete_configuration_set(ConfigurationSetName=name),
    ),
    Recorded(
        "AWS::SES::ReceiptRuleSet",
        "ses",
        _NOT_RECEIVED,
        ("RuleSetName",),
        _rule_set,
        lambda client, name, _: client.delete_receipt_rule_set(RuleSetName=name),
    ),
    Recorded(
        "AWS::SES::ReceiptRule",
        "ses",
        _NOT_RECEIVED,
        ("After", "Rule", "RuleSetName"),
        _rule,
        _leave,
    ),
)
