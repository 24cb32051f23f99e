"""Filter policies of subscriptions: the operators of event patterns, for a message's attributes or its body.

https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.sns import models, responses
from moto.sns.exceptions import SNSInvalidParameter

from localaws.events.pattern import PatternError, compile_pattern
from localaws.moto_patches import MotoPatches

_MOST_KEYS = 5
_MOST_COMBINATIONS = 150


def install(patches: MotoPatches) -> None:
    """Replace moto's matcher and its validation, which lack operators."""
    patches.replace(models, "FilterPolicyMatcher", lambda _: FilterPolicy)
    patches.replace_method(models.SNSBackend, "_validate_filter_policy", lambda _, policy, scope: check(policy, scope))
    patches.replace(responses.SNSResponse, "subscribe", _checked)


class FilterPolicy:
    """Decides whether a subscription gets a message; it has the interface of moto's matcher."""

    def __init__(self, policy: Mapping[str, Any], scope: str | None) -> None:
        self._matches = compile_pattern(policy) if policy else None
        self._of_body = scope == "MessageBody"

    def matches(self, attributes: Mapping[str, Mapping[str, Any]] | None, message: str) -> bool:
        """Whether the policy accepts a message with these attributes."""
        if self._matches is None:
            return True
        fields = _body(message) if self._of_body else _fields(attributes or {})
        return fields is not None and self._matches(fields)


def _checked(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def subscribe(request: Any) -> Any:
        """Check the policy before moto makes the subscription, which would stay."""
        attributes = request._get_attributes() or {}
        if attributes.get("FilterPolicy"):
            check_json(attributes["FilterPolicy"])
            check(json.loads(attributes["FilterPolicy"]), attributes.get("FilterPolicyScope"))
        return original(request)

    return subscribe


def check_json(text: Any) -> None:
    """Raise for a policy that isn't a JSON object; an empty one removes the policy."""
    try:
        policy = json.loads(text) if text else {}
    except ValueError:
        raise _invalid("failed to parse JSON.") from None
    if not isinstance(policy, dict):
        raise _invalid("the policy must be a JSON object")


def check(policy: Mapping[str, Any], scope: str | None) -> None:
    """Raise for a policy that SNS refuses."""
    if len(policy) > _MOST_KEYS:
        raise _invalid(f"Filter policy can not have more than {_MOST_KEYS} keys")
    if scope != "MessageBody" and any(isinstance(rules, Mapping) for rules in policy.values()):
        raise SNSInvalidParameter(
            "Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy"
        )
    if _combinations(policy, 1) > _MOST_COMBINATIONS:
        raise _invalid("Filter policy is too complex")
    try:
        if policy:
            compile_pattern(policy)
    except PatternError as error:
        raise _invalid(str(error)) from None


def _combinations(policy: Mapping[str, Any], depth: int) -> int:
    """The complexity of a policy: the product of each key's values and its depth."""
    total = 1
    for key, rules in policy.items():
        nested = rules if key == "$or" and isinstance(rules, list) else [rules]
        for inner in nested:
            if isinstance(inner, Mapping):
                total *= _combinations(inner, depth + 1)
        if isinstance(rules, list):
            total *= len(rules) * depth
    return total


def _invalid(problem: str) -> SNSInvalidParameter:
    return SNSInvalidParameter(f"Invalid parameter: FilterPolicy: {problem}")


def _body(message: str) -> Mapping[str, Any] | None:
    try:
        body = json.loads(message)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _fields(attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The values of the attributes; those of type Binary can't be filtered."""
    fields: dict[str, Any] = {}
    for name, attribute in attributes.items():
        kind, value = str(attribute.get("Type", "String")), attribute.get("Value")
        if kind == "String.Array":
            fields[name] = _array(str(value))
        elif kind.startswith("Number"):
            fields[name] = float(str(value))
        elif kind.startswith("String"):
            fields[name] = value
    return fields


def _array(text: str) -> Any:
    """The items of an array, or the text itself if it isn't one."""
    try:
        return json.loads(text)
    except ValueError:
        return text
