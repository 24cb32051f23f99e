"""Holds the properties of a resource against the rules of its type (resource_types/support.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from localaws.resource_types.support import Choices, Rule
from localaws.template.intrinsics import is_intrinsic
from localaws.template.load import Where

Report = Callable[[Where, str], None]


def compare(rule: Rule, value: Any, where: Where, refuse: Report, remark: Report) -> None:
    """Hold `value` against `rule`; `refuse` and `remark` get each place and what's to be said of it."""
    if rule is True or value == {"Ref": "AWS::NoValue"}:
        return
    if isinstance(rule, str):
        remark(where, rule)
    elif is_intrinsic(value):
        # Of other intrinsics the value isn't known yet; it's held against the rule before the resource is created.
        for index, branch in enumerate(value.get("Fn::If", [])[1:], start=1):
            compare(rule, branch, (*where, "Fn::If", index), refuse, remark)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            compare(rule, item, (*where, index), refuse, remark)
    elif isinstance(rule, list):
        _compare_choice(rule, value, where, refuse, remark)
    elif isinstance(rule, Mapping) and isinstance(value, dict):
        _compare_structure(rule, value, where, refuse, remark)


def _compare_choice(rule: Choices, value: Any, where: Where, refuse: Report, remark: Report) -> None:
    done = [choice for choice in rule if isinstance(choice, str)]
    accepted = {name: text for choice in rule if isinstance(choice, dict) for name, text in choice.items()}
    if str(value) in accepted:
        remark(where, accepted[str(value)])
    elif str(value) not in done:
        refuse(where, f"local AWS does only {', '.join(done)}, not {value}")


def _compare_structure(
    rule: Mapping[str, Any], value: dict[str, Any], where: Where, refuse: Report, remark: Report
) -> None:
    selector = rule.get("$by")
    if selector:
        kind = str(value.get(selector))
        if kind not in rule:
            known = ", ".join(key for key in rule if not key.startswith("$"))
            refuse(where, f"{selector} {kind} isn't supported; local AWS does {known}")
            return
        rule = {selector: True, **rule[kind]}
    for key, item in value.items():
        inner = rule.get(key, rule.get("*", rule.get("$others")))
        if inner is None or key.startswith("$"):
            refuse((*where, key), "this property isn't supported")
        else:
            compare(inner, item, (*where, key), refuse, remark)
