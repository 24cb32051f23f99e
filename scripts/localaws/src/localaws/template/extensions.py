"""Unrolls Fn::ForEach of AWS::LanguageExtensions; its other functions are resolved in intrinsics.py.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from localaws.errors import TemplateError
from localaws.template.load import LOOP, Template, Where
from localaws.template.transform import LANGUAGE, transforms


def unrolled(template: Template, given: Mapping[str, Any]) -> Template:
    """The template with its loops unrolled, each item with the line of its source; `given` are parameters' values.

    Raises TemplateError for an invalid loop, and for one without the transform.
    """
    sections = {name: section for name, section in template.body.items() if isinstance(section, dict)}
    if not any(key.startswith(LOOP) for section in sections.values() for key in section):
        return template
    declared = template.body.get("Parameters") or {}
    unroller = _Unroller(template, {name: given.get(name, spec.get("Default")) for name, spec in declared.items()})
    body = {**template.body, **{name: dict(unroller.unroll(items, (name,), {})) for name, items in sections.items()}}
    return replace(template, body=body, lines={**template.lines, **unroller.lines})


class _Unroller:
    def __init__(self, template: Template, parameters: Mapping[str, Any]) -> None:
        self._template, self._parameters = template, parameters
        self.lines: dict[Where, int] = {}

    def unroll(self, items: Mapping[str, Any], where: Where, variables: dict[str, str]) -> Iterator[tuple[str, Any]]:
        """The members of `items`, with loops unrolled and their variables replaced."""
        for key, value in items.items():
            if key.startswith(LOOP):
                yield from self._loop(value, (*where, key), variables)
            elif variables:
                name = _filled(key, variables)
                place = (*where, key)
                inner = [
                    (at[len(place) :], line) for at, line in self._template.lines.items() if at[: len(place)] == place
                ]
                self.lines |= {(where[0], name, *rest): line for rest, line in inner}
                yield name, _replaced(value, variables)
            else:
                yield key, value

    def _loop(self, loop: Any, where: Where, variables: dict[str, str]) -> Iterator[tuple[str, Any]]:
        if LANGUAGE not in transforms(self._template.body):
            raise self._error(where, f"needs Transform: {LANGUAGE}")
        if not (isinstance(loop, list) and len(loop) == 3 and isinstance(loop[0], str) and isinstance(loop[2], dict)):
            raise self._error(where, "a loop is a list of a variable, a collection, and an output mapping")
        for item in self._items(_replaced(loop[1], variables), where):
            yield from self.unroll(loop[2], (*where, 2), {**variables, loop[0]: item})

    def _items(self, collection: Any, where: Where) -> list[str]:
        items = self._value(collection, where)
        listed = items if isinstance(items, list) else [part.strip() for part in str(items).split(",")]
        return [str(self._value(item, where)) for item in listed]

    def _value(self, value: Any, where: Where) -> Any:
        if not isinstance(value, dict):
            return value
        found = self._parameters.get(str(value.get("Ref")))
        if found is None:
            raise self._error(where, "the collection must be a list, or a parameter with a value")
        return found

    def _error(self, where: Where, what: str) -> TemplateError:
        return TemplateError(f"{self._template.source}, line {self._template.line(where)}: {where[-1]}: {what}.")


def _replaced(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_replaced(item, variables) for item in value]
    if isinstance(value, str):
        return _filled(value, variables)
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and value.get("Ref") in variables:
        return variables[value["Ref"]]
    replaced = {_filled(key, variables): _replaced(item, variables) for key, item in value.items()}
    text = replaced.get("Fn::Sub")
    # SAM accepts only plain strings in some places, such as paths: unwrap a Fn::Sub without variables.
    return text if len(replaced) == 1 and isinstance(text, str) and "${" not in text else replaced


def _filled(text: str, variables: Mapping[str, str]) -> str:
    """Replace `${variable}`, and `&{variable}` by the value without characters that a logical id can't have."""
    for name, value in variables.items():
        text = text.replace(f"${{{name}}}", value).replace(f"&{{{name}}}", re.sub(r"[^A-Za-z0-9]", "", value))
    return text
