"""What local AWS does of CloudFormation, as support.yaml tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

# What a property's value may be: see support.yaml. True, a remark, a list of values, or a structure.
Rule = bool | str | list[str | dict[str, str]] | dict[str, Any]
CUSTOM, CUSTOM_PREFIX = "AWS::CloudFormation::CustomResource", "Custom::"
Where = tuple[str | int, ...]
Report = Callable[[Where, str], None]


@dataclass(frozen=True)
class Support:
    """The tables of support.yaml."""

    sections: frozenset[str]
    resource_keys: frozenset[str]
    globals: Mapping[str, str]
    types: Mapping[str, Mapping[str, Any]]

    def table(self, kind: str) -> Mapping[str, Any] | None:
        """What's done of a type, None if nothing is; custom resources have names of their own."""
        return self.types.get(CUSTOM if kind.startswith(CUSTOM_PREFIX) else kind)

    def has_attribute(self, kind: str, attribute: str) -> bool:
        """Whether Fn::GetAtt may ask a type for an attribute."""
        table = self.table(kind) or {}
        return attribute in table.get("$attributes", ()) or "$others" in table


@cache
def support() -> Support:
    """The tables, read once."""
    text = files("localaws.template").joinpath("support.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    return Support(frozenset(data["sections"]), frozenset(data["resource_keys"]), data["globals"], data["types"])


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
    elif isinstance(rule, dict) and isinstance(value, dict):
        _compare_structure(rule, value, where, refuse, remark)


def _compare_choice(rule: list[str | dict[str, str]], value: Any, where: Where, refuse: Report, remark: Report) -> None:
    done = [choice for choice in rule if isinstance(choice, str)]
    accepted = {name: text for choice in rule if isinstance(choice, dict) for name, text in choice.items()}
    if str(value) in accepted:
        remark(where, accepted[str(value)])
    elif str(value) not in done:
        refuse(where, f"local AWS does only {', '.join(done)}, not {value}")


def _compare_structure(
    rule: dict[str, Any], value: dict[str, Any], where: Where, refuse: Report, remark: Report
) -> None:
    selector = rule.get("$by")
    if selector:
        kind = value.get(selector)
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


def is_intrinsic(value: Any) -> bool:
    """Whether a value is an intrinsic function: {"Ref": …} or {"Fn::…": …}."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    name = str(next(iter(value)))
    return name == "Ref" or name.startswith("Fn::")
