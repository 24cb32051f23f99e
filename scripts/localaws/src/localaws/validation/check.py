"""Finds everything in a template that local AWS doesn't support, before anything starts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from localaws.errors import TemplateError, TemplateInvalid, TemplateRefused
from localaws.events.bus import target_problem
from localaws.resource_types import registry
from localaws.resource_types.awslambda.alias_deployments import UPDATE_POLICY
from localaws.template.intrinsics import DYNAMIC_SERVICES, EXTENSIONS, INTRINSICS, RULE_FUNCTIONS
from localaws.template.load import Template, Where
from localaws.template.parameters import is_looked_up_by_aws, is_supported
from localaws.template.transform import LANGUAGE, SAM, transforms, uses_sam
from localaws.validation.event_rules import check_event, check_rule, check_schedule
from localaws.validation.findings import Findings
from localaws.validation.intrinsic_shapes import malformed
from localaws.validation.machine_rules import check_machine
from localaws.validation.openapi import check_http_integration, check_openapi
from localaws.validation.properties import compare
from localaws.validation.references import undefined_references
from localaws.validation.rest_rules import check_api, check_authorizer, check_method, check_rest_api
from localaws.validation.stream_rules import check_stream
from localaws.validation.suggestion import suggest

SECTIONS = frozenset(
    {
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Globals",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
        "Transform",
    }
)
RESOURCE_ATTRIBUTES = frozenset(
    {
        "Condition",
        "Connectors",
        "DeletionPolicy",
        "DependsOn",
        "Description",
        "Metadata",
        "Properties",
        "Type",
        "UpdatePolicy",
        "UpdateReplacePolicy",
    }
)


def _check_application(findings: Findings, where: Where, properties: Mapping[str, Any]) -> None:
    """Refuse an AWS::Serverless::Application of the Serverless Application Repository."""
    if isinstance(properties.get("Location"), Mapping):
        findings.refuse((*where, "Location"), "applications of the Serverless Application Repository aren't supported")


_OPENAPI = {"AWS::ApiGatewayV2::Api": "Body", "AWS::Serverless::HttpApi": "DefinitionBody"}
_WITH_EVENTS = frozenset({"AWS::Serverless::Function", "AWS::Serverless::StateMachine"})
# The types whose values have rules of their own.
_BY_TYPE = {
    "AWS::ApiGateway::Authorizer": check_authorizer,
    "AWS::ApiGateway::Method": check_method,
    "AWS::ApiGatewayV2::Integration": check_http_integration,
    "AWS::ApiGateway::RestApi": check_rest_api,
    "AWS::Events::Rule": check_rule,
    "AWS::KinesisFirehose::DeliveryStream": check_stream,
    "AWS::Scheduler::Schedule": check_schedule,
    "AWS::Serverless::Api": check_api,
    "AWS::Serverless::Application": _check_application,
    "AWS::Serverless::StateMachine": check_machine,
    "AWS::StepFunctions::StateMachine": check_machine,
}


def check(template: Template, parameters: Mapping[str, Any]) -> None:
    """Raise TemplateRefused with everything unsupported, or TemplateInvalid; `parameters` are the given values."""
    wrong = Findings(template)
    for where, what in malformed(template.body):
        wrong.refuse(where, what)
    if wrong.problems:
        raise TemplateInvalid(template.source, wrong.problems)
    findings = _inspect(template, parameters)
    if findings.problems:
        raise TemplateRefused(template.source, findings.problems)
    for where, what in undefined_references(template.body):
        wrong.refuse(where, what)
    if wrong.problems:
        raise TemplateInvalid(template.source, wrong.problems)


def check_expanded(body: dict[str, Any]) -> None:
    """Check a template that SAM has expanded."""
    check(Template("The expanded template", body, {}), {})


def check_resolved(logical_id: str, kind: str, properties: Mapping[str, Any]) -> None:
    """Check a resource's properties after intrinsic functions were resolved; raises TemplateError."""
    resource = {"Type": kind, "Properties": dict(properties)}
    template = Template("", {"Resources": {logical_id: resource}}, {})
    findings = Findings(template)
    _resource(findings, logical_id, resource)
    for index, target in enumerate(properties.get("Targets", []) if kind == "AWS::Events::Rule" else []):
        problem = target_problem(target)
        if problem:
            findings.refuse(("Resources", logical_id, "Properties", "Targets", index), problem)
    if findings.problems:
        raise TemplateError("; ".join(map(str, findings.problems)))


def notes(template: Template) -> list[str]:
    """One line for each property that's accepted but has no effect, with the places that use it."""
    places: dict[str, list[str]] = {}
    for note in _inspect(template, {}).notes:
        places.setdefault(note.what, []).append(note.place)
    return [f"note: {what} ({', '.join(_few(sorted(set(named))))})" for what, named in sorted(places.items())]


def _inspect(template: Template, parameters: Mapping[str, Any]) -> Findings:
    findings = Findings(template)
    body = template.body
    for where in template.repeated:
        findings.note(where, "the key is duplicated; the last value is used, as on AWS")
    for section in set(body) - SECTIONS:
        findings.refuse((section,), f"this section isn't supported{suggest(section, SECTIONS)}")
    for transform in {*transforms(body)} - {SAM, LANGUAGE}:
        findings.refuse(("Transform",), f"{transform} isn't supported")
    _parameters(findings, body.get("Parameters") or {})
    _globals(findings, body.get("Globals") or {})
    for logical_id, resource in body["Resources"].items():
        _resource(findings, logical_id, _with_parameters(resource, body, parameters))
    for where, name, argument in _intrinsics(body, ()):
        _intrinsic(findings, where, name, argument)
    for where, service in _dynamic_references(body, ()):
        if service not in DYNAMIC_SERVICES:
            findings.refuse(where, f"dynamic references to {service} aren't supported")
    return findings


