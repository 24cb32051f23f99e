"""Filter policies of subscriptions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.sns.exceptions import SNSInvalidParameter

from localaws.sns.filter_policies import FilterPolicy, check, check_json

ATTRIBUTES = {
    "customer": {"Type": "String", "Value": "Rugby"},
    "price": {"Type": "Number", "Value": "210.75"},
    "source": {"Type": "String", "Value": "10.0.0.7"},
    "sports": {"Type": "String.Array", "Value": '["soccer", "rugby", true, null, 7]'},
    "blob": {"Type": "Binary", "Value": "AQ=="},
}


@pytest.mark.proves("events topic filters")
@pytest.mark.parametrize(
    ("policy", "matches"),
    [
        ({"customer": ["Rugby"]}, True),
        ({"customer": ["rugby"]}, False),
        ({"customer": [{"equals-ignore-case": "RUGBY"}]}, True),
        ({"customer": [{"prefix": "Ru"}]}, True),
        ({"customer": [{"suffix": "by"}]}, True),
        ({"customer": [{"wildcard": "R*y"}]}, True),
        ({"customer": [{"anything-but": ["tennis", "soccer"]}]}, True),
        ({"customer": [{"anything-but": {"prefix": "Ru"}}]}, False),
        ({"source": [{"cidr": "10.0.0.0/24"}]}, True),
        ({"source": [{"cidr": "10.0.1.0/24"}]}, False),
        ({"price": [210.75]}, True),
        ({"price": [{"numeric": [">", 200, "<=", 300]}]}, True),
        ({"price": [{"numeric": ["<", 200]}]}, False),
        ({"sports": ["rugby"]}, True),
        ({"sports": [7]}, True),
        ({"sports": [True]}, True),
        ({"sports": ["tennis"]}, False),
        ({"nothing": [{"exists": False}]}, True),
        ({"customer": [{"exists": False}]}, False),
        ({"blob": [{"anything-but": ["x"]}]}, False),
        ({"customer": ["Rugby"], "price": [1]}, False),
        ({"$or": [{"customer": ["x"]}, {"price": [{"numeric": ["=", 210.75]}]}]}, True),
        ({}, True),
    ],
)
def test_a_policy_filters_by_attributes(policy: dict[str, Any], matches: bool) -> None:
    check(policy, None)
    assert FilterPolicy(policy, None).matches(ATTRIBUTES, "ignored") is matches


@pytest.mark.parametrize(
    ("body", "matches"),
    [
        ({"order": {"items": [{"kind": "a", "n": 1}, {"kind": "b", "n": 5}]}}, True),
        ({"order": {"items": [{"kind": "a", "n": 5}, {"kind": "b", "n": 1}]}}, False),
        ({"order": {}}, False),
        ("text", False),
        ([1], False),
    ],
)
def test_a_policy_filters_by_the_body(body: Any, matches: bool) -> None:
    policy = {"order": {"items": {"kind": ["b"], "n": [{"numeric": [">", 3]}]}}}
    check(policy, "MessageBody")
    assert FilterPolicy(policy, "MessageBody").matches({}, json.dumps(body)) is matches


def test_a_body_that_is_not_json_does_not_match() -> None:
    assert FilterPolicy({"a": [1]}, "MessageBody").matches({}, "{") is False


@pytest.mark.parametrize(
    ("policy", "scope", "names"),
    [
        ({"a": [{"sounds-like": "x"}]}, None, "sounds-like"),
        ({"a": "x"}, None, "must be an object or a non-empty array"),
        ({"a": {"b": ["x"]}}, None, "does not support nested"),
        ({name: ["x"] for name in "abcdef"}, None, "more than 5 keys"),
        ({"a": list(range(20)), "b": list(range(8))}, None, "too complex"),
        ({"a": {"b": list(range(80))}}, "MessageBody", "too complex"),
    ],
)
def test_a_policy_that_sns_refuses_is_refused(policy: dict[str, Any], scope: str | None, names: str) -> None:
    with pytest.raises(SNSInvalidParameter, match=names):
        check(policy, scope)


@pytest.mark.parametrize("text", ["{", "[]", '"a"'])
def test_a_policy_is_a_json_object(text: str) -> None:
    with pytest.raises(SNSInvalidParameter, match="JSON"):
        check_json(text)
