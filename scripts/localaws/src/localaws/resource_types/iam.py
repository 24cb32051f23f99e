"""IAM: roles and policies."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, tag_list
from localaws.resource_types.support import DONE, NEVER_EXPIRES, Rules, done


class Role:
    """AWS::IAM::Role."""

    name = "AWS::IAM::Role"
    replaced_by = frozenset({"RoleName", "Path"})
    attributes = ("Arn", "RoleId")
    properties: ClassVar[Rules] = {
        **done(
            "AssumeRolePolicyDocument",
            "Description",
            "ManagedPolicyArns",
            "Path",
            "PermissionsBoundary",
            "RoleName",
            "Tags",
        ),
        "MaxSessionDuration": NEVER_EXPIRES,
        "Policies": {"PolicyDocument": DONE, "PolicyName": DONE},
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the role with its inline policies."""
        iam = scope.clients("iam")
        name = properties.get("RoleName") or scope.generated_name()
        role = iam.create_role(
            RoleName=name,
            Path=properties.get("Path", "/"),
            AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"]),
            Description=properties.get("Description", ""),
            Tags=tag_list(properties.get("Tags")),
            **_boundary(properties),
        )["Role"]
        self._put_policies(iam, name, properties)
        _attach(iam, name, (), properties.get("ManagedPolicyArns", ()))
        return Deployed(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the role's policies."""
        iam = scope.clients("iam")
        iam.update_assume_role_policy(RoleName=physical_id, PolicyDocument=json.dumps(new["AssumeRolePolicyDocument"]))
        for policy in old.get("Policies", []):
            iam.delete_role_policy(RoleName=physical_id, PolicyName=policy["PolicyName"])
        self._put_policies(iam, physical_id, new)
        _attach(iam, physical_id, old.get("ManagedPolicyArns", ()), new.get("ManagedPolicyArns", ()))
        if new.get("PermissionsBoundary"):
            iam.put_role_permissions_boundary(RoleName=physical_id, **_boundary(new))
        elif old.get("PermissionsBoundary"):
            iam.delete_role_permissions_boundary(RoleName=physical_id)
        role = iam.get_role(RoleName=physical_id)["Role"]
        return Deployed(physical_id, {"Arn": role["Arn"], "RoleId": role["RoleId"]})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the role and its inline policies."""
        iam = scope.clients("iam")
        try:
            for name in iam.list_role_policies(RoleName=physical_id)["PolicyNames"]:
                iam.delete_role_policy(RoleName=physical_id, PolicyName=name)
            for policy in iam.list_attached_role_policies(RoleName=physical_id)["AttachedPolicies"]:
                iam.detach_role_policy(RoleName=physical_id, PolicyArn=policy["PolicyArn"])
            iam.delete_role(RoleName=physical_id)
        except iam.exceptions.NoSuchEntityException:
            return

    @staticmethod
    def _put_policies(iam: Any, name: str, properties: Properties) -> None:
        for policy in properties.get("Policies", []):
            # AWS accepts a policy without a Version, as SAM generates for destinations; moto doesn't.
            document = json.dumps({"Version": "2012-10-17"} | policy["PolicyDocument"])
            iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)


class Policy:
    """AWS::IAM::Policy: an inline policy of roles, users and groups."""

    name = "AWS::IAM::Policy"
    replaced_by = frozenset({"PolicyName", "Roles"})
    attributes: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[Rules] = {
        "PolicyDocument": DONE,
        "PolicyName": DONE,
        "Roles": DONE,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Add the policy to each role; its name is the value of Ref."""
        for role in properties.get("Roles", []):
            scope.clients("iam").put_role_policy(
                RoleName=role, PolicyName=properties["PolicyName"], PolicyDocument=_document(properties)
            )
        return Deployed(properties["PolicyName"])

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Replace the policy."""
        return self.create(new, scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Remove the policy from each role that still exists."""
        iam = scope.clients("iam")
        for role in properties.get("Roles", []):
            try:
                iam.delete_role_policy(RoleName=role, PolicyName=physical_id)
            except iam.exceptions.NoSuchEntityException:
                continue


class ManagedPolicy:
    """AWS::IAM::ManagedPolicy."""

    name = "AWS::IAM::ManagedPolicy"
    replaced_by = frozenset({"ManagedPolicyName", "Path", "PolicyDocument", "Description"})
    attributes = ("PolicyArn",)
    properties: ClassVar[Rules] = {
        **done("Description", "ManagedPolicyName", "Path", "PolicyDocument", "Roles"),
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the policy; its ARN is the value of Ref."""
        arn = scope.clients("iam").create_policy(
            PolicyName=properties.get("ManagedPolicyName") or scope.generated_name(),
            Path=properties.get("Path", "/"),
            PolicyDocument=_document(properties),
            Description=properties.get("Description", ""),
        )["Policy"]["Arn"]
        for role in properties.get("Roles", []):
            _attach(scope.clients("iam"), role, (), (arn,))
        return Deployed(arn, {"PolicyArn": arn})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Attach it to its present roles: nothing else changes in place."""
        before, after = old.get("Roles", []), new.get("Roles", [])
        for role in {*before, *after}:
            _attach(scope.clients("iam"), role, (physical_id,) * (role in before), (physical_id,) * (role in after))
        return Deployed(physical_id, {"PolicyArn": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the policy."""
        iam = scope.clients("iam")
        try:
            for role in properties.get("Roles", []):
                _attach(iam, role, (physical_id,), ())
            iam.delete_policy(PolicyArn=physical_id)
        except iam.exceptions.NoSuchEntityException:
            return


def _boundary(properties: Properties) -> dict[str, str]:
    return {"PermissionsBoundary": properties["PermissionsBoundary"]} if properties.get("PermissionsBoundary") else {}


def _attach(iam: Any, role: str, before: Iterable[str], after: Iterable[str]) -> None:
    """Attach the managed policies `after` to a role, and detach those of `before` that aren't among them."""
    for arn in {*before} - {*after}:
        iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    for arn in {*after} - {*before}:
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)


def _document(properties: Properties) -> str:
    # AWS accepts a policy without a Version; moto doesn't.
    return json.dumps({"Version": "2012-10-17"} | dict(properties["PolicyDocument"]))
