"""The decision: which policies are asked, and which of them decides."""

from __future__ import annotations

from typing import Any

import pytest

from localaws_testing.policies import ACCOUNT, ANN, EVENTS, OBJECT, OTHER, ROLE, SESSION, USER, allow, allows, ask, deny

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
BY_ROLE, BY_SESSION, BY_ALL = ({"AWS": ROLE}, {"AWS": SESSION}, "*")


@pytest.mark.proves("iam implicit deny")
def test_what_nobody_allows_is_denied() -> None:
    found = ask(allow("s3:PutObject"))
    assert not found.allowed
    assert found.reason == "because no identity-based policy allows the s3:GetObject action"
    assert not allows()


@pytest.mark.proves("iam explicit deny")
@pytest.mark.parametrize(
    "how",
    [
        {"of_resource": [deny(Principal="*")]},
        {"boundary": [allow("*"), deny()]},
        {"session": [allow("*"), deny()]},
    ],
)
def test_a_deny_anywhere_decides(how: dict[str, Any]) -> None:
    assert allows(allow())
    assert not allows(allow(), deny())
    found = ask(allow(), **how)
    assert not found.allowed
    assert found.reason.startswith("with an explicit deny in a")
    (statement,) = found.statements
    assert not statement.allows


@pytest.mark.proves("iam resource policy alone")
def test_within_an_account_the_policy_of_the_resource_is_enough() -> None:
    for named in (BY_ROLE, BY_SESSION, BY_ALL, {"AWS": "*"}):
        assert allows(of_resource=[allow(Principal=named)]), named
    assert not allows(of_resource=[allow(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/other"})])
    assert allows(of_resource=[allow(Principal={"AWS": [USER, ROLE]})])


@pytest.mark.proves("iam account principal")
@pytest.mark.parametrize("named", [ACCOUNT, ROOT])
def test_a_resource_policy_that_names_the_account_leaves_it_to_the_identities(named: str) -> None:
    opened = [allow(Principal={"AWS": named})]
    assert not allows(of_resource=opened)
    assert allows(allow(), of_resource=opened)


@pytest.mark.proves("iam permissions boundary")
def test_a_boundary_limits_and_grants_nothing() -> None:
    assert not allows(allow(), boundary=[allow("s3:PutObject")])
    assert not allows(boundary=[allow("*")])
    assert allows(allow(), boundary=[allow("s3:*")])
    reason = ask(allow(), boundary=[allow("s3:PutObject")]).reason
    assert reason == "because no permissions boundary allows the s3:GetObject action"


@pytest.mark.proves("iam boundary and resource policy")
def test_a_boundary_limits_what_a_resource_policy_gives_to_the_role_but_not_to_its_session() -> None:
    narrow = [allow("s3:PutObject")]
    assert not allows(of_resource=[allow(Principal=BY_ROLE)], boundary=narrow)
    assert allows(of_resource=[allow(Principal=BY_SESSION)], boundary=narrow)


@pytest.mark.proves("iam session policy")
def test_a_session_policy_limits_and_grants_nothing() -> None:
    assert not allows(allow(), session=[allow("s3:PutObject")])
    assert allows(allow(), session=[allow("s3:Get*")])
    assert not allows(session=[allow("*")])
    assert not allows(of_resource=[allow(Principal=BY_ROLE)], session=[allow("s3:PutObject")])


@pytest.mark.proves("iam cross account")
def test_across_accounts_both_sides_must_allow() -> None:
    opened = [allow(Principal={"AWS": ROLE})]
    assert not allows(allow(), owner=OTHER)
    assert not allows(of_resource=opened, owner=OTHER)
    assert allows(allow(), of_resource=opened, owner=OTHER)
    assert allows(allow(), of_resource=[allow(Principal={"AWS": ACCOUNT})], owner=OTHER)
    assert not allows(allow(), of_resource=opened, owner=OTHER, boundary=[allow("s3:PutObject")])


@pytest.mark.proves("iam service principal")
def test_a_service_needs_the_policy_of_the_resource() -> None:
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:work"
    call = {"action": "sqs:SendMessage", "resource": queue, "by": EVENTS}
    named = allow("sqs:SendMessage", queue, Principal={"Service": "events.amazonaws.com"})
    assert not allows(allow("*"), **call)
    assert allows(of_resource=[named], **call)
    assert not allows(of_resource=[named | {"Principal": {"Service": "sns.amazonaws.com"}}], **call)
    assert not allows(of_resource=[named | {"Principal": {"AWS": ACCOUNT}}], **call)
    assert allows(of_resource=[named | {"Principal": "*"}], **call)


@pytest.mark.proves("iam confused deputy")
def test_a_service_is_held_to_the_source_for_which_it_acts() -> None:
    rule = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/mine"
    named = allow(
        "sqs:SendMessage",
        Principal={"Service": "events.amazonaws.com"},
        Condition={"ArnEquals": {"aws:SourceArn": rule}},
    )
    call: dict[str, Any] = {"action": "sqs:SendMessage", "resource": f"arn:aws:sqs:us-east-1:{ACCOUNT}:q", "by": EVENTS}
    assert allows(of_resource=[named], aws__SourceArn=rule, **call)
    assert not allows(of_resource=[named], aws__SourceArn=rule.replace("mine", "yours"), **call)
    assert not allows(of_resource=[named], **call)


@pytest.mark.proves("iam trust policy")
def test_a_role_is_assumed_by_whom_its_trust_policy_names() -> None:
    call: dict[str, Any] = {"action": "sts:AssumeRole", "resource": ROLE, "by": ANN}
    named = allow("sts:AssumeRole", None, Principal={"AWS": USER})
    assert allows(trust=[named], **call)
    assert not allows(allow("sts:*"), trust=[named | {"Principal": {"Service": "lambda.amazonaws.com"}}], **call)
    delegated = named | {"Principal": {"AWS": ROOT}}
    assert not allows(trust=[delegated], **call)
    assert allows(allow("sts:AssumeRole", ROLE), trust=[delegated], **call)


@pytest.mark.proves("iam key policy")
def test_a_key_is_closed_to_identities_unless_its_policy_opens_it() -> None:
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"
    call: dict[str, Any] = {"action": "kms:Decrypt", "resource": key}
    assert not allows(allow("kms:*"), **call)
    assert allows(allow("kms:*"), of_resource=[allow("kms:*", Principal={"AWS": ROOT})], **call)
    assert allows(of_resource=[allow("kms:Decrypt", Principal=BY_ROLE)], **call)


@pytest.mark.proves("iam not principal")
def test_not_principal_names_all_others() -> None:
    refused = [deny(Principal=None, NotPrincipal={"AWS": [ROLE, SESSION]})]
    assert allows(allow(), of_resource=refused)
    assert not allows(allow(), of_resource=refused, by=ANN)


@pytest.mark.proves("iam statements that decided")
def test_a_decision_names_its_statements() -> None:
    found = ask(allow("s3:PutObject", Sid="Write"), allow(Sid="Read"), boundary=[allow("s3:*", Sid="Limit")])
    assert [statement.sid for statement in found.statements] == ["Read", "Limit"]
    assert [statement.sid for statement in ask(allow()).statements] == ["statement 1"]


@pytest.mark.proves("iam actions ignore case")
def test_actions_have_no_case_and_resources_do() -> None:
    assert allows(allow("S3:getobject", OBJECT))
    assert not allows(allow("s3:GetObject", OBJECT.upper().replace("ARN:AWS:S3", "arn:aws:s3")))


@pytest.mark.proves("iam action wildcards")
@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("*", True),
        ("s3:*", True),
        ("s3:Get*", True),
        ("s3:GetObjec?", True),
        ("s3:GetObject?", False),
        ("s3:*Put*", False),
    ],
)
def test_wildcards_stand_in_actions(action: str, *, expected: bool) -> None:
    assert allows(allow(action)) is expected


@pytest.mark.proves("iam resource wildcards")
@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("*", True),
        ("arn:aws:s3:::bucket/*", True),
        ("arn:aws:s3:::buck*", True),
        ("arn:aws:s3:::bucket", False),
        ("arn:aws:s3:::bucket/a/?.csv", True),
        ("arn:aws:s3:::bucket/?.csv", False),
        ("arn:aws:s3:*", False),
        ("arn:*:s3:::bucket/*", True),
        ("arn:aws:*:bucket/*", False),
    ],
)
def test_wildcards_stand_within_the_parts_of_an_arn(resource: str, *, expected: bool) -> None:
    assert allows(allow(resource=resource)) is expected


