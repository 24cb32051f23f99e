"""Finds everything in a template that local AWS can't do as AWS does, before anything starts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.cloudformation.dynamic import SERVICES
from localaws.cloudformation.intrinsics import INTRINSICS
from localaws.cloudformation.parameters import is_supported
from localaws.errors import Problem, TemplateError, TemplateInvalid, TemplateRefused
from localaws.events.bus import target_problem
from localaws.events.pattern import PatternError, compile_pattern
from localaws.events.schedule import ScheduleError, compile_schedule
from localaws.template.load import Template, Where
from localaws.template.references import dangling
from localaws.template.support import compare, is_intrinsic, support
from localaws.template.transform import SAM, transforms, uses_sam

_TARGET_TYPES = frozenset(
    {
        "AWS::Events::EventBus",
        "AWS::Lambda::Alias",
        "AWS::Lambda::Function",
        "AWS::Lambda::Version",
        "AWS::Logs::LogGroup",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
        "AWS::Serverless::Function",
    }
)
# How an intrinsic stands in an event pattern while its value isn't known.
_UNKNOWN = "unknown"


@dataclass
class _Findings:
    template: Template
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)

    def refuse(self, where: Where, what: str) -> None:
        self.problems.append(self._problem(where, what))

    def remark(self, where: Where, what: str) -> None:
        self.remarks.append(self._problem(where, what))

    def _problem(self, where: Where, what: str) -> Problem:
        line = self.template.line(where)
        if where[0] != "Resources":
            return Problem(line, str(where[0]), _path(where[1:]), what)
        inner = where[3:] if len(where) > 2 and where[2] == "Properties" else where[2:]
        return Problem(line, str(where[1]), _path(inner), what)


def check(template: Template, parameters: Mapping[str, Any]) -> None:
    """Raise TemplateRefused with all that can't be done, or TemplateInvalid; `parameters` are the values given."""
    findings = _inspect(template, parameters)
    if findings.problems:
        raise TemplateRefused(template.source, findings.problems)
    wrong = _Findings(template)
    for where, what in dangling(template.body):
        wrong.refuse(where, what)
    if wrong.problems:
        raise TemplateInvalid(template.source, wrong.problems)


def check_expanded(body: dict[str, Any]) -> None:
    """The same for a template that was expanded."""
    check(Template("The expanded template", body, {}), {})


def check_resolved(logical_id: str, kind: str, properties: Mapping[str, Any]) -> None:
    """Hold a resource's resolved properties against the tables; raises TemplateError."""
    resource = {"Type": kind, "Properties": dict(properties)}
    template = Template("", {"Resources": {logical_id: resource}}, {})
    findings = _Findings(template)
    _resource(findings, logical_id, resource)
    for index, target in enumerate(properties.get("Targets", []) if kind == "AWS::Events::Rule" else []):
        problem = target_problem(target)
        if problem:
            findings.refuse(("Resources", logical_id, "Properties", "Targets", index), problem)
    if findings.problems:
        raise TemplateError("; ".join(map(str, findings.problems)))


def accepted_remarks(template: Template) -> list[str]:
    """One line for each thing that's accepted without being done, naming where the template asks for it."""
    places: dict[str, list[str]] = {}
    for remark in _inspect(template, {}).remarks:
        places.setdefault(remark.what, []).append(remark.place)
    return [f"note: {what} ({', '.join(_few(sorted(set(named))))})" for what, named in sorted(places.items())]


def _inspect(template: Template, parameters: Mapping[str, Any]) -> _Findings:
    findings = _Findings(template)
    body = template.body
    for where in template.repeated:
        findings.remark(where, "it's given twice; the last one counts, as on AWS")
    for section in set(body) - support().sections:
        findings.refuse((section,), "this section isn't supported")
    for transform in {*transforms(body)} - {SAM}:
        findings.refuse(("Transform",), f"{transform} isn't supported")
    for name, spec in (body.get("Parameters") or {}).items():
        if not is_supported(str(spec.get("Type", "String"))):
            findings.refuse(("Parameters", name, "Type"), f"{spec['Type']} isn't supported")
    _globals(findings, body.get("Globals") or {})
    for logical_id, resource in body["Resources"].items():
        _resource(findings, logical_id, _with_parameters(resource, body, parameters))
    for where, name, argument in _intrinsics(body, ()):
        _intrinsic(findings, where, name, argument)
    for where, service in _dynamic_references(body, ()):
        if service not in SERVICES:
            findings.refuse(where, f"dynamic references to {service} aren't supported")
    return findings


def _globals(findings: _Findings, sections: Mapping[str, Any]) -> None:
    for section, settings in sections.items():
        kind = support().globals.get(section)
        if kind is None:
            findings.refuse(("Globals", section), "these globals aren't supported")
        else:
            table = dict(support().types[kind])
            compare(table, settings, ("Globals", section), findings.refuse, findings.remark)


