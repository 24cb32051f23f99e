"""CloudFormation's API: requests parsed and answers written by moto's protocol layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from localaws.cloudformation.service import ChangeSet, CloudFormation, ValidationError
from localaws.cloudformation.stack import Record, Stack
from localaws.errors import LocalAwsError
from localaws.template.load import parse


def responses(service: CloudFormation, fetch: Callable[[str], str]) -> type[BaseResponse]:
    """The class that answers requests; `fetch` reads the template behind a TemplateURL."""

    class Responses(CloudFormationResponses):
        cloudformation = service
        fetch_template = staticmethod(fetch)

    return Responses


class CloudFormationResponses(BaseResponse):
    """One method an operation; what's missing here is refused by moto as not implemented."""

    cloudformation: CloudFormation
    fetch_template: Callable[[str], str]

    def __init__(self) -> None:
        super().__init__(service_name="cloudformation")
        self.automated_parameter_parsing = True

    def create_stack(self) -> ActionResult:
        """CreateStack."""
        stack = self.cloudformation.create_stack(
            self.params["StackName"], self._template() or "", self._parameters(None), self._tags()
        )
        return ActionResult({"StackId": stack.stack_id})

    def update_stack(self) -> ActionResult:
        """UpdateStack."""
        stack = self.cloudformation.stack(self.params["StackName"])
        updated = self.cloudformation.update_stack(stack.name, self._template(), self._parameters(stack))
        return ActionResult({"StackId": updated.stack_id})

    def delete_stack(self) -> ActionResult:
        """DeleteStack."""
        self.cloudformation.delete_stack(self.params["StackName"])
        return EmptyResult()

    def create_change_set(self) -> ActionResult:
        """CreateChangeSet."""
        kind = self.params.get("ChangeSetType", "UPDATE")
        stack = self.cloudformation.stack(self.params["StackName"]) if kind != "CREATE" else None
        change_set = self.cloudformation.create_change_set(
            self.params["ChangeSetName"],
            self.params["StackName"],
            kind,
            self._template(),
            self._parameters(stack),
            self._tags(),
            self.params.get("Description"),
        )
        return ActionResult({"Id": change_set.arn, "StackId": change_set.stack.stack_id})

    def describe_change_set(self) -> ActionResult:
        """DescribeChangeSet."""
        change_set = self._change_set()
        changes = [{"Type": "Resource", "ResourceChange": change} for change in change_set.changes]
        return ActionResult(_summary(change_set) | {"Changes": changes})

    def execute_change_set(self) -> ActionResult:
        """ExecuteChangeSet; the work is done when it answers."""
        self.cloudformation.execute_change_set(self.params["ChangeSetName"], self.params.get("StackName"))
        return EmptyResult()

    def delete_change_set(self) -> ActionResult:
        """DeleteChangeSet."""
        self.cloudformation.delete_change_set(self.params["ChangeSetName"], self.params.get("StackName"))
        return EmptyResult()

    def list_change_sets(self) -> ActionResult:
        """ListChangeSets."""
        found = self.cloudformation.change_sets(self.params["StackName"])
        return ActionResult({"Summaries": [_summary(change_set) for change_set in found]})

    def describe_stacks(self) -> ActionResult:
        """DescribeStacks."""
        name = self.params.get("StackName")
        stacks = [self.cloudformation.stack(name)] if name else self.cloudformation.living()
        return ActionResult({"Stacks": [_stack(stack) for stack in stacks]})

    def list_stacks(self) -> ActionResult:
        """ListStacks."""
        wanted = self.params.get("StackStatusFilter")
        stacks = [stack for stack in self.cloudformation.all_stacks() if not wanted or stack.status in wanted]
        return ActionResult({"StackSummaries": [_stack(stack) for stack in stacks]})

    def describe_stack_events(self) -> ActionResult:
        """DescribeStackEvents, the newest first."""
        stack = self.cloudformation.stack(self.params["StackName"])
        return ActionResult({"StackEvents": stack.events[::-1]})

    def describe_stack_resource(self) -> ActionResult:
        """DescribeStackResource."""
        stack = self.cloudformation.stack(self.params["StackName"])
        logical_id = self.params["LogicalResourceId"]
        if logical_id not in stack.records:
            raise ValidationError(f"Resource {logical_id} does not exist for stack {stack.name}")
        return ActionResult({"StackResourceDetail": _resource(stack, stack.records[logical_id])})

    def describe_stack_resources(self) -> ActionResult:
        """DescribeStackResources."""
        stack = self.cloudformation.stack(self.params["StackName"])
        wanted = self.params.get("LogicalResourceId")
        records = [record for record in stack.records.values() if wanted in (None, record.logical_id)]
        return ActionResult({"StackResources": [_resource(stack, record) for record in records]})

    def list_stack_resources(self) -> ActionResult:
        """ListStackResources."""
        stack = self.cloudformation.stack(self.params["StackName"])
        records = [_resource(stack, record) for record in stack.records.values()]
        return ActionResult({"StackResourceSummaries": records})

    def list_exports(self) -> ActionResult:
        """ListExports."""
        exports = [
            {"ExportingStackId": stack.stack_id, "Name": output.export, "Value": output.value}
            for stack in self.cloudformation.living()
            for output in stack.outputs
            if output.export
        ]
        return ActionResult({"Exports": exports})

    def get_template(self) -> ActionResult:
        """GetTemplate, as it was given."""
        stack = self.cloudformation.stack(self.params["StackName"])
        return ActionResult({"TemplateBody": stack.plan.text, "StagesAvailable": ["Original"]})

    def get_template_summary(self) -> ActionResult:
        """GetTemplateSummary."""
        name = self.params.get("StackName")
        text = self.cloudformation.stack(name).plan.text if name else self._template()
        return ActionResult(_template_summary(text or ""))

    def validate_template(self) -> ActionResult:
        """ValidateTemplate."""
        return ActionResult(_template_summary(self._template() or ""))

    def _template(self) -> str | None:
        if self.params.get("UsePreviousTemplate"):
            return None
        if self.params.get("TemplateURL"):
            return self.fetch_template(self.params["TemplateURL"])
        text: str | None = self.params.get("TemplateBody")
        if text is None:
            raise ValidationError("Either Template URL or Template Body must be specified.")
        return text

    def _parameters(self, stack: Stack | None) -> dict[str, str]:
        values: dict[str, str] = {}
        for parameter in self.params.get("Parameters") or []:
            key = parameter["ParameterKey"]
            if parameter.get("UsePreviousValue") and stack and key in stack.plan.parameters:
                previous = stack.plan.parameters[key]
                values[key] = ",".join(previous) if isinstance(previous, list) else previous
            elif "ParameterValue" in parameter:
                values[key] = parameter["ParameterValue"]
        return values

    def _tags(self) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in self.params.get("Tags") or []}

    def _change_set(self) -> ChangeSet:
        return self.cloudformation.change_set(self.params["ChangeSetName"], self.params.get("StackName"))


def _template_summary(text: str) -> dict[str, Any]:
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


def _summary(change_set: ChangeSet) -> dict[str, Any]:
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


def _stack(stack: Stack) -> dict[str, Any]:
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
        "Parameters": _parameters(stack.plan.parameters),
        "Tags": [{"Key": key, "Value": value} for key, value in stack.tags.items()],
        "Outputs": outputs,
        "EnableTerminationProtection": False,
        "DisableRollback": False,
        "Capabilities": ["CAPABILITY_IAM"],
    }


def _parameters(values: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {"ParameterKey": key, "ParameterValue": ",".join(value) if isinstance(value, list) else value}
        for key, value in values.items()
    ]


def _resource(stack: Stack, record: Record) -> dict[str, Any]:
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