@pytest.mark.proves("iam NotAction")
def test_not_action_is_every_other_action() -> None:
    other = allow(None, NotAction=["s3:Delete*", "iam:*"])
    assert allows(other)
    assert not allows(other, action="s3:DeleteObject")
    assert not allows(allow(), deny(None, NotAction="s3:PutObject"))


@pytest.mark.proves("iam NotResource")
def test_not_resource_is_every_other_resource() -> None:
    other = allow("s3:*", None, NotResource=["arn:aws:s3:::bucket/secret/*"])
    assert allows(other)
    assert not allows(other, resource="arn:aws:s3:::bucket/secret/1")
    assert not allows(allow(), deny("s3:*", None, NotResource="arn:aws:s3:::other/*"))


@pytest.mark.proves("iam policy variables")
def test_a_variable_has_the_value_of_the_request() -> None:
    own = allow(resource="arn:aws:s3:::bucket/${aws:username}/*")
    mine = "arn:aws:s3:::bucket/ann/1"
    assert allows(own, by=ANN, resource=mine, aws__username="ann")
    assert not allows(own, by=ANN, resource=mine, aws__username="bob")
    assert not allows(own, by=ANN, resource=mine), "without a value nothing matches"


@pytest.mark.proves("iam variable defaults")
def test_a_variable_may_have_a_default() -> None:
    team = allow(resource="arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'common'}/*")
    assert allows(team, resource="arn:aws:s3:::bucket/common/1")
    assert not allows(team, resource="arn:aws:s3:::bucket/common/1", **{"aws__PrincipalTag/team": "red"})


@pytest.mark.proves("iam literal characters")
def test_the_variables_of_characters_are_the_characters() -> None:
    star = allow(resource="arn:aws:s3:::bucket/${*}${?}${$}")
    assert allows(star, resource="arn:aws:s3:::bucket/*?$")
    assert not allows(star, resource="arn:aws:s3:::bucket/abc")


@pytest.mark.proves("iam wildcards in values")
def test_a_value_of_a_variable_brings_no_wildcards() -> None:
    own = allow(resource="arn:aws:s3:::bucket/${aws:username}/*")
    assert not allows(own, resource="arn:aws:s3:::bucket/ann/1", aws__username="*")


@pytest.mark.proves("iam older version")
@pytest.mark.parametrize("version", ["2008-10-17", None])
def test_an_older_policy_has_no_variables(version: str | None) -> None:
    own = allow(resource="arn:aws:s3:::bucket/${aws:username}")
    assert not allows(own, version=version, resource="arn:aws:s3:::bucket/ann", aws__username="ann")
    assert allows(own, version=version, resource="arn:aws:s3:::bucket/${aws:username}", aws__username="ann")
