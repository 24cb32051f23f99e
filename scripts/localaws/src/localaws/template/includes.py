"""Includes parts of other files in a template: the transform AWS::Include.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/create-reusable-transform-function-snippets-and-add-to-your-template-with-aws-include-transform.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from localaws.errors import TemplateError
from localaws.template.load import FUNCTION, Template, parse_value

NAME = "AWS::Include"


def included(template: Template, fetch: Callable[[str], str]) -> Template:
    """The template with its includes replaced by the contents of their locations, which `fetch` reads.

    Raises TemplateError for an include without a location, and for one that can't be read.
    """
    body = template.body
    declared = body.get("Transform", [])
    transforms = declared if isinstance(declared, list) else [declared]
    whole = [item for item in transforms if _is_include(item)]
    if not whole and FUNCTION not in _keys(body):
        return template
    parameters = {name: spec.get("Default") for name, spec in (body.get("Parameters") or {}).items()}
    reader = _Reader(fetch, parameters)
    merged: dict[str, Any] = {}
    for include in whole:
        merged = _merged(merged, reader.read(include))
    merged = _merged(merged, {key: value for key, value in body.items() if key != "Transform"})
    others = [item for item in transforms if item not in whole]
    merged |= {"Transform": others if isinstance(declared, list) else others[0]} if others else {}
    return replace(template, body=reader.expanded(merged))


def files_below(root: Path) -> Callable[[str], str]:
    """A function that reads included files of this machine."""

    def read(location: str) -> str:
        if "://" in location:
            raise TemplateError(f"{NAME}: {location} can't be read before local AWS runs; include a file.")
        try:
            return (root / location).read_text(encoding="utf-8")
        except OSError as error:
            raise TemplateError(f"{NAME}: {location} can't be read: {error.strerror}.") from None

    return read


class _Reader:
    def __init__(self, fetch: Callable[[str], str], parameters: Mapping[str, Any]) -> None:
        self._fetch, self._parameters = fetch, parameters

    def read(self, include: Mapping[str, Any]) -> dict[str, Any]:
        """The mapping at the location of an include."""
        location = (include.get("Parameters") or {}).get("Location")
        if isinstance(location, Mapping):
            location = self._parameters.get(str(location.get("Ref")))
        if not isinstance(location, str):
            raise TemplateError(f"{NAME} needs a Location, a string or a parameter with a default.")
        content = parse_value(self._fetch(location), location)
        if not isinstance(content, dict):
            raise TemplateError(f"{NAME}: {location} must be a mapping.")
        return content

    def expanded(self, value: Any) -> Any:
        """A value with the includes in it replaced."""
        if isinstance(value, list):
            return [self.expanded(item) for item in value]
        if not isinstance(value, dict):
            return value
        if _is_include(value.get(FUNCTION)):
            content = self.read(value[FUNCTION])
            value = _merged(content, {key: item for key, item in value.items() if key != FUNCTION})
        return {key: self.expanded(item) for key, item in value.items()}


def _is_include(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("Name") == NAME


def _merged(content: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The members of both; of two sections with one name too. The template's own come before included ones."""
    both = {
        key: _merged(content[key], own[key])
        for key in content.keys() & own.keys()
        if isinstance(content[key], Mapping) and isinstance(own[key], Mapping)
    }
    return {**content, **own, **both}


def _keys(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_keys, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    return set(value).union(*map(_keys, value.values()))
