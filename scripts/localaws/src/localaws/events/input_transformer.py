"""The input of a rule's target: the event, a part of it, a constant, or a filled template.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_PATH = re.compile(r"\$(?:\.(?:[A-Za-z0-9_/-]+|\*)|\[(?:\d+|\*)\])*")
_STEP = re.compile(r"\.([A-Za-z0-9_/*-]+)|\[(\d+|\*)\]")
_PLACEHOLDER = re.compile(r"<([A-Za-z0-9_.-]+)>")
# A template is JSON if it's an object, an array or one placeholder; any other is text.
_JSON = re.compile(r"\s*(?:[{\[].*|<[^<>]+>\s*)", re.DOTALL)
_RESERVED = "aws."
_MOST_VARIABLES = 100
_ABSENT = object()


class TransformError(ValueError):
    """An invalid input path or template."""


class InvalidResult(TransformError):
    """A filled template isn't the JSON that it should be."""


def transform(target: Mapping[str, Any], event: Mapping[str, Any], rule_arn: str, received: str) -> str:
    """The input of `target` for `event`, which was received at that time (ISO 8601); raises TransformError."""
    if target.get("Input"):
        return str(target["Input"])
    if target.get("InputPath"):
        found = _find(target["InputPath"], event)
        return json.dumps(None if found is _ABSENT else found)
    if target.get("InputTransformer"):
        return _fill(target["InputTransformer"], event, rule_arn, received)
    return json.dumps(event)


def _fill(transformer: Mapping[str, Any], event: Mapping[str, Any], rule_arn: str, received: str) -> str:
    paths = transformer.get("InputPathsMap") or {}
    if len(paths) > _MOST_VARIABLES:
        raise TransformError(f"InputPathsMap has {len(paths)} variables; the most is {_MOST_VARIABLES}")
    for name in paths:
        if name.lower().startswith(_RESERVED):
            raise TransformError(f"InputPathsMap defines {name}; names that begin with AWS are reserved")
    values = {name: _find(path, event) for name, path in paths.items()}
    values |= {
        "aws.events.event": {name: value for name, value in event.items() if name != "detail"},
        "aws.events.event.ingestion-time": received,
        "aws.events.event.json": event,
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rsplit("/", 1)[-1],
    }
    template = str(transformer["InputTemplate"])
    is_json = _JSON.fullmatch(template) is not None

    def substitute(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            raise TransformError(f"InputTemplate uses <{name}>, which InputPathsMap doesn't define")
        # A variable whose path isn't in the event is empty.
        value = "" if values[name] is _ABSENT else values[name]
        if is_json and not _is_quoted(template, match.start()):
            return _compact(value)
        # Within text a string is inserted as it is, without escapes, and JSON loses its quotes.
        return value if isinstance(value, str) else _compact(value).replace('"', "")

    filled = _PLACEHOLDER.sub(substitute, template)
    if not is_json:
        return filled
    try:
        return _compact(json.loads(filled))
    except ValueError as error:
        raise InvalidResult(f"The filled InputTemplate isn't JSON: {error}") from None


def _is_quoted(template: str, end: int) -> bool:
    """Whether a position in a JSON template is within a string, in which quotes are escaped."""
    quoted = escaped = False
    for character in template[:end]:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = quoted
        elif character == '"':
            quoted = not quoted
    return quoted


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _find(path: str, event: Any) -> Any:
    """The value at a path; with a wildcard a list of all values, and _ABSENT if there's none."""
    if not _PATH.fullmatch(path):
        raise TransformError(f"{path} isn't a JSON path of the form $.detail.name")
    found, several = [event], False
    for name, index in _STEP.findall(path):
        step = name or index
        several = several or step == "*"
        found = [inner for value in found for inner in _step(value, step, bool(name))]
    return found if several else (found[0] if found else _ABSENT)


def _step(value: Any, step: str, is_name: bool) -> list[Any]:
    if isinstance(value, Mapping) and step == "*":
        return list(value.values())
    if isinstance(value, Mapping) and is_name:
        return [value[step]] if step in value else []
    if isinstance(value, list) and step == "*":
        return value
    if isinstance(value, list) and not is_name:
        return value[int(step) : int(step) + 1]
    return []
