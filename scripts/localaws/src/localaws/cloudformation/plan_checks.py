"""Checks of a template whose parameters are known, which CloudFormation makes before it creates anything."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Set
from typing import Any

from localaws.cloudformation.order import creation_order
from localaws.errors import TemplateError
from localaws.template.intrinsics import PLACEHOLDER, Resolver, is_intrinsic, references
from localaws.template.rules import check_rules

# The intrinsic functions whose values are lists.
_LISTS = frozenset({"Fn::Cidr", "Fn::GetAZs", "Fn::Split"})


def check_plan(body: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Raise TemplateError for a broken rule, a circular dependency, or a reference to what isn't created.

    `values` are those of parameters and pseudo parameters.
    """
    resolver = Resolver(body, _Values(values))
    check_rules(body, resolver)
    created = {
        name: resource
        for name, resource in body["Resources"].items()
        if "Condition" not in resource or resolver.condition(resource["Condition"])
    }
    absent = body["Resources"].keys() - created.keys()
    outputs = {
        name: output
        for name, output in (body.get("Outputs") or {}).items()
        if "Condition" not in output or resolver.condition(output["Condition"])
    }
    for section, items in (("Resources", created), ("Outputs", outputs)):
        for item in items.values():
            taken = _taken({key: value for key, value in item.items() if key != "DependsOn"}, resolver)
            unresolved = sorted(references(taken) & absent)
            if unresolved:
                raise TemplateError(
                    f"Template format error: Unresolved resource dependencies [{', '.join(unresolved)}] in the "
                    f"{section} block of the template"
                )
            for name in _lists_in_texts(taken, values):
                raise TemplateError(
                    f"Template error: variable {name} in Fn::Sub expression does not resolve to a string"
                )
            _select_all(taken, resolver, values.keys())
    for name, output in outputs.items():
        if output.get("Value") is None:
            raise TemplateError("Template format error: Every Outputs member must contain a Value object")
        if _is_no_text(_taken(output["Value"], resolver), values):
            raise TemplateError(
                f"Template format error: Output {name} is malformed. The Value field of every Outputs member must "
                "evaluate to a String."
            )
    creation_order({name: _without(absent, _taken(resource, resolver)) for name, resource in created.items()})


def _taken(value: Any, resolver: Resolver) -> Any:
    """A value with each Fn::If replaced by the branch that its condition chooses."""
    if isinstance(value, list):
        return [_taken(item, resolver) for item in value]
    if not isinstance(value, dict):
        return value
    branches = value.get("Fn::If") if len(value) == 1 else None
    if isinstance(branches, list) and len(branches) == 3:
        return _taken(branches[1 if resolver.condition(branches[0]) else 2], resolver)
    return {key: _taken(item, resolver) for key, item in value.items()}


def _without(absent: Set[str], resource: Mapping[str, Any]) -> dict[str, Any]:
    """A resource that depends only on those that are created."""
    explicit = resource.get("DependsOn", [])
    kept = [name for name in ([explicit] if isinstance(explicit, str) else explicit) if name not in absent]
    return {**resource, "DependsOn": kept}


def _lists_in_texts(value: Any, values: Mapping[str, Any]) -> Iterator[str]:
    """The variables of Fn::Sub that are parameters of a list type, which can't be inserted in a text."""
    if isinstance(value, list):
        for item in value:
            yield from _lists_in_texts(item, values)
    if not isinstance(value, dict):
        return
    argument = value.get("Fn::Sub") if len(value) == 1 else None
    text, own = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
    for literal, name in PLACEHOLDER.findall(text) if isinstance(text, str) else ():
        given = own.get(name, {"Ref": name})
        if not literal and isinstance(given, dict) and isinstance(values.get(str(given.get("Ref"))), list):
            yield name
    for item in value.values():
        yield from _lists_in_texts(item, values)


def _is_no_text(value: Any, values: Mapping[str, Any]) -> bool:
    """Whether a value can't be a text: a list, an object, or a function that returns a list."""
    if not isinstance(value, dict):
        return isinstance(value, list)
    if not is_intrinsic(value):
        return True
    ((name, argument),) = value.items()
    return name in _LISTS or (name == "Ref" and isinstance(values.get(argument), list))


def _select_all(value: Any, resolver: Resolver, known: Set[str]) -> None:
    """Evaluate each Fn::Select whose arguments are known; raises TemplateError for an index out of range."""
    for item in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        _select_all(item, resolver, known)
    if isinstance(value, dict) and len(value) == 1 and "Fn::Select" in value and _is_known(value, known):
        try:
            resolver.resolve(value)
        except (TypeError, ValueError) as error:
            raise TemplateError(f"Template error: Fn::Select has invalid arguments: {error}") from None


def _is_known(value: Any, known: Set[str]) -> bool:
    """Whether a value depends on nothing but parameters and pseudo parameters."""
    text = json.dumps(value)
    return references(value) <= known and "Fn::ImportValue" not in text and "{{resolve:" not in text


class _Values:
    """The values that are known before anything is created."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def ref(self, name: str) -> Any:
        return self._values[name]

    def attribute(self, logical_id: str, name: str) -> Any:
        raise KeyError(logical_id, name)

    def imported(self, export: str) -> str:
        raise KeyError(export)

    def dynamic(self, reference: str) -> str:
        raise TemplateError(f"{{{{resolve:{reference}}}}} can't be used in a condition or a rule.")
