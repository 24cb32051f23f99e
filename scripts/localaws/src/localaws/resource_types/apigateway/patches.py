"""What the types of API Gateway share: members in the API's spelling, and patch operations from changed properties."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localaws.resource_types.base import Properties

Operation = dict[str, str]


def member(name: str) -> str:
    """A property's name as the API spells it: `RestApiId` → `restApiId`."""
    return name[:1].lower() + name[1:]


def members(value: Any) -> Any:
    """A structure with its names as the API spells them, those of structures in it too."""
    if isinstance(value, list):
        return [members(item) for item in value]
    if isinstance(value, Mapping):
        return {member(key): members(item) for key, item in value.items()}
    return value


def texts(mapping: Mapping[str, Any] | None) -> dict[str, str]:
    """A map of strings; CloudFormation takes numbers and booleans for strings."""
    return {key: text(value) for key, value in (mapping or {}).items()}


def text(value: Any) -> str:
    """A value as a string."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def changes(old: Properties, new: Properties, names: Mapping[str, str]) -> list[Operation]:
    """Patch operations for changed scalar properties; `names` has the path of each."""
    operations: list[Operation] = []
    for name, path in names.items():
        if old.get(name) != new.get(name):
            operations.append(_change(path, new.get(name)))
    return operations


def map_changes(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, path: str) -> Iterator[Operation]:
    """Patch operations for a map that changed."""
    before, after = old or {}, new or {}
    for name in [*before, *(key for key in after if key not in before)]:
        if before.get(name) != after.get(name):
            yield _change(f"{path}/{escaped(name)}", after.get(name))


def escaped(step: str) -> str:
    """A step of a patch path."""
    return step.replace("~", "~0").replace("/", "~1")


def _change(path: str, value: Any) -> Operation:
    return {"op": "remove", "path": path} if value is None else {"op": "replace", "path": path, "value": text(value)}


def unless_gone(client: Any, delete: Callable[[], Any]) -> None:
    """Run `delete`; it's no error if the resource, or its API, was deleted."""
    try:
        delete()
    except client.exceptions.NotFoundException:
        return
