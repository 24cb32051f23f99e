"""What the other services lean on: roles, log groups, parameters and topics."""

from __future__ import annotations

import json
from typing import Any

from localaws.resources.base import Deployed, Properties, Scope, tag_list, tag_map


class Role:
    """AWS::IAM::Role: kept and shown, not enforced."""

    name = "AWS::IAM::Role"
    replaced_by = frozenset({"RoleName", "Path"})

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
        )["Role"]
        self._put_policies(iam, name, properties)
        return Deployed(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Put the role's policies anew."""
        iam = scope.clients("iam")
        iam.update_assume_role_policy(RoleName=physical_id, PolicyDocument=json.dumps(new["AssumeRolePolicyDocument"]))
        for policy in old.get("Policies", []):
            iam.delete_role_policy(RoleName=physical_id, PolicyName=policy["PolicyName"])
        self._put_policies(iam, physical_id, new)
        role = iam.get_role(RoleName=physical_id)["Role"]
        return Deployed(physical_id, {"Arn": role["Arn"], "RoleId": role["RoleId"]})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the role and its inline policies."""
        iam = scope.clients("iam")
        try:
            for name in iam.list_role_policies(RoleName=physical_id)["PolicyNames"]:
                iam.delete_role_policy(RoleName=physical_id, PolicyName=name)
            iam.delete_role(RoleName=physical_id)
        except iam.exceptions.NoSuchEntityException:
            return

    @staticmethod
    def _put_policies(iam: Any, name: str, properties: Properties) -> None:
        for policy in properties.get("Policies", []):
            # AWS takes a policy without a Version, as SAM writes for destinations; moto doesn't.
            document = json.dumps({"Version": "2012-10-17"} | policy["PolicyDocument"])
            iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)


class LogGroup:
    """AWS::Logs::LogGroup."""

    name = "AWS::Logs::LogGroup"
    replaced_by = frozenset({"LogGroupName"})

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the log group, named as given or after the stack."""
        logs = scope.clients("logs")
        name = properties.get("LogGroupName") or scope.generated_name(512)
        logs.create_log_group(logGroupName=name, tags=tag_map(properties.get("Tags")))
        return self._retain(name, properties, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Set the retention anew."""
        if "RetentionInDays" in old and "RetentionInDays" not in new:
            scope.clients("logs").delete_retention_policy(logGroupName=physical_id)
        return self._retain(physical_id, new, scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the log group and its events."""
        logs = scope.clients("logs")
        try:
            logs.delete_log_group(logGroupName=physical_id)
        except logs.exceptions.ResourceNotFoundException:
            return

    @staticmethod
    def _retain(name: str, properties: Properties, scope: Scope) -> Deployed:
        if "RetentionInDays" in properties:
            scope.clients("logs").put_retention_policy(
                logGroupName=name, retentionInDays=int(properties["RetentionInDays"])
            )
        return Deployed(name, {"Arn": f"arn:aws:logs:{scope.region}:{scope.account}:log-group:{name}:*"})


class Parameter:
    """AWS::SSM::Parameter."""

    name = "AWS::SSM::Parameter"
    replaced_by = frozenset({"Name", "Type"})

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Put the parameter, named as given or after the stack."""
        return self._put(properties.get("Name") or scope.generated_name(), properties, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Put the new value over the old."""
        return self._put(physical_id, new, scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the parameter."""
        scope.clients("ssm").delete_parameters(Names=[physical_id])

    @staticmethod
    def _put(name: str, properties: Properties, scope: Scope) -> Deployed:
        scope.clients("ssm").put_parameter(
            Name=name,
            Value=str(properties["Value"]),
            Type=properties["Type"],
            Description=properties.get("Description", ""),
            Overwrite=True,
        )
        return Deployed(name, {"Type": properties["Type"], "Value": str(properties["Value"])})


class Topic:
    """AWS::SNS::Topic, without subscriptions of its own."""

    name = "AWS::SNS::Topic"
    replaced_by = frozenset({"TopicName"})

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the topic; its ARN is what Ref gives."""
        name = properties.get("TopicName") or scope.generated_name(256)
        arn = scope.clients("sns").create_topic(Name=name, Tags=tag_list(properties.get("Tags")))["TopicArn"]
        return Deployed(arn, {"TopicArn": arn, "TopicName": name})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Nothing of a topic that local AWS knows changes in place."""
        return Deployed(physical_id, {"TopicArn": physical_id, "TopicName": physical_id.rsplit(":", 1)[1]})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the topic."""
        scope.clients("sns").delete_topic(TopicArn=physical_id)
