"""CloudFormation's API; moto's protocol layer parses requests and serializes responses."""

from __future__ import annotations

import re

from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from localaws.cloudformation import background
from localaws.cloudformation.change_sets import ChangeSet
from localaws.cloudformation.descriptions import (
    describe_change_set,
    describe_resource,
    describe_stack,
    describe_template,
)
from localaws.cloudformation.errors import ValidationError
from localaws.cloudformation.service import CloudFormation
from localaws.cloudformation.stack import Stack
from localaws.errors import LocalAwsError

# Parameters that change what a deployment does, and that local AWS has nothing for.
_UNSUPPORTED = (
    "NotificationARNs",
    "RetainExceptOnCreate",
    "RetainResources",
    "StackPolicyBody",
    "StackPolicyDuringUpdateBody",
    "StackPolicyDuringUpdateURL",
    "StackPolicyURL",
)
# Bytes of a template in a request, and of one behind a URL.
_LARGEST_BODY = 51_200
_LARGEST_OBJECT = 1_000_000
_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")


def responses(service: CloudFormation) -> type[BaseResponse]:
    """The class that handles requests."""

    class Responses(CloudFormationResponses):
        cloudformation = service

    return Responses


class CloudFormationResponses(BaseResponse):
    """One method per operation; moto refuses other operations as not implemented."""

    cloudformation: CloudFormation

    def __init__(self) -> None:
        super().__init__(service_name="cloudformation")
        self.automated_parameter_parsing = True

    def create_stack(self) -> ActionResult:
        """CreateStack."""
        self._refuse_unsupported()
        self._check_new_name()
        stack = self.cloudformation.create_stack(
            self.params["StackName"],
            self._template() or "",
            self._parameters(None),
            self._tags(),
            protected=bool(self.params.get("EnableTerminationProtection")),
            on_failure=self._on_failure(),
        )
        return ActionResult({"StackId": stack.stack_id})

    def update_stack(self) -> ActionResult:
        """UpdateStack."""
        self._refuse_unsupported()
        stack = self.cloudformation.stack(self.params["StackName"])
        keeps = bool(self.params.get("DisableRollback"))
        text, parameters = self._template(), self._parameters(stack)
        tags = None if self.params.get("Tags") is None else self._tags()
        background.run(lambda: self.cloudformation.update_stack(stack.name, text, parameters, tags, keeps_failed=keeps))
        return ActionResult({"StackId": stack.stack_id})

    def delete_stack(self) -> ActionResult:
        """DeleteStack."""
        self._refuse_unsupported()
        self.cloudformation.delete_stack(self.params["StackName"])
        return EmptyResult()

    def update_termination_protection(self) -> ActionResult:
        """UpdateTerminationProtection."""
        stack = self.cloudformation.stack(self.params["StackName"])
        stack.protected = bool(self.params["EnableTerminationProtection"])
        return ActionResult({"StackId": stack.stack_id})

    def create_change_set(self) -> ActionResult:
        """CreateChangeSet."""
        self._refuse_unsupported()
        kind = self.params.get("ChangeSetType", "UPDATE")
        if kind == "CREATE":
            self._check_new_name()
        if kind == "IMPORT" or self.params.get("ResourcesToImport"):
            raise ValidationError("Local AWS doesn't import resources into stacks: ChangeSetType must not be IMPORT.")
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
        return ActionResult(describe_change_set(change_set) | {"Changes": changes})

    def execute_change_set(self) -> ActionResult:
        """ExecuteChangeSet; it returns when the deployment is complete or waits for CodeDeploy."""
        name, stack = self.params["ChangeSetName"], self.params.get("StackName")
        background.run(lambda: self.cloudformation.execute_change_set(name, stack))
        return EmptyResult()

    def delete_change_set(self) -> ActionResult:
        """DeleteChangeSet."""
        self.cloudformation.delete_change_set(self.params["ChangeSetName"], self.params.get("StackName"))
        return EmptyResult()

    def list_change_sets(self) -> ActionResult:
        """ListChangeSets."""
        found = self.cloudformation.change_sets(self.params["StackName"])
        return ActionResult({"Summaries": [describe_change_set(change_set) for change_set in found]})

    def describe_stacks(self) -> ActionResult:
        """DescribeStacks."""
        name = self.params.get("StackName")
        stacks = [self.cloudformation.stack(name)] if name else self.cloudformation.active_stacks()
        return ActionResult({"Stacks": [describe_stack(stack) for stack in stacks]})

    def list_stacks(self) -> ActionResult:
        """ListStacks."""
        wanted = self.params.get("StackStatusFilter")
        stacks = [stack for stack in self.cloudformation.all_stacks() if not wanted or stack.status in wanted]
        return ActionResult({"StackSummaries": [describe_stack(stack) for stack in stacks]})

    def describe_stack_events(self) -> ActionResult:
        """DescribeStackEvents, newest first."""
        stack = self.cloudformation.stack(self.params["StackName"])
        return ActionResult({"StackEvents": stack.events[::-1]})

    def describe_stack_resource(self) -> ActionResult:
        """DescribeStackResource."""
        stack = self.cloudformation.stack(self.params["StackName"])
        logical_id = self.params["LogicalResourceId"]
        if logical_id not in stack.records:
            raise ValidationError(f"Resource {logical_id} does not exist for stack {stack.name}")
        return ActionResult({"StackResourceDetail": describe_resource(stack, stack.records[logical_id])})

    def describe_stack_resources(self) -> ActionResult:
        """DescribeStackResources."""
        stack = self.cloudformation.stack(self.params["StackName"])
        wanted = self.params.get("LogicalResourceId")
        records = [record for record in stack.records.values() if wanted in (None, record.logical_id)]
        return ActionResult({"StackResources": [describe_resource(stack, record) for record in records]})

    def list_stack_resources(self) -> ActionResult:
        """ListStackResources."""
        stack = self.cloudformation.stack(self.params["StackName"])
        records = [describe_resource(stack, record) for record in stack.records.values()]
        return ActionResult({"StackResourceSummaries": records})

    def list_exports(self) -> ActionResult:
        """ListExports."""
        exports = [
            {"ExportingStackId": stack.stack_id, "Name": output.export, "Value": output.value}
            for stack in self.cloudformation.active_stacks()
            for output in stack.outputs
            if output.export
        ]
        return ActionResult({"Exports": exports})

    def list_imports(self) -> ActionResult:
        """ListImports."""
        export = self.params["ExportName"]
        names = self.cloudformation.importers(export)
        if not names:
            raise ValidationError(f"Export '{export}' is not imported by any stack.")
        return ActionResult({"Imports": names})

    def get_template(self) -> ActionResult:
        """GetTemplate: the original template."""
        stack = self.cloudformation.stack(self.params["StackName"])
        return ActionResult({"TemplateBody": stack.plan.text, "StagesAvailable": ["Original"]})

    def get_template_summary(self) -> ActionResult:
        """GetTemplateSummary."""
        name = self.params.get("StackName")
        text = self.cloudformation.stack(name).plan.text if name else self._template()
        return ActionResult(describe_template(text or ""))

    def validate_template(self) -> ActionResult:
        """ValidateTemplate."""
        return ActionResult(describe_template(self._template() or ""))

    def _refuse_unsupported(self) -> None:
        given = [name for name in _UNSUPPORTED if self.params.get(name)]
        if (self.params.get("RollbackConfiguration") or {}).get("RollbackTriggers"):
            given.append("RollbackConfiguration")
        if given:
            raise ValidationError(f"Local AWS doesn't support {', '.join(given)} of {self._get_action()}.")

    def _check_new_name(self) -> None:
        name = self.params["StackName"]
        if not _STACK_NAME.fullmatch(name):
            raise ValidationError(
                f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must "
                "satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
            )

    def _template(self) -> str | None:
        if self.params.get("UsePreviousTemplate"):
            return None
        if self.params.get("TemplateURL"):
            try:
                fetched = self.cloudformation.fetch(self.params["TemplateURL"])
            except LocalAwsError as error:
                raise ValidationError(str(error)) from None
            if len(fetched.encode()) > _LARGEST_OBJECT:
                raise ValidationError(f"Template may not exceed {_LARGEST_OBJECT} bytes in size.")
            return fetched
        text: str | None = self.params.get("TemplateBody")
        if text is None:
            raise ValidationError("Either Template URL or Template Body must be specified.")
        if len(text.encode()) > _LARGEST_BODY:
            raise ValidationError(
                "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have "
                f"length less than or equal to {_LARGEST_BODY}"
            )
        return text

    def _on_failure(self) -> str:
        """What becomes of a stack whose creation fails: ROLLBACK, DELETE or DO_NOTHING."""
        if self.params.get("OnFailure") and self.params.get("DisableRollback") is not None:
            raise ValidationError("You can specify either DisableRollback or OnFailure, but not both.")
        return str(self.params.get("OnFailure") or ("DO_NOTHING" if self.params.get("DisableRollback") else "ROLLBACK"))

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
