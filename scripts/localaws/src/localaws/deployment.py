"""Builds templates and deploys them as stacks."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localaws.builders import LocalBuilders
from localaws.clients import LocalClients
from localaws.cloudformation.background import on_wait
from localaws.cloudformation.errors import Abandoned, NoChanges, ValidationError
from localaws.cloudformation.service import CloudFormation
from localaws.cloudformation.stack import Event, Stack
from localaws.errors import LocalAwsError, TemplateError
from localaws.lambdas.code import SOURCE_BUCKET, ImageStore
from localaws.template.assembly import assets, templates
from localaws.template.extensions import unrolled
from localaws.template.includes import files_below, included
from localaws.template.load import Template, load
from localaws.template.nested import nested_templates
from localaws.template.package import package
from localaws.validation.check import check, notes
from localaws.validation.handlers import handler_problems

Progress = Callable[[str], None]
_WAITS = "waiting for CodeDeploy, which shifts traffic by local AWS's clock; `localaws tick 5m` moves it"
# Types → the attribute with their URL.
_ADDRESSES = {
    "AWS::ApiGateway::Stage": "Url",
    "AWS::ApiGatewayV2::Api": "ApiEndpoint",
    "AWS::Lambda::Url": "FunctionUrl",
}


@dataclass(frozen=True)
class Deployer:
    """Deploys templates from this machine's files; builds are kept under `state`.

    `own_root`: functions have a root file system of their own.
    """

    state: Path
    clients: LocalClients
    cloudformation: CloudFormation
    images: ImageStore
    builders: type[LocalBuilders] = LocalBuilders
    own_root: bool = True

    def deploy(self, template: Template, name: str, parameters: Mapping[str, str], progress: Progress) -> Stack:
        """Create the stack or update it to the template; raises LocalAwsError with the reasons if that fails."""
        for note in notes(template):
            progress(note)
        root = Path(template.source).resolve().parent
        for problem in handler_problems(template, root):
            progress(f"note: {problem}")
        self.prepare()
        builders = self.builders(self.state, self.clients, self.images, progress, own_root=self.own_root)
        began = time.perf_counter()
        published = assets(Path(template.source).resolve(), self.clients("s3").meta.region_name)
        if published:
            builders.publish(published)
            progress(f"published {len(published.files)} files and {len(published.images)} images of the CDK")
        body = json.dumps(package(template, root, builders, parameters))
        progress(f"built in {time.perf_counter() - began:.1f} s")
        began = time.perf_counter()
        try:
            with on_wait(lambda: progress(_WAITS)):
                stack = self._create_or_update(name, body, parameters)
        except ValidationError as error:
            known = any(stack.name == name for stack in self.cloudformation.active_stacks())
            reasons = _with_lines(error.message, template)
            raise TemplateError(f"Stack {name} could not be {'updated' if known else 'created'}.\n{reasons}") from None
        except Abandoned as error:
            raise LocalAwsError(str(error)) from None
        if stack.status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise LocalAwsError(_failure(stack, template))
        progress(f"stack {name} deployed in {time.perf_counter() - began:.1f} s")
        return stack

    def prepare(self) -> None:
        """Create the bucket for the pointers to source folders."""
        self.clients("s3").create_bucket(Bucket=SOURCE_BUCKET)

    def _create_or_update(self, name: str, body: str, parameters: Mapping[str, str]) -> Stack:
        known = [stack for stack in self.cloudformation.active_stacks() if stack.name == name]
        if not known:
            return self.cloudformation.create_stack(name, body, parameters, {})
        if known[0].status in ("ROLLBACK_COMPLETE", "DELETE_FAILED"):
            self.cloudformation.delete_stack(name)
            return self.cloudformation.create_stack(name, body, parameters, {})
        try:
            return self.cloudformation.update_stack(name, body, parameters)
        except NoChanges:
            return known[0]


def read_all(path: Path, stack_name: str, parameters: Mapping[str, str]) -> list[tuple[str, Template]]:
    """Read and check a template, for the stack `stack_name`, or all templates of an assembly of the CDK.

    Returns the names of the stacks with their templates; raises LocalAwsError if local AWS can't deploy one.
    """
    return [(found.stack_name, read(found.path, parameters)) for found in templates(path, stack_name)]


def read(path: Path, parameters: Mapping[str, str]) -> Template:
    """Read and check the template at `path`; raises LocalAwsError if local AWS can't deploy it."""
    template = _checked(path, parameters)
    declared = template.body.get("Parameters") or {}
    missing = [name for name, spec in declared.items() if name not in parameters and "Default" not in spec]
    if missing:
        lines = [f"  line {template.line(('Parameters', name))}: {name}" for name in missing]
        raise TemplateError(
            "\n".join([f"{path} has parameters without a value:", *lines]) + "\nSet each with --parameter NAME=VALUE."
        )
    return template


