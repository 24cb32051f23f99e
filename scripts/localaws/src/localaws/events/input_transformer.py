"""The input of a rule's target: the event, a part of it, a constant, or a filled template.

https://docs.aws.amazon.com/events/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_PATH = re.compile(r"\$(?:\.[A-Za-z0-9_-]+|\[\d+\])*")
_STEP = re.compile(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]")
_PLACEHOLDER = re.compile(r"<([A-Za-z0-9_.-]+)>")


class TransformError(ValueError):
    """An invalid input path or template."""


def transform(target: Mapping[str, Any], event: Mapping[str, Any], rule_arn: str) -> str:
    """The input of `target` for `event`."""
    if target.get("Input"):
        return str(target["Input"])
    if target.get("InputPath"):
        return json.dumps(_find(target["InputPath"], event))
    if target.get("InputTransformer"):
        return _fill(target["InputTransformer"], event, rule_arn)
    return json.dumps(event)


def _fill(transformer: Mapping[str, Any], event: Mapping[str, Any], rule_arn: str) -> str:
    values = {name: _find(path, event) for name, path in (transformer.get("InputPathsMap") or {}).items()}
    values |= {
        "aws.events.event": event,
        "aws.events.event.json": event,
        "aws.events.event.ingestion-time": event.get("time", ""),
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rsplit("/", 1)[-1],
    }
    template = str(transformer["InputTemplate"])

    def substitute(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            raise TransformError(f"InputTemplate uses <{name}>, which InputPathsMap doesn't define")
        # Inside quotes a string is inserted without quotes; elsewhere as a JSON value.
        quoted = template[: match.start()].count('"') % 2 == 1
        value = values[name]
        if quoted:
            return value if isinstance(value, str) else json.dumps(value).replace('"', '\\"')
        return json.dumps(value)

    return _PLACEHOLDER.sub(substitute, template)


def _find(path: str, event: Any) -> Any:
    if not _PATH.fullmatch(path):
        raise TransformError(f"{path} isn't a JSON path of the form $.detail.name")
    for name, index in _STEP.findall(path):
        if name and isinstance(event, Mapping):
            event = event.get(name)
        elif index and isinstance(event, list) and int(index) < len(event):
            event = event[int(index)]
        else:
            return None
    return event
