"""Checks EventBridge rules, schedules and their targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localaws.events.bus import target_problem
from localaws.events.pattern import PatternError, compile_pattern
from localaws.events.schedule import ScheduleError, compile_schedule
from localaws.template.intrinsics import PLACEHOLDER, is_intrinsic
from localaws.template.load import Where
from localaws.validation.findings import Findings

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
        "AWS::Serverless::StateMachine",
        "AWS::StepFunctions::StateMachine",
        "AWS::StepFunctions::StateMachineAlias",
        "AWS::StepFunctions::StateMachineVersion",
    }
)
# Replaces an intrinsic function in an event pattern, whose value isn't known yet.
_UNKNOWN = "unknown"


def check_rule(findings: Findings, where: Where, properties: Mapping[str, Any]) -> None:
    """Check an AWS::Events::Rule."""
    _pattern(findings, (*where, "EventPattern"), properties.get("EventPattern"))
    _schedule(findings, (*where, "ScheduleExpression"), properties.get("ScheduleExpression"))
    _targets(findings, (*where, "Targets"), properties.get("Targets", []))


def check_schedule(findings: Findings, where: Where, properties: Mapping[str, Any]) -> None:
    """Check an AWS::Scheduler::Schedule."""
    _schedule(findings, (*where, "ScheduleExpression"), properties.get("ScheduleExpression"), properties)


def check_event(findings: Findings, where: Where, kind: Any, properties: Mapping[str, Any]) -> None:
    """Check an event of a SAM function, from which SAM generates a rule or a schedule."""
    if kind in ("EventBridgeRule", "CloudWatchEvent"):
        _pattern(findings, (*where, "Pattern"), properties.get("Pattern"))
    elif kind == "Schedule":
        _schedule(findings, (*where, "Schedule"), properties.get("Schedule"))
    elif kind == "ScheduleV2":
        check_schedule(findings, where, properties)


def _schedule(findings: Findings, where: Where, expression: Any, scheduler: Mapping[str, Any] | None = None) -> None:
    """Check an expression; `scheduler` has the other properties of an AWS::Scheduler::Schedule."""
    if not isinstance(expression, str):
        return
    zone = (scheduler or {}).get("ScheduleExpressionTimezone") or "UTC"
    try:
        compile_schedule(expression, zone if isinstance(zone, str) else "UTC", scheduler=scheduler is not None)
    except ScheduleError as error:
        findings.refuse(where, str(error))


def _pattern(findings: Findings, where: Where, pattern: Any) -> None:
    if pattern is None:
        return
    try:
        compile_pattern(_without_intrinsics(pattern))
    except PatternError as error:
        findings.refuse(where, str(error))


def _targets(findings: Findings, where: Where, targets: Any) -> None:
    for index, target in enumerate(targets if isinstance(targets, list) else []):
        arn = target.get("Arn") if isinstance(target, dict) else None
        text = _text(arn)
        problem = target_problem({"Arn": text}) if text.startswith("arn:") else None
        if problem:
            findings.refuse((*where, index, "Arn"), problem)
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


def _text(arn: Any) -> str:
    """An ARN that is literal or made by Fn::Sub, its variables replaced; "" for any other."""
    argument = arn.get("Fn::Sub") if isinstance(arn, Mapping) else arn
    argument = argument[0] if isinstance(argument, list) and argument else argument
    return PLACEHOLDER.sub("variable", argument) if isinstance(argument, str) else ""


def _without_intrinsics(pattern: Any) -> Any:
    if isinstance(pattern, list):
        return [_without_intrinsics(item) for item in pattern]
    if not isinstance(pattern, dict):
        return pattern
    if is_intrinsic(pattern):
        return _UNKNOWN
    return {key: _without_intrinsics(item) for key, item in pattern.items()}