def _checked(path: Path, parameters: Mapping[str, str]) -> Template:
    """A template whose includes are read, and that's checked with those that it nests."""
    template = unrolled(included(load(path), files_below(path.parent)), parameters)
    check(template, parameters)
    for _, nested in nested_templates(template.body, path.parent):
        if nested.is_file():
            _checked(nested, {})
    return template


def addresses(stack: Stack) -> dict[str, str]:
    """The URLs of a stack's APIs and functions, by logical id."""
    served = (record for record in stack.records.values() if record.kind in _ADDRESSES)
    return {record.logical_id: str(record.attributes[_ADDRESSES[record.kind]]) for record in served}


def outputs(stack: Stack) -> dict[str, str]:
    """The outputs of a stack."""
    return {output.key: output.value for output in stack.outputs}


def describe(stack: Stack) -> dict[str, Any]:
    """A stack as the `status` operation reports it."""
    return {
        "name": stack.name,
        "status": stack.status,
        "reason": stack.reason,
        "resources": len(stack.records),
        "addresses": addresses(stack),
        "outputs": outputs(stack),
    }


def _failure(stack: Stack, template: Template) -> str:
    # Only the events of the last attempt: earlier ones belong to another deployment.
    began = max(index for index, event in enumerate(stack.events) if _begins(event))
    reasons = []
    for event in stack.events[began:]:
        if event.resource_status.endswith("FAILED") and event.resource_status_reason:
            line = _line(template, event.logical_resource_id)
            place = f"line {line}: " if line else ""
            reason = event.resource_status_reason
            if event.logical_resource_id == stack.name:
                reasons.append(_with_lines(reason, template))
            else:
                reasons.append(f"  {place}{event.logical_resource_id}: {reason}")
    # A failure before the first resource, such as a circular dependency, is an event of the stack only.
    listed = reasons or [
        f"  {event.resource_status_reason}" for event in stack.events[began + 1 :] if event.resource_status_reason
    ]
    return f"Stack {stack.name} could not be deployed ({stack.status}).\n" + "\n".join(listed)


def _with_lines(reason: str, template: Template) -> str:
    """Split an error of SAM's translator into one line per resource, with the resource's line in the template."""
    head, *causes = re.split(r"(?=Resource with id \[)", reason)
    listed = [f"  {head.strip()}"]
    for cause in causes:
        _, logical_id, rest = re.split(r"\[(.*?)\]", cause, maxsplit=1)
        event = re.search(r"Event with id \[(.*?)\]", rest)
        named = ("Resources", logical_id, "Properties", "Events", event[1] if event else "")
        line = template.line(named) if logical_id in template.body["Resources"] else _line(template, logical_id)
        listed.append(f"  line {line}: {logical_id}{rest.rstrip()}")
    return "\n".join(listed)


def _begins(event: Event) -> bool:
    of_the_stack = event.resource_type == "AWS::CloudFormation::Stack"
    return of_the_stack and event.resource_status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")


def _line(template: Template, logical_id: str) -> int:
    """The line of a resource, or of the SAM resource that it was generated from, whose name is a prefix of its own."""
    names = [name for name in template.body["Resources"] if logical_id.startswith(name)]
    return template.line(("Resources", max(names, key=len))) if names else 0
