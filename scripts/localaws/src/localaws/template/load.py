"""Parses a CloudFormation or SAM template, keeping the line of every value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from localaws.errors import TemplateError

Where = tuple[str | int, ...]
# The prefix of the key of a loop.
LOOP = "Fn::ForEach::"
# The intrinsic function that transforms a part of a template.
FUNCTION = "Fn::Transform"
# The sections whose names must be alphanumeric, with what their items are called and how many there may be.
_NAMED = {"Parameters": ("Parameter", 200), "Resources": ("Resource", 500), "Outputs": ("Output", 200)}
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]+")
_VERSION = "2010-09-09"
# Bytes of UTF-8.
_LONGEST_DESCRIPTION = 1024


@dataclass(frozen=True)
class Template:
    """A template as plain dicts and lists, with short intrinsic functions (`!Ref`) in their long form.

    `repeated` has the paths of duplicate keys; as on AWS the last value is used.
    """

    source: str
    body: dict[str, Any]
    lines: Mapping[Where, int]
    repeated: tuple[Where, ...] = ()

    def line(self, where: Where) -> int:
        """The line of the value at `where`, or of its nearest parent; 0 if there's none."""
        for end in range(len(where), 0, -1):
            if where[:end] in self.lines:
                return self.lines[where[:end]]
        return 0


class _Loader(yaml.SafeLoader):
    """YAML 1.1 as CloudFormation reads it: dates stay strings."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(path: Path) -> Template:
    """Read the template at `path`; raises TemplateError if it's missing or invalid."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise TemplateError(f"The template {path} doesn't exist.") from None
    except UnicodeDecodeError:
        raise TemplateError(f"{path} isn't a template: it isn't UTF-8 text.") from None
    return parse(text, str(path))


def parse(text: str, source: str) -> Template:
    """Parse a template in YAML or JSON; `source` names it in errors."""
    body, reader = _parsed(text, source)
    if not isinstance(body, dict) or not isinstance(body.get("Resources"), dict) or not body["Resources"]:
        raise TemplateError(f"{source} isn't a CloudFormation template: it has no Resources.")
    for logical_id, resource in body["Resources"].items():
        if logical_id.startswith(LOOP) or logical_id == FUNCTION:
            continue
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            raise TemplateError(f"{source}: resource {logical_id} has no Type.")
    _check_limits(body)
    body = {section: value for section, value in body.items() if value is not None}
    template = Template(source, body, reader.lines, tuple(reader.repeated))
    for where, value in _mappings(body):
        if not isinstance(value, dict):
            place = ".".join(map(str, where))
            raise TemplateError(f"{source}, line {template.line(where)}: {place} must be a mapping, not {value!r}.")
    return template


def parse_value(text: str, source: str) -> Any:
    """Parse a part of a template."""
    return _parsed(text, source)[0]


def _parsed(text: str, source: str) -> tuple[Any, _Reader]:
    loader = _Loader(text.replace("\t", "    ") if text.lstrip().startswith("{") else text)
    loader.name = source  # in PyYAML's messages
    reader = _Reader(loader)
    try:
        node = loader.get_single_node()
        return (reader.value(node, ()) if node else None), reader
    except yaml.YAMLError as error:
        raise TemplateError(f"{source} isn't valid YAML: {error}") from None


def _check_limits(body: Mapping[str, Any]) -> None:
    """Raise TemplateError for another version, too many items, other names than alphanumeric, a long description."""
    if body.get("AWSTemplateFormatVersion") not in (None, _VERSION):
        raise TemplateError("Template format error: unsupported value for AWSTemplateFormatVersion.")
    for section, (what, most) in _NAMED.items():
        names = body.get(section)
        if isinstance(names, dict) and len(names) > most:
            raise TemplateError(
                f"Template format error: Number of {section.lower()}, {len(names)}, is greater than maximum allowed, "
                f"{most}"
            )
        for name in names if isinstance(names, dict) else ():
            if not _ALPHANUMERIC.fullmatch(name) and not name.startswith(LOOP) and name != FUNCTION:
                raise TemplateError(f"Template format error: {what} name {name} is non alphanumeric.")
    description = body.get("Description")
    if isinstance(description, str) and len(description.encode()) > _LONGEST_DESCRIPTION:
        raise TemplateError(f"Template format error: 'Description' length is greater than {_LONGEST_DESCRIPTION}.")


def _mappings(body: Mapping[str, Any]) -> Iterator[tuple[Where, Any]]:
    """The values that must be mappings, with their paths; an empty value counts as absent."""
    for section in ("Parameters", "Mappings", "Conditions", "Outputs", "Globals", "Rules"):
        items = body.get(section)
        if items is not None:
            yield (section,), items
        if section != "Conditions" and isinstance(items, dict):
            yield from (((section, name), items[name]) for name in items if not name.startswith(LOOP))
    for name, resource in body["Resources"].items():
        for key in ("Properties", "Metadata") if isinstance(resource, dict) else ():
            if resource.get(key) is not None:
                yield ("Resources", name, key), resource[key]
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        if isinstance(properties, dict) and isinstance(properties.get("Events"), str | list):
            yield ("Resources", name, "Properties", "Events"), properties["Events"]


class _Reader:
    """Converts YAML nodes to plain values and records the line of each."""

    def __init__(self, loader: _Loader) -> None:
        self._loader = loader
        self.lines: dict[Where, int] = {}
        self.repeated: list[Where] = []

    def value(self, node: yaml.Node, where: Where) -> Any:
        self.lines[where] = node.start_mark.line + 1
        return self._intrinsic(node, where) if node.tag.startswith("!") else self._plain(node, where)

    def _plain(self, node: yaml.Node, where: Where) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, where)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*where, index)) for index, child in enumerate(node.value)]
        return self._loader.construct_object(node)

    def _mapping(self, node: yaml.MappingNode, where: Where) -> dict[str, Any]:
        own = {id(key) for key, _ in node.value}
        # It puts the keys merged by `<<` before the mapping's own, which therefore override them.
        self._loader.flatten_mapping(node)
        result: dict[str, Any] = {}
        given: set[str] = set()
        for key_node, value_node in node.value:
            key = str(self._loader.construct_object(key_node))
            if key in given:
                self.repeated.append((*where, key))
            if id(key_node) in own:
                given.add(key)
            result[key] = self.value(value_node, (*where, key))
            self.lines[(*where, key)] = key_node.start_mark.line + 1
        return result

    def _intrinsic(self, node: yaml.Node, where: Where) -> dict[str, Any]:
        name = node.tag[1:]
        full = name if name in ("Ref", "Condition") else f"Fn::{name}"
        if isinstance(node, yaml.ScalarNode):
            value: Any = node.value
            if full == "Fn::GetAtt":
                value = value.split(".", 1)
            return {full: value}
        return {full: self._plain(node, (*where, full))}
