"""Applies patch operations to a resource of API Gateway.

https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from botocore.model import Shape
from moto.core.utils import get_service_model

from localaws.rest.errors import BadRequest
from localaws.rest.store import Document

_CONVERT: Mapping[str, Callable[[Any], Any]] = {
    "boolean": lambda value: str(value).lower() == "true",
    "integer": int,
    "long": int,
    "double": float,
    "float": float,
}


def apply(document: Document, operations: Iterable[Mapping[str, Any]], shape: str) -> None:
    """Change `document`, whose form is `shape` of the service's model; raises BadRequest."""
    model = get_service_model("apigateway").shape_for(shape)
    for operation in operations:
        kind, path = operation["op"], operation["path"]
        if kind not in ("add", "remove", "replace"):
            raise BadRequest(f"Invalid patch operation specified: {kind} {path}")
        steps = [step.replace("~1", "/").replace("~0", "~") for step in path.lstrip("/").split("/")]
        _change(document, steps, kind, operation.get("value"), model, path)


def _change(owner: Any, steps: list[str], kind: str, value: Any, shape: Shape, path: str) -> None:
    step, rest = steps[0], steps[1:]
    inner = _member(shape, step, path)
    if isinstance(owner, list):
        _change_list(owner, step, kind, value)
    elif rest:
        if step not in owner:
            owner[step] = [] if inner.type_name == "list" else {}
        _change(owner[step], rest, kind, value, inner, path)
    elif kind == "remove":
        if inner.type_name == "list" and value is not None:
            _change_list(owner.get(step, []), value, kind, value)
        else:
            owner.pop(step, None)
    elif inner.type_name == "list":
        items = owner.setdefault(step, [])
        if kind == "replace":
            items.clear()
        items += [item for item in str(value).split(",") if item not in items]
    else:
        owner[step] = _converted(value, inner, path)


def _change_list(items: list[Any], step: str, kind: str, value: Any) -> None:
    """Add, replace or remove an item of a list of strings, named by itself or by its index."""
    named = items[int(step)] if step.isdigit() and int(step) < len(items) else step
    if kind == "remove":
        if named in items:
            items.remove(named)
    elif kind == "replace" and named in items:
        items[items.index(named)] = value
    elif step not in items:
        items.append(value if step.isdigit() or step == "-" else step)


def _member(shape: Any, step: str, path: str) -> Shape:
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if step in (name, member.serialization.get("name")):
                return member  # type: ignore[no-any-return]
        raise BadRequest(f"Invalid patch path {path}")
    if shape.type_name == "map":
        return shape.value  # type: ignore[no-any-return]
    return shape.member  # type: ignore[no-any-return]


def _converted(value: Any, shape: Shape, path: str) -> Any:
    try:
        return _CONVERT[shape.type_name](value) if shape.type_name in _CONVERT else value
    except ValueError:
        raise BadRequest(f"Invalid value for {path}: {value}") from None
