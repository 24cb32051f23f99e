"""Probes of IAM and STS."""

from __future__ import annotations

import json

from tests.bench.rivals.cloud import ANYTHING, TRUST, Cloud, refused
from tests.bench.rivals.probe import expect, probe

_API = "IAM/latest/APIReference"


def _role(cloud: Cloud) -> str:
    name = cloud.name("role")
    cloud("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    return name


@probe(f"{_API}/API_CreateRole.html")
def malformed(cloud: Cloud) -> None:
    """A trust policy that isn't a policy is refused with MalformedPolicyDocument"""
    create = cloud("iam").create_role
    for document in ("{", json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]})):
        refused("MalformedPolicyDocument", create, RoleName=cloud.name(), AssumeRolePolicyDocument=document)


@probe(f"{_API}/API_CreateRole.html")
def taken_name(cloud: Cloud) -> None:
    """A name that's taken is refused with EntityAlreadyExists, one of 65 characters with ValidationError"""
    create = cloud("iam").create_role
    refused("EntityAlreadyExists", create, RoleName=_role(cloud), AssumeRolePolicyDocument=TRUST)
    refused("ValidationError", create, RoleName="x" * 65, AssumeRolePolicyDocument=TRUST)


@probe(f"{_API}/API_DeleteRole.html")
def in_use(cloud: Cloud) -> None:
    """A role with a policy can't be deleted: DeleteConflict"""
    name = _role(cloud)
    cloud("iam").put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=ANYTHING)
    refused("DeleteConflict", cloud("iam").delete_role, RoleName=name)
    cloud("iam").delete_role_policy(RoleName=name, PolicyName="p")
    cloud("iam").delete_role(RoleName=name)
    refused("NoSuchEntity", cloud("iam").get_role, RoleName=name)


@probe(f"{_API}/API_CreatePolicyVersion.html")
def policy_versions(cloud: Cloud) -> None:
    """A policy has five versions at most: LimitExceeded"""
    iam = cloud("iam")
    arn = iam.create_policy(PolicyName=cloud.name(), PolicyDocument=ANYTHING)["Policy"]["Arn"]
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=ANYTHING)
    codes = "LimitExceeded|LimitExceededException"
    refused(codes, iam.create_policy_version, PolicyArn=arn, PolicyDocument=ANYTHING)


@probe(f"{_API}/API_SimulateCustomPolicy.html")
def simulation(cloud: Cloud) -> None:
    """The simulator allows what a policy allows, and knows implicit and explicit denials"""
    statements = [
        {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::open/*"},
        {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::open/secret/*"},
    ]
    given = {
        "PolicyInputList": [json.dumps({"Version": "2012-10-17", "Statement": statements})],
        "ActionNames": ["s3:GetObject", "s3:PutObject"],
    }
    found = []
    for key in ("a", "secret/a"):
        answer = cloud("iam").simulate_custom_policy(**given, ResourceArns=[f"arn:aws:s3:::open/{key}"])
        decisions = {item["EvalActionName"]: item["EvalDecision"] for item in answer["EvaluationResults"]}
        found.append([decisions["s3:GetObject"], decisions["s3:PutObject"]])
    expect(found, [["allowed", "implicitDeny"], ["explicitDeny", "explicitDeny"]])


@probe("STS/latest/APIReference/API_AssumeRole.html")
def session(cloud: Cloud) -> None:
    """A session of a role has its credentials, and its ARN names role and session"""
    name = cloud.name("role")
    trust = json.loads(TRUST)
    trust["Statement"][0]["Principal"] = {"AWS": "*"}
    role = cloud("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    found = cloud("sts").assume_role(RoleArn=role, RoleSessionName="one")
    expect(found["AssumedRoleUser"]["Arn"].rpartition(":")[2], f"assumed-role/{name}/one")
    expect(found["Credentials"]["AccessKeyId"][:4], "ASIA")
