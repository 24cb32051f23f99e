"""Builds templates and deploys them as stacks, and finds where a stack is served."""

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
from localaws.cloudformation.service import CloudFormation, NoChanges, ValidationError
from localaws.cloudformation.stack import Event, Stack
from localaws.errors import LocalAwsError, TemplateError
from localaws.lambdas.code import SOURCE_BUCKET, ImageStore
from localaws.template.extensions import unrolled
from localaws.template.load import Template, load
from localaws.template.package import package
from localaws.validation.check import accepted_remarks, check
from localaws.validation.handlers import handler_problems

Progress = Callable[[str], None]
_ADDRESSES = {"AWS::ApiGatewayV2::Api": "ApiEndpoint", "AWS::Lambda::Url": "FunctionUrl"}


@dataclass(frozen=True)
class Deployer:
    """Deploys templates from this machine's files; builds are kept under `state`."""

    state: Path
    clients: LocalClients
    cloudformation: CloudFormation
    images: ImageStore
    builders: type[LocalBuilders] = LocalBuilders

    def deploy(self, template: Template, name: str, parameters: Mapping[str, str], say: Progress) -> Stack:
        """Bring the stack of that name to the template; raises LocalAwsError, with the reasons, where it can't be."""
        for remark in accepted_remarks(template):
            say(remark)
        root = Path(template.source).resolve().parent
        for problem in handler_problems(template, root):
            say(f"note: {problem}")
        self.prepare()
        builders = self.builders(self.state, self.clients, self.images, say)
        began = time.perf_counter()
        body = json.dumps(package(template, root, builders, parameters))
        say(f"built in {time.perf_counter() - began:.1f} s")
        began = time.perf_counter()
        try:
            stack = self._bring(name, body, parameters)
        except ValidationError as error:
            raise TemplateError(f"Stack {name} could not be updated.\n{_placed(error.message, template)}") from None
        if stack.status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise LocalAwsError(_failure(stack, template))
        say(f"stack {name} deployed in {time.perf_counter() - began:.1f} s")
        return stack

    def prepare(self) -> None:
        """See that there's the bucket for code that's run where it stands."""
        self.clients("s3").create_bucket(Bucket=SOURCE_BUCKET)

    def _bring(self, name: str, body: str, parameters: Mapping[str, str]) -> Stack:
        known = [stack for stack in self.cloudformation.living() if stack.name == name]
        if not known:
            return self.cloudformation.create_stack(name, body, parameters, {})
        if known[0].status in ("ROLLBACK_COMPLETE", "DELETE_FAILED"):
            self.cloudformation.delete_stack(name)
            return self.cloudformation.create_stack(name, body, parameters, {})
        try:
            return self.cloudformation.update_stack(name, body, parameters)
        except NoChanges:
            return known[0]


def read(path: Path, parameters: Mapping[str, str]) -> Template:
    """The template at `path`, which local AWS can deploy; raises LocalAwsError."""
    template = unrolled(load(path), parameters)
    check(template, parameters)
    declared = template.body.get("Parameters") or {}
    missing = [name for name, spec in declared.items() if name not in parameters and "Default" not in spec]
    if missing:
        lines = [f"  line {template.line(('Parameters', name))}: {name}" for name in missing]
        raise TemplateError(
            "\n".join([f"{path} has parameters that need a value:", *lines])
            + "\nGive each with --parameter NAME=VALUE."
        )
    return template


def addresses(stack: Stack) -> dict[str, str]:
    """Where the APIs and function URLs of a stack are served, by logical id."""
    served = (record for record in stack.records.values() if record.kind in _ADDRESSES)
    return {record.logical_id: str(record.attributes[_ADDRESSES[record.kind]]) for record in served}


def outputs(stack: Stack) -> dict[str, str]:
    """The outputs of a stack."""
    return {output.key: output.value for output in stack.outputs}


def describe(stack: Stack) -> dict[str, Any]:
    """What there's to say of a stack."""
    return {
        "name": stack.name,
        "status": stack.status,
        "reason": stack.reason,
        "resources": len(stack.records),
        "addresses": addresses(stack),
        "outputs": outputs(stack),
    }


def _failure(stack: Stack, template: Template) -> str:
    # What the last attempt said; what came before it is another deployment's.
    began = max(index for index, event in enumerate(stack.events) if _begins(event))
    reasons = []
    for event in stack.events[began:]:
        if event.resource_status.endswith("FAILED") and event.resource_status_reason:
            line = _line(template, event.logical_resource_id)
            place = f"line {line}: " if line else ""
            reason = event.resource_status_reason
            if event.logical_resource_id == stack.name:
                reasons.append(_placed(reason, template))
            else:
                reasons.append(f"  {place}{event.logical_resource_id}: {reason}")
    # What's wrong before the first resource, such as a circle of references, is said of the stack only.
    said = reasons or [
        f"  {event.resource_status_reason}" for event in stack.events[began + 1 :] if event.resource_status_reason
    ]
    return f"Stack {stack.name} could not be deployed ({stack.status}).\n" + "\n".join(said)


def _placed(reason: str, template: Template) -> str:
    """What's wrong with a template as SAM's translator says it, on a line for each resource that it names."""
    head, *causes = re.split(r"(?=Resource with id \[)", reason)
    told = [f"  {head.strip()}"]
    for cause in causes:
        _, logical_id, rest = re.split(r"\[(.*?)\]", cause, maxsplit=1)
        event = re.search(r"Event with id \[(.*?)\]", rest)
        named = ("Resources", logical_id, "Properties", "Events", event[1] if event else "")
        line = template.line(named) if logical_id in template.body["Resources"] else _line(template, logical_id)
        told.append(f"  line {line}: {logical_id}{rest.rstrip()}")
    return "\n".join(told)


def _begins(event: Event) -> bool:
    of_the_stack = event.resource_type == "AWS::CloudFormation::Stack"
    return of_the_stack and event.resource_status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")


def _line(template: Template, logical_id: str) -> int:
    """The line of a resource, or of the one that SAM made it from, whose name its own begins with."""
    names = [name for name in template.body["Resources"] if logical_id.startswith(name)]
    return template.line(("Resources", max(names, key=len))) if names else 0
