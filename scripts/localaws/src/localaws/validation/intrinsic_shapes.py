"""Checks the arguments of intrinsic functions, as CloudFormation does before it creates anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localaws.template.load import Where

Check = Callable[[Any], bool]


def malformed(body: Mapping[str, Any]) -> Iterator[tuple[Where, str]]:
    """Each intrinsic function whose argument doesn't have its form."""
    for section in ("Conditions", "Globals", "Outputs", "Resources", "Rules"):
        yield from _walk(body.get(section) or {}, (section,))


def _walk(value: Any, where: Where) -> Iterator[tuple[Where, str]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, (*where, index))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            form = _FORMS.get(key) if len(value) == 1 else None
            if form and not form[0](item):
                yield where, f"Template error: {key} takes {form[1]}"
            yield from _walk(item, (*where, key))


def _is_list(least: int, most: int, *kinds: type) -> Check:
    """A check for a list of some length whose first items are of these types or intrinsic functions."""

    def holds(value: Any) -> bool:
        if not isinstance(value, list) or not least <= len(value) <= most:
            return False
        return all(isinstance(item, (kind, dict)) for item, kind in zip(value, kinds, strict=False))

    return holds


def _is_sub(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], Mapping)
    return isinstance(value, str)


def _is_attribute(value: Any) -> bool:
    if isinstance(value, str):
        return "." in value.strip(".")
    return isinstance(value, list) and len(value) >= 2 and isinstance(value[0], str)


_FORMS: Mapping[str, tuple[Check, str]] = {
    "Fn::And": (_is_list(2, 10), "a list of 2 to 10 conditions"),
    "Fn::Cidr": (_is_list(2, 3), "a list of an IP block, a count and the bits of a subnet"),
    "Fn::Contains": (_is_list(2, 2), "a list of a list and a string"),
    "Fn::EachMemberEquals": (_is_list(2, 2), "a list of a list and a string"),
    "Fn::EachMemberIn": (_is_list(2, 2), "a list of two lists"),
    "Fn::Equals": (_is_list(2, 2), "a list of two values"),
    "Fn::FindInMap": (_is_list(3, 4), "a list of a map's name, a top-level key and a second-level key"),
    "Fn::GetAtt": (_is_attribute, "a logical id and an attribute"),
    "Fn::GetAZs": (lambda value: isinstance(value, str | dict), "a region"),
    "Fn::If": (_is_list(3, 3, str), "a list of a condition's name and two values"),
    "Fn::Join": (_is_list(2, 2, str, list), "a list of a delimiter and a list of strings"),
    "Fn::Not": (_is_list(1, 1), "a list of one condition"),
    "Fn::Or": (_is_list(2, 10), "a list of 2 to 10 conditions"),
    "Fn::Select": (_is_list(2, 2, object, list), "a list of an index and a list"),
    "Fn::Split": (_is_list(2, 2, str, str), "a list of a delimiter and a string"),
    "Fn::Sub": (_is_sub, "a string, or a list of a string and a map of variables"),
}
