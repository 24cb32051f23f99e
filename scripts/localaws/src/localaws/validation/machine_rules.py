"""Checks the definitions of state machines in a template."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from localaws.errors import TemplateError
from localaws.stepfunctions.language.diagnostics import Diagnostic
from localaws.stepfunctions.language.substitutions import PLACEHOLDER
from localaws.stepfunctions.language.validation import validate_value
from localaws.template.intrinsics import is_intrinsic
from localaws.template.load import Where, parse_value
from localaws.validation.findings import Findings


def check_machine(findings: Findings, where: Where, properties: Mapping[str, Any]) -> None:
    """Check a state machine, CloudFormation's or SAM's. Values that aren't known yet are checked when they are."""
    kind = properties.get("StateMachineType", properties.get("Type", "STANDARD"))
    kind = kind if isinstance(kind, str) else "STANDARD"
    definition, text, path = (properties.get(name) for name in ("Definition", "DefinitionString", "DefinitionUri"))
    if isinstance(definition, Mapping) and not is_intrinsic(definition):
        for each in _diagnostics(definition, kind):
            findings.refuse((*where, "Definition", *each.where), f"{each.code}: {each.message}")
    elif isinstance(text, str) or (isinstance(text, Mapping) and isinstance(text.get("Fn::Sub"), str)):
        _check_text(findings, (*where, "DefinitionString"), text if isinstance(text, str) else text["Fn::Sub"], kind)
    elif isinstance(path, str) and not path.startswith("s3://"):
        _check_file(findings, (*where, "DefinitionUri"), path, kind)


def _check_text(findings: Findings, where: Where, text: str, kind: str) -> None:
    try:
        definition = json.loads(text)
    except ValueError as error:
        # A placeholder without quotes stands for a number or an object, which isn't known yet.
        if not PLACEHOLDER.search(text):
            findings.refuse(where, f"INVALID_JSON_DESCRIPTION: {error}")
        return
    for each in _diagnostics(definition, kind):
        findings.refuse(where, str(each))


def _check_file(findings: Findings, where: Where, path: str, kind: str) -> None:
    file = Path(findings.template.source).resolve().parent / path
    if not file.is_file():
        return
    try:
        definition = parse_value(file.read_text(encoding="utf-8"), path)
    except TemplateError as error:
        findings.refuse(where, str(error))
        return
    for each in _diagnostics(definition, kind):
        findings.refuse(where, f"{path}: {each}")


def _diagnostics(definition: Any, kind: str) -> list[Diagnostic]:
    """What's wrong with a definition, but for values that aren't known yet."""
    return [each for each in validate_value(definition, kind) if not _is_unknown(_at(definition, each.where))]


def _at(value: Any, where: Where) -> Any:
    for step in where:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
        if is_intrinsic(value):
            return value
    return value


def _is_unknown(value: Any) -> bool:
    return is_intrinsic(value) or (isinstance(value, str) and PLACEHOLDER.search(value) is not None)
