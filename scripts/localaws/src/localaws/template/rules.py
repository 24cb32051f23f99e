"""The Rules of a template: assertions about its parameters.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localaws.errors import TemplateError
from localaws.template.intrinsics import Resolver


def check_rules(body: Mapping[str, Any], resolver: Resolver) -> None:
    """Raise TemplateError with the description of each assertion that doesn't hold."""
    broken = [
        f"{name}: {assertion.get('AssertDescription', 'an assertion is false')}"
        for name, rule in (body.get("Rules") or {}).items()
        if "RuleCondition" not in rule or resolver.resolve(_with_parameters(rule["RuleCondition"], body))
        for assertion in rule.get("Assertions") or []
        if not resolver.resolve(_with_parameters(assertion["Assert"], body))
    ]
    if broken:
        raise TemplateError(f"Template validation error: rules of the template aren't fulfilled. {'; '.join(broken)}")


def _with_parameters(value: Any, body: Mapping[str, Any]) -> Any:
    """A value with each Fn::RefAll replaced by the values of all parameters of its type."""
    if isinstance(value, list):
        return [_with_parameters(item, body) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and "Fn::RefAll" in value:
        declared = body.get("Parameters") or {}
        return [{"Ref": name} for name, spec in declared.items() if spec.get("Type") == value["Fn::RefAll"]]
    return {key: _with_parameters(item, body) for key, item in value.items()}
