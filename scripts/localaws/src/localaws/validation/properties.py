"""Checks the properties of a resource by the rules of its type (resource_types/support.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localaws.resource_types.support import Choices, Rule
from localaws.template.intrinsics import is_intrinsic
from localaws.template.load import Where
from localaws.validation.suggestion import suggest

Report = Callable[[Where, str], None]


def compare(rule: Rule, value: Any, where: Where, refuse: Report, note: Report) -> None:
    """Check `value` by `rule`; `refuse` and `note` get the place and text of each finding."""
    if rule is True or value == {"Ref": "AWS::NoValue"}:
        return
    if isinstance(rule, str):
        note(where, rule)
    elif is_intrinsic(value):
        # The value of other intrinsics isn't known yet; it's checked before the resource is created.
        for index, branch in enumerate(value.get("Fn::If", [])[1:], start=1):
            compare(rule, branch, (*where, "Fn::If", index), refuse, note)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            compare(rule, item, (*where, index), refuse, note)
    elif isinstance(rule, list):
        _compare_choice(rule, value, where, refuse, note)
    elif isinstance(rule, Mapping) and isinstance(value, dict):
        _compare_structure(rule, value, where, refuse, note)


def _compare_choice(rule: Choices, value: Any, where: Where, refuse: Report, note: Report) -> None:
    supported = [choice for choice in rule if isinstance(choice, str)]
    accepted = {name: text for choice in rule if isinstance(choice, dict) for name, text in choice.items()}
    if str(value) in accepted:
        note(where, accepted[str(value)])
    elif str(value) not in supported:
        refuse(where, f"local AWS supports only {', '.join(supported or accepted)}, not {value}")


def _compare_structure(
    rule: Mapping[str, Any], value: dict[str, Any], where: Where, refuse: Report, note: Report
) -> None:
    selector = rule.get("$by")
    if selector:
        kind = str(value.get(selector))
        if kind not in rule:
            known = ", ".join(_names(rule))
            refuse(where, f"{selector} {kind} isn't supported; local AWS supports {known}{suggest(kind, _names(rule))}")
            return
        rule = {selector: True, **rule[kind]}
    for key, item in value.items():
        inner = rule.get(key, rule.get("*", rule.get("$others")))
        if inner is None or key.startswith("$"):
            refuse((*where, key), f"this property isn't supported{suggest(key, _names(rule))}")
        else:
            compare(inner, item, (*where, key), refuse, note)


def _names(rule: Mapping[str, Any]) -> Iterator[str]:
    """The properties that a rule names."""
    return (name for name in rule if name != "*" and not name.startswith("$"))