def _resource(findings: _Findings, logical_id: str, resource: Mapping[str, Any]) -> None:
    where: Where = ("Resources", logical_id)
    kind = resource["Type"]
    if kind.startswith("AWS::Serverless::") and findings.template.source and not uses_sam(findings.template.body):
        findings.refuse((*where, "Type"), f"{kind} needs Transform: {SAM}")
    table = support().types.get(kind)
    if table is None:
        findings.refuse((*where, "Type"), f"resource type {kind} isn't supported")
        return
    for key in set(resource) - support().resource_keys:
        findings.refuse((*where, key), "this attribute of a resource isn't supported")
    properties = resource.get("Properties") or {}
    place = (*where, "Properties")
    compare(dict(table), properties, place, findings.refuse, findings.remark)
    if kind == "AWS::Events::Rule":
        _pattern(findings, (*place, "EventPattern"), properties.get("EventPattern"))
        _schedule(findings, (*place, "ScheduleExpression"), properties.get("ScheduleExpression"))
        _targets(findings, (*place, "Targets"), properties.get("Targets", []))
    if kind == "AWS::Scheduler::Schedule":
        _schedule(findings, (*place, "ScheduleExpression"), properties.get("ScheduleExpression"), properties)
    for name, event in (properties.get("Events") or {}).items() if kind.endswith("Serverless::Function") else ():
        if isinstance(event, dict):
            _event(findings, (*place, "Events", name, "Properties"), event.get("Type"), event.get("Properties") or {})


def _event(findings: _Findings, where: Where, kind: Any, properties: Mapping[str, Any]) -> None:
    if kind in ("EventBridgeRule", "CloudWatchEvent"):
        _pattern(findings, (*where, "Pattern"), properties.get("Pattern"))
    elif kind == "Schedule":
        _schedule(findings, (*where, "Schedule"), properties.get("Schedule"))
    elif kind == "ScheduleV2":
        _schedule(findings, (*where, "ScheduleExpression"), properties.get("ScheduleExpression"), properties)


def _schedule(findings: _Findings, where: Where, expression: Any, scheduler: Mapping[str, Any] | None = None) -> None:
    """Hold an expression against what AWS takes; `scheduler` has a schedule's other properties."""
    if not isinstance(expression, str):
        return
    zone = (scheduler or {}).get("ScheduleExpressionTimezone") or "UTC"
    try:
        compile_schedule(expression, zone if isinstance(zone, str) else "UTC", once=scheduler is not None)
    except ScheduleError as error:
        findings.refuse(where, str(error))


def _pattern(findings: _Findings, where: Where, pattern: Any) -> None:
    if pattern is None:
        return
    try:
        compile_pattern(_opaque(pattern))
    except PatternError as error:
        findings.refuse(where, str(error))


def _targets(findings: _Findings, where: Where, targets: Any) -> None:
    for index, target in enumerate(targets if isinstance(targets, list) else []):
        arn = target.get("Arn") if isinstance(target, dict) else None
        argument = arn.get("Fn::GetAtt", arn.get("Ref")) if isinstance(arn, dict) else None
        if argument is None:
            continue
        logical_id = argument[0] if isinstance(argument, list) else str(argument).split(".")[0]
        kind = findings.template.body["Resources"].get(logical_id, {}).get("Type")
        if kind is not None and kind not in _TARGET_TYPES:
            findings.refuse(
                (*where, index, "Arn"),
                f"rules don't deliver to {kind}",
            )


def _intrinsic(findings: _Findings, where: Where, name: str, argument: Any) -> None:
    if name not in INTRINSICS:
        findings.refuse(where, f"intrinsic function {name} isn't supported")
    elif name == "Fn::GetAtt":
        logical_id, _, attribute = (
            ".".join(argument).partition(".")
            if isinstance(argument, list) and all(isinstance(part, str) for part in argument)
            else str(argument).partition(".")
        )
        kind = findings.template.body["Resources"].get(logical_id, {}).get("Type")
        if kind in support().types and attribute not in support().attributes(kind):
            findings.refuse(where, f"attribute {attribute} of {kind} isn't supported")


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


def _opaque(pattern: Any) -> Any:
    if isinstance(pattern, list):
        return [_opaque(item) for item in pattern]
    if not isinstance(pattern, dict):
        return pattern
    if is_intrinsic(pattern):
        return _UNKNOWN
    return {key: _opaque(item) for key, item in pattern.items()}


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


def _path(where: Where) -> str:
    text = ""
    for step in where:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".")


def _few(names: list[str]) -> list[str]:
    return names if len(names) <= 3 else [*names[:3], f"and {len(names) - 3} more"]
