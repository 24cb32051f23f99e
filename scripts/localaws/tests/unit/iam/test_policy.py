"""Documents that aren't policies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws.iam.policy import Kind, MalformedPolicy, read_policy
from localaws_testing.policies import allow, document

GOOD = allow()


@pytest.mark.proves("iam malformed policies")
@pytest.mark.parametrize(
    ("found", "kind", "problem"),
    [
        ("{", "identity", "it isn't JSON"),
        ("[]", "identity", "it isn't an object"),
        (document(), "identity", "it has no Statement"),
        (document(GOOD, version="2020-01-01"), "identity", "Version is 2020-01-01"),
        (document(GOOD | {"Effect": "allow"}), "identity", "no Effect that is Allow or Deny"),
        (document(allow(None)), "identity", "neither Action nor NotAction"),
        (document(allow(NotAction="s3:*")), "identity", "both Action and NotAction"),
        (document(allow(resource=None)), "identity", "neither Resource nor NotResource"),
        (document(allow("GetObject")), "identity", "GetObject, which isn't of the form service:Action"),
        (document(allow("s*:Get")), "identity", "which isn't of the form service:Action"),
        (document(allow(resource="bucket/*")), "identity", "bucket/*, which is neither an ARN nor *"),
        (document(allow(Principal="*")), "identity", "a Principal, which a policy of an identity can't have"),
        (document(GOOD), "resource", "has no Principal"),
        (document(allow(Principal="ann")), "resource", "a Principal that is neither"),
        (document(allow(Principal="*", NotPrincipal="*")), "resource", "both Principal and NotPrincipal"),
        (document(allow(Principal="*")), "trust", "a Resource, which a role's trust policy can't have"),
        (document(allow(Sid="A"), allow(Sid="A")), "identity", "two statements have the same Sid"),
        (document(allow(Conditions={})), "identity", "has Conditions, which isn't an element"),
        (document(allow(Condition={"StringIs": {"a": "b"}})), "identity", "there is no condition operator StringIs"),
        (document(allow(Condition={"NullIfExists": {"a": "b"}})), "identity", "Null takes no prefix"),
        (document(allow(Condition={"ForSome:StringEquals": {"a": "b"}})), "identity", "no condition operator ForSome"),
        (document(allow(Condition={"StringEquals": "b"})), "identity", "isn't an object of condition keys"),
        (document(allow(Condition=[])), "identity", "Condition isn't an object"),
        (document(allow(Condition={"StringEquals": {"a": None}})), "identity", "None isn't a text"),
    ],
)
def test_what_aws_refuses_is_refused(found: Any, kind: Kind, problem: str) -> None:
    text = found if isinstance(found, str) else json.dumps(found)
    with pytest.raises(MalformedPolicy) as refused:
        read_policy("policy", text, kind)
    assert problem in str(refused.value)


def test_a_single_statement_needs_no_list() -> None:
    policy = read_policy("policy", {"Version": "2012-10-17", "Statement": GOOD | {"Sid": "One"}})
    assert [statement.sid for statement in policy.statements] == ["One"]
