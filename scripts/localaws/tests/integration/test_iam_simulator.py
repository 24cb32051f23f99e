"""IAM's policy simulator, called as its users call it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

OPEN = "arn:aws:s3:::open"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.fixture
def iam(cloud: Any) -> Any:
    return cloud.client("iam")


def decisions(answer: Any) -> list[tuple[str, str, str]]:
    names = ("EvalActionName", "EvalResourceName", "EvalDecision")
    return [tuple(found[name] for name in names) for found in answer["EvaluationResults"]]


@pytest.mark.proves("iam simulator")
def test_each_action_on_each_resource_is_judged(iam: Any) -> None:
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": f"{OPEN}/secret/*"}
    answer = iam.simulate_custom_policy(
        PolicyInputList=[policy(allow("s3:Get*", f"{OPEN}/*")), policy(deny)],
        ActionNames=["s3:GetObject", "s3:PutObject"],
        ResourceArns=[f"{OPEN}/a", f"{OPEN}/secret/a"],
    )
    assert decisions(answer) == [
        ("s3:GetObject", f"{OPEN}/a", "allowed"),
        ("s3:GetObject", f"{OPEN}/secret/a", "explicitDeny"),
        ("s3:PutObject", f"{OPEN}/a", "implicitDeny"),
        ("s3:PutObject", f"{OPEN}/secret/a", "explicitDeny"),
    ]
    matched = [found["MatchedStatements"] for found in answer["EvaluationResults"]]
    assert [[each["SourcePolicyId"] for each in found] for found in matched] == [
        ["PolicyInputList.1"],
        ["PolicyInputList.2"],
        [],
        ["PolicyInputList.2"],
    ]
    assert answer["IsTruncated"] is False


def test_a_boundary_limits_and_says_so(iam: Any) -> None:
    answer = iam.simulate_custom_policy(
        PolicyInputList=[policy(allow("*"))],
        PermissionsBoundaryPolicyInputList=[policy(allow("sqs:*"))],
        ActionNames=["sqs:SendMessage", "sns:Publish"],
    )
    assert [found["EvalDecision"] for found in answer["EvaluationResults"]] == ["allowed", "implicitDeny"]
    assert [
        found["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"]
        for found in answer["EvaluationResults"]
    ] == [True, False]


def test_conditions_need_their_context(iam: Any) -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "ml"}}
    wanted = {
        "PolicyInputList": [policy(allow("s3:GetObject", OPEN + "/${aws:username}/*", Condition=condition))],
        "ActionNames": ["s3:GetObject"],
        "ResourceArns": [f"{OPEN}/ada/a"],
    }
    without = iam.simulate_custom_policy(**wanted)["EvaluationResults"][0]
    assert without["EvalDecision"] == "implicitDeny"
    assert without["MissingContextValues"] == ["aws:principaltag/team", "aws:username"]
    entries = [
        {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}
        for name, value in (("aws:PrincipalTag/team", "ml"), ("aws:username", "ada"))
    ]
    given = iam.simulate_custom_policy(**wanted, ContextEntries=entries)["EvaluationResults"][0]
    assert (given["EvalDecision"], given["MissingContextValues"]) == ("allowed", [])


def test_the_policy_of_a_resource_counts_for_whom_it_names(iam: Any) -> None:
    caller = "arn:aws:iam::123456789012:user/ada"
    opened = policy({**allow("sqs:SendMessage"), "Principal": {"AWS": caller}})
    wanted = {
        "PolicyInputList": [policy(allow("s3:*"))],
        "ResourcePolicy": opened,
        "ActionNames": ["sqs:SendMessage"],
    }
    for who, decision in ((caller, "allowed"), (f"{caller}-2", "implicitDeny")):
        found = iam.simulate_custom_policy(**wanted, CallerArn=who)["EvaluationResults"][0]
        assert found["EvalDecision"] == decision
    with pytest.raises(ClientError, match="CallerArn is needed"):
        iam.simulate_custom_policy(**wanted)


def test_the_policies_of_a_role_are_simulated(iam: Any) -> None:
    trust = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}})
    arn = iam.create_role(RoleName="simulated", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    try:
        iam.put_role_policy(RoleName="simulated", PolicyName="sends", PolicyDocument=policy(allow("sqs:SendMessage")))
        wanted = {"PolicySourceArn": arn, "ActionNames": ["sqs:SendMessage", "sns:Publish"]}
        alone = iam.simulate_principal_policy(**wanted)["EvaluationResults"]
        assert [found["EvalDecision"] for found in alone] == ["allowed", "implicitDeny"]
        assert alone[0]["MatchedStatements"] == [{"SourcePolicyId": "role/simulated/sends", "SourcePolicyType": "role"}]
        more = iam.simulate_principal_policy(**wanted, PolicyInputList=[policy(allow("sns:*"))])["EvaluationResults"]
        assert [found["EvalDecision"] for found in more] == ["allowed", "allowed"]
    finally:
        iam.delete_role_policy(RoleName="simulated", PolicyName="sends")
        iam.delete_role(RoleName="simulated")
    with pytest.raises(ClientError, match=r"NoSuchEntity.*cannot be found"):
        iam.simulate_principal_policy(**wanted)


def test_results_come_in_pages(iam: Any) -> None:
    wanted = {"PolicyInputList": [policy(allow("*"))], "ActionNames": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"]}
    pages = iam.get_paginator("simulate_custom_policy").paginate(**wanted, PaginationConfig={"PageSize": 2})
    assert [len(page["EvaluationResults"]) for page in pages] == [2, 1]


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"PolicyInputList": ["{"]}, "Policy 1 of PolicyInputList is malformed: it isn't JSON"),
        ({"ResourceOwner": "arn:aws:iam::123456789012:root"}, "doesn't support ResourceOwner"),
        ({"ResourceHandlingOption": "EC2-VPC-InstanceStore"}, "doesn't support ResourceHandlingOption"),
        ({"Marker": "9"}, "The marker 9 is invalid"),
        ({"ResourcePolicy": "[]", "CallerArn": "arn:aws:iam::123456789012:user/a"}, "ResourcePolicy is malformed"),
    ],
)
def test_what_cannot_be_simulated_is_refused(iam: Any, wrong: dict[str, Any], problem: str) -> None:
    wanted = {"PolicyInputList": [policy(allow("*"))], "ActionNames": ["s3:GetObject"]}
    with pytest.raises(ClientError, match=problem) as refused:
        iam.simulate_custom_policy(**{**wanted, **wrong})
    assert refused.value.response["Error"]["Code"] == "InvalidInput"
