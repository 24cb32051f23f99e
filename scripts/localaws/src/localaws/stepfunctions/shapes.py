"""Turns the JSON of states into the parameters of AWS APIs, and their responses into JSON."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from localaws.stepfunctions.language.intrinsics import compact


def to_parameters(shape: Any, value: Any) -> Any:
    """The parameters of an API: names as the API has them, and JSON as text where the API takes text."""
    if value is None or shape is None:
        return value
    kind = shape.type_name
    if shape.name == "AttributeValue" and isinstance(value, str):
        # Step Functions takes a text for an attribute of DynamoDB of the type S.
        return {"S": value}
    if kind == "structure" and isinstance(value, dict):
        members = {name.lower(): name for name in shape.members}
        named = {members.get(name.lower(), name): given for name, given in value.items()}
        return {name: to_parameters(shape.members.get(name), given) for name, given in named.items()}
    if kind == "list" and isinstance(value, list):
        return [to_parameters(shape.member, item) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {key: to_parameters(shape.value, item) for key, item in value.items()}
    if kind == "string" and not isinstance(value, str):
        return compact(value)
    if kind == "blob":
        return (value if isinstance(value, str) else compact(value)).encode()
    return value


def to_json(shape: Any, value: Any) -> Any:
    """A response as a state's result: names begin with a capital letter, times are texts."""
    if hasattr(value, "read"):
        return _text(value.read())
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, bytes):
        return _text(value)
    if isinstance(value, dict):
        if shape is not None and shape.type_name == "map":
            return {key: to_json(shape.value, item) for key, item in value.items()}
        members = getattr(shape, "members", {})
        return {name[:1].upper() + name[1:]: to_json(members.get(name), item) for name, item in value.items()}
    if isinstance(value, list):
        return [to_json(getattr(shape, "member", None), item) for item in value]
    return value


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return base64.b64encode(content).decode()