def _parameters(findings: Findings, declared: Mapping[str, Any]) -> None:
    for name, spec in declared.items():
        kind = str(spec.get("Type", "String"))
        if not is_supported(kind):
            findings.refuse(("Parameters", name, "Type"), f"{kind} isn't supported")
        elif is_looked_up_by_aws(kind):
            findings.note(("Parameters", name, "Type"), "the value isn't validated: there's no VPC")


def _globals(findings: Findings, sections: Mapping[str, Any]) -> None:
    """Check the defaults of supported types; other types are refused where they're used."""
    for section, settings in sections.items():
        kind = registry.GLOBALS.get(section)
        if kind is not None:
            compare(kind.properties, settings, ("Globals", section), findings.refuse, findings.note)


def _resource(findings: Findings, logical_id: str, resource: Mapping[str, Any]) -> None:
    where: Where = ("Resources", logical_id)
    kind = resource["Type"]
    if kind.startswith("AWS::Serverless::") and findings.template.source and not uses_sam(findings.template.body):
        findings.refuse((*where, "Type"), f"{kind} needs Transform: {SAM}")
    declared = registry.declared(kind)
    if declared is None:
        findings.refuse((*where, "Type"), f"resource type {kind} isn't supported{suggest(kind, registry.TYPES)}")
        return
    for key in set(resource) - RESOURCE_ATTRIBUTES:
        findings.refuse((*where, key), f"this resource attribute isn't supported{suggest(key, RESOURCE_ATTRIBUTES)}")
    if "UpdatePolicy" in resource:
        _update_policy(findings, (*where, "UpdatePolicy"), kind, resource["UpdatePolicy"])
    properties = resource.get("Properties") or {}
    place = (*where, "Properties")
    compare(declared.properties, properties, place, findings.refuse, findings.note)
    if kind in _OPENAPI:
        check_openapi(findings, (*place, _OPENAPI[kind]), properties.get(_OPENAPI[kind]), properties.get("Auth"))
    if kind in _BY_TYPE:
        _BY_TYPE[kind](findings, place, properties)
    for name, event in (properties.get("Events") or {}).items() if kind in _WITH_EVENTS else ():
        if isinstance(event, dict):
            within, given = (*place, "Events", name, "Properties"), event.get("Properties") or {}
            check_event(findings, within, event.get("Type"), given)


def _update_policy(findings: Findings, where: Where, kind: str, policy: Mapping[str, Any]) -> None:
    if kind != "AWS::Lambda::Alias":
        findings.refuse(where, f"UpdatePolicy of {kind} isn't supported")
    else:
        compare(UPDATE_POLICY, policy, where, findings.refuse, findings.note)


def _intrinsic(findings: Findings, where: Where, name: str, argument: Any) -> None:
    if name not in INTRINSICS:
        findings.refuse(where, f"intrinsic function {name} isn't supported{suggest(name, INTRINSICS)}")
    elif name in RULE_FUNCTIONS and where[0] != "Rules":
        findings.refuse(where, f"{name} is for Rules only")
    elif name in EXTENSIONS and LANGUAGE not in transforms(findings.template.body):
        findings.refuse(where, f"{name} needs Transform: {LANGUAGE}")
    elif name == "Fn::GetAtt":
        logical_id, _, attribute = (
            ".".join(argument).partition(".")
            if isinstance(argument, list) and all(isinstance(part, str) for part in argument)
            else str(argument).partition(".")
        )
        kind = findings.template.body["Resources"].get(logical_id, {}).get("Type")
        declared = registry.declared(kind) if kind else None
        known = declared is None or any(fnmatchcase(attribute, name) for name in declared.attributes)
        if declared and not known and "$others" not in declared.properties:
            meant = suggest(attribute, declared.attributes)
            findings.refuse(where, f"attribute {attribute} of {kind} isn't supported{meant}")


def _with_parameters(resource: Any, body: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    """The resource with each Ref to a parameter replaced by its value, so that the value is checked."""
    if isinstance(resource, list):
        return [_with_parameters(item, body, given) for item in resource]
    if not isinstance(resource, dict):
        return resource
    name = resource.get("Ref")
    declared = body.get("Parameters") or {}
    if len(resource) == 1 and isinstance(name, str) and name in declared:
        value = given.get(name, declared[name].get("Default"))
        return resource if value is None else value
    return {key: _with_parameters(item, body, given) for key, item in resource.items()}


def _intrinsics(value: Any, where: Where) -> Iterator[tuple[Where, str, Any]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _intrinsics(item, (*where, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            if key.startswith("Fn::") or (key == "Ref" and len(value) == 1 and isinstance(item, str)):
                yield where, key, item
            yield from _intrinsics(item, (*where, key))


def _dynamic_references(value: Any, where: Where) -> Iterator[tuple[Where, str]]:
    if isinstance(value, str):
        for service in re.findall(r"\{\{resolve:([^:}]*)", value):
            yield where, service
    elif isinstance(value, list | dict):
        for key, item in enumerate(value) if isinstance(value, list) else value.items():
            yield from _dynamic_references(item, (*where, key))


def _few(names: list[str]) -> list[str]:
    return names if len(names) <= 3 else [*names[:3], f"and {len(names) - 3} more"]
