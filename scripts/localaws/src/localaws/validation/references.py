"""Finds references to undefined names in a template, as CloudFormation does before it creates anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localaws.template.intrinsics import PLACEHOLDER
from localaws.template.transform import uses_sam
from localaws.validation.suggestion import OWN, suggest

Where = tuple[str | int, ...]
_PSEUDO = frozenset(
    f"AWS::{name}"
    for name in (
        "AccountId",
        "NoValue",
        "NotificationARNs",
        "Partition",
        "Region",
        "StackId",
        "StackName",
        "URLSuffix",
    )
)


def undefined_references(body: Mapping[str, Any]) -> Iterator[tuple[Where, str]]:
    """Each reference to a resource, parameter, condition or mapping that the template doesn't define."""
    names = _Names(body)
    for section in ("Globals", "Resources", "Outputs"):
        yield from _values(body.get(section) or {}, (section,), names)
    # Conditions and rules are evaluated before anything is created.
    for section in ("Conditions", "Rules"):
        yield from _values(body.get(section) or {}, (section,), _Names({**body, "Resources": {}}))
    for section in ("Resources", "Outputs"):
        for name, item in (body.get(section) or {}).items():
            condition = item.get("Condition") if isinstance(item, Mapping) else None
            if isinstance(condition, str):
                yield from names.condition((section, name, "Condition"), condition)
    for name, resource in body["Resources"].items():
        needed = resource.get("DependsOn", [])
        for other in [needed] if isinstance(needed, str) else needed:
            yield from names.resource(("Resources", name, "DependsOn"), str(other))


class _Names:
    """The names that a template defines."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._resources = frozenset(body["Resources"])
        self._parameters = frozenset(body.get("Parameters") or {})
        self._conditions = frozenset(body.get("Conditions") or {})
        self._mappings = frozenset(body.get("Mappings") or {})
        # SAM generates resources whose names begin with that of the SAM resource, or with "Serverless".
        generating = [name for name, item in body["Resources"].items() if "::Serverless::" in str(item.get("Type"))]
        self._prefixes = (*generating, "Serverless") if uses_sam(body) else ()

    def resource(self, where: Where, name: str) -> Iterator[tuple[Where, str]]:
        if name not in self._resources and not self._may_be_generated(name):
            yield where, f"the template has no resource {name}{suggest(name, self._resources, OWN)}"

    def value(self, where: Where, name: str) -> Iterator[tuple[Where, str]]:
        known = self._resources | self._parameters | _PSEUDO
        if name not in known and not self._may_be_generated(name):
            yield where, f"{name} is neither a parameter nor a resource{suggest(name, known, OWN)}"

    def condition(self, where: Where, name: str) -> Iterator[tuple[Where, str]]:
        if name not in self._conditions:
            yield where, f"the template has no condition {name}{suggest(name, self._conditions, OWN)}"

    def mapping(self, where: Where, name: str) -> Iterator[tuple[Where, str]]:
        if name not in self._mappings:
            yield where, f"the template has no mapping {name}{suggest(name, self._mappings, OWN)}"

    def _may_be_generated(self, name: str) -> bool:
        return any(name.startswith(prefix) and name != prefix for prefix in self._prefixes)


def _values(value: Any, where: Where, names: _Names) -> Iterator[tuple[Where, str]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _values(item, (*where, index), names)
    elif isinstance(value, Mapping):
        if len(value) == 1:
            key, argument = next(iter(value.items()))
            if key in _CHECKS:
                yield from _CHECKS[key](names, where, argument)
        for key, item in value.items():
            yield from _values(item, (*where, key), names)


def _ref(names: _Names, where: Where, argument: Any) -> Iterator[tuple[Where, str]]:
    if isinstance(argument, str):
        yield from names.value(where, argument)


def _get_att(names: _Names, where: Where, argument: Any) -> Iterator[tuple[Where, str]]:
    name = argument[0] if isinstance(argument, list) and argument else argument
    if isinstance(name, str):
        yield from names.resource(where, name.split(".")[0])


def _sub(names: _Names, where: Where, argument: Any) -> Iterator[tuple[Where, str]]:
    text, own = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
    for literal, name in PLACEHOLDER.findall(text) if isinstance(text, str) else ():
        if literal or name in own:
            continue
        check = names.resource if "." in name else names.value
        yield from check(where, name.split(".")[0].strip())


def _first(check: Callable[[_Names, Where, str], Iterator[tuple[Where, str]]]) -> Any:
    def first(names: _Names, where: Where, argument: Any) -> Iterator[tuple[Where, str]]:
        if isinstance(argument, list) and argument and isinstance(argument[0], str):
            yield from check(names, where, argument[0])

    return first


_CHECKS: dict[str, Callable[[_Names, Where, Any], Iterator[tuple[Where, str]]]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::If": _first(_Names.condition),
    "Fn::FindInMap": _first(_Names.mapping),
}
