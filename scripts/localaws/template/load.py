"""Reads a CloudFormation or SAM template, keeping the line of every value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from localaws.errors import TemplateError

Where = tuple[str | int, ...]


@dataclass(frozen=True)
class Template:
    """A template as plain dicts and lists, short intrinsics (`!Ref`) written out as long ones."""

    source: str
    body: dict[str, Any]
    lines: Mapping[Where, int]

    def line(self, where: Where) -> int:
        """The line of the value at `where`, or of the nearest thing around it; 0 if there's none."""
        for end in range(len(where), 0, -1):
            if where[:end] in self.lines:
                return self.lines[where[:end]]
        return 0


class _Loader(yaml.SafeLoader):
    """YAML 1.1 as CloudFormation reads it: dates stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(path: Path) -> Template:
    """Read the template at `path`; raises TemplateError if there's none or it isn't a template."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise TemplateError(f"There's no template at {path}.") from None
    return parse(text, str(path))


def parse(text: str, source: str) -> Template:
    """Read a template from YAML or JSON `text`; `source` names it in errors."""
    loader = _Loader(text.replace("\t", "    ") if text.lstrip().startswith("{") else text)
    lines: dict[Where, int] = {}
    try:
        node = loader.get_single_node()
        body = _value(loader, node, (), lines) if node else None
    except yaml.YAMLError as error:
        raise TemplateError(f"{source} isn't valid YAML: {error}") from None
    if not isinstance(body, dict) or not isinstance(body.get("Resources"), dict) or not body["Resources"]:
        raise TemplateError(f"{source} isn't a CloudFormation template: it has no Resources.")
    for logical_id, resource in body["Resources"].items():
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            raise TemplateError(f"{source}: resource {logical_id} has no Type.")
    return Template(source, body, lines)


def _value(loader: _Loader, node: yaml.Node, where: Where, lines: dict[Where, int]) -> Any:
    lines[where] = node.start_mark.line + 1
    if node.tag.startswith("!"):
        return _intrinsic(loader, node, where, lines)
    return _plain(loader, node, where, lines)


def _plain(loader: _Loader, node: yaml.Node, where: Where, lines: dict[Where, int]) -> Any:
    if isinstance(node, yaml.MappingNode):
        loader.flatten_mapping(node)
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(loader.construct_object(key_node))
            if key in result:
                raise yaml.YAMLError(f"line {key_node.start_mark.line + 1}: {key} is given twice")
            result[key] = _value(loader, value_node, (*where, key), lines)
            lines[(*where, key)] = key_node.start_mark.line + 1
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, child, (*where, index), lines) for index, child in enumerate(node.value)]
    return loader.construct_object(node)


def _intrinsic(loader: _Loader, node: yaml.Node, where: Where, lines: dict[Where, int]) -> dict[str, Any]:
    name = node.tag[1:]
    full = name if name in ("Ref", "Condition") else f"Fn::{name}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = node.value
        if full == "Fn::GetAtt":
            value = value.split(".", 1)
        return {full: value}
    return {full: _plain(loader, node, (*where, full), lines)}
