"""Stacks, resources, change sets and templates as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localaws.cloudformation.change_sets import ChangeSet
from localaws.cloudformation.errors import ValidationError
from localaws.cloudformation.stack import Plan, Record, Stack
from localaws.errors import LocalAwsError
from localaws.resource_types.base import truth
from localaws.template.load import parse


def describe_template(text: str) -> dict[str, Any]:
    """The response of GetTemplateSummary for a template; raises ValidationError."""
    try:
        body = parse(text, "The template").body
    except LocalAwsError as error:
        raise ValidationError(str(error)) from None
    declared = [
        {
            "ParameterKey": name,
            "ParameterType": spec.get("Type", "String"),
            "Description": spec.get("Description", ""),
            "NoEcho": spec.get("NoEcho", False),
            **({"DefaultValue": str(spec["Default"])} if "Default" in spec else {}),
        }
        for name, spec in (body.get("Parameters") or {}).items()
    ]
    transform = body.get("Transform", [])
    return {
        "Description": body.get("Description", ""),
        "Parameters": declared,
        "ResourceTypes": sorted({resource["Type"] for resource in body["Resources"].values()}),
        "DeclaredTransforms": transform if isinstance(transform, list) else [transform],
        "Version": str(body.get("AWSTemplateFormatVersion", "2010-09-09")),
    }


def describe_change_set(change_set: ChangeSet) -> dict[str, Any]:
    """A change set without its changes."""
    return {
        "ChangeSetId": change_set.arn,
        "ChangeSetName": change_set.name,
        "StackId": change_set.stack.stack_id,
        "StackName": change_set.stack.name,
        "Status": change_set.status,
        "StatusReason": change_set.reason,
        "ExecutionStatus": change_set.execution_status,
        "CreationTime": change_set.created,
        "Description": change_set.description,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in change_set.parameters.items()],
    }


def describe_stack(stack: Stack) -> dict[str, Any]:
    """A stack."""
    outputs = [
        {"OutputKey": o.key, "OutputValue": o.value, "Description": o.description, "ExportName": o.export}
        for o in stack.outputs
    ]
    return {
        "StackId": stack.stack_id,
        "StackName": stack.name,
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason,
        "CreationTime": stack.created,
        "LastUpdatedTime": stack.updated,
        "DeletionTime": stack.deleted,
        "Description": stack.plan.body.get("Description"),
        "Parameters": _parameters(stack.plan),
        "Tags": [{"Key": key, "Value": value} for key, value in stack.tags.items()],
        "Outputs": outputs,
        "EnableTerminationProtection": stack.protected,
        "ParentId": stack.parent.stack_id if stack.parent else None,
        "RootId": stack.root.stack_id if stack.parent else None,
        "DisableRollback": False,
        "Capabilities": ["CAPABILITY_IAM"],
    }


def _parameters(plan: Plan) -> list[dict[str, str]]:
    """The values of the parameters; those with NoEcho are masked."""
    declared: Mapping[str, Any] = plan.body.get("Parameters") or {}
    hidden = {name for name, spec in declared.items() if truth(spec.get("NoEcho", False))}
    texts = {name: ",".join(value) if isinstance(value, list) else value for name, value in plan.parameters.items()}
    return [
        {"ParameterKey": name, "ParameterValue": "****" if name in hidden else text} for name, text in texts.items()
    ]


def describe_resource(stack: Stack, record: Record) -> dict[str, Any]:
    """A resource of a stack."""
    return {
        "StackName": stack.name,
        "StackId": stack.stack_id,
        "LogicalResourceId": record.logical_id,
        "PhysicalResourceId": record.physical_id,
        "ResourceType": record.kind,
        "ResourceStatus": record.status,
        "Timestamp": record.timestamp,
        "LastUpdatedTimestamp": record.timestamp,
    }
