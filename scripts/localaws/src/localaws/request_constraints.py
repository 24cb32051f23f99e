"""Refuses requests whose members are outside of what the service's model allows, in AWS's words.

AWS's services check each request by their Smithy models, which botocore has too: lengths, ranges, patterns,
enumerations and required members. https://smithy.io/2.0/spec/constraint-traits.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore import xform_name
from flask import Request, Response
from moto.core.model import OperationModel, Shape
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

from localaws.protocol_errors import response

# The services whose requests are checked → the code of their error.
CODES = {
    "cloudformation": "ValidationError",
    "dynamodb": "ValidationException",
    "events": "ValidationException",
    "iam": "ValidationError",
    "kms": "ValidationException",
    "scheduler": "ValidationException",
    "secretsmanager": "ValidationException",
    "ssm": "ValidationException",
}
# What AWS takes although its model doesn't: policies are checked as such, with errors of their own.
_CHECKED_ELSEWHERE = frozenset({"policyDocumentType", "EventPattern"})
# The types whose values are shown in errors.
_SHOWN = frozenset({"string", "integer", "long", "float", "double", "boolean"})
_TRAITS = ("min", "max", "pattern")


def refusal(service: str, asked: Request, handler: type) -> Response | None:
    """The error for a request that the model of its service doesn't allow; None for one that it allows.

    `handler` is the class that answers it. An operation that this lacks is refused as such.
    """
    operation = _operation(service, asked)
    if operation is None or operation[0].input_shape is None or not is_constrained(operation[0].input_shape):
        return None
    model, given = operation
    if not hasattr(handler, xform_name(model.name)):
        return None
    problems = list(violations(model.input_shape, given))
    if not problems:
        return None
    count = f"{len(problems)} validation error{'s' * (len(problems) > 1)} detected"
    return response(CODES[service], f"{count}: {'; '.join(problems)}", 400, service, asked)


def _operation(service: str, asked: Request) -> tuple[OperationModel, Mapping[str, Any]] | None:
    """The operation of a request and its members; None if there's none, or if they can't be read, which moto tells."""
    model = get_service_model(service)
    try:
        operation, path = get_service_router(service).match(asked)  # type: ignore[arg-type]
        parser = PROTOCOL_PARSERS[determine_request_protocol(model, asked.content_type)](operation)
        given = parser.parse(
            {
                "method": asked.method,
                "values": asked.values,
                "headers": asked.headers,
                "body": asked.get_data(),
                "url_path": asked.path,
                "url_params": path,
            }
        )
    except (HTTPException, NotImplementedError, ValueError, TypeError, AttributeError):
        return None
    return (operation, given) if isinstance(given, Mapping) else None


@cache
def is_constrained(shape: Shape, around: frozenset[str] = frozenset()) -> bool:
    """Whether a shape or a part of it has a constraint; `around` are the shapes that it's part of."""
    if shape.name in around or shape.name in _CHECKED_ELSEWHERE:
        return False
    if (
        any(trait in shape.metadata for trait in _TRAITS)
        or shape.metadata.get("required")
        or shape.metadata.get("enum")
    ):
        return True
    return any(is_constrained(part, around | {shape.name}) for part in _parts(shape))


def _parts(shape: Any) -> list[Shape]:
    if shape.type_name == "structure":
        return list(shape.members.values())
    if shape.type_name == "list":
        return [shape.member]
    return [shape.value] if shape.type_name == "map" else []


def violations(shape: Any, value: Any, path: str = "") -> Iterator[str]:
    """What a value violates of the constraints of its shape and its parts, each as AWS describes it."""
    if not is_constrained(shape):
        return
    constraint = _broken(shape, value)
    if constraint:
        hidden = shape.type_name not in _SHOWN or shape.metadata.get("sensitive")
        yield f"Value{'' if hidden else f" '{value}'"} at '{path}' failed to satisfy constraint: {constraint}"
    if shape.type_name == "structure" and isinstance(value, Mapping):
        yield from _violations_of_members(shape, value, f"{path}." if path else "")
    elif shape.type_name == "list" and isinstance(value, list):
        for position, item in enumerate(value, 1):
            yield from violations(shape.member, item, f"{path}.{position}.member")
    elif shape.type_name == "map" and isinstance(value, Mapping):
        for key, item in value.items():
            yield from violations(shape.value, item, f"{path}.{key}.member")


def _violations_of_members(shape: Any, value: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for name, member in shape.members.items():
        where = prefix + _camel(name)
        if value.get(name) is not None:
            yield from violations(member, value[name], where)
        elif name in shape.required_members:
            yield f"Value null at '{where}' failed to satisfy constraint: Member must not be null"


def _broken(shape: Any, value: Any) -> str:
    """The constraint of a shape that a value breaks, "" if none."""
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.type_name in ("integer", "long", "float", "double"):
        if least is not None and value < least:
            return f"Member must have value greater than or equal to {least}"
        if most is not None and value > most:
            return f"Member must have value less than or equal to {most}"
        return ""
    if isinstance(value, str | bytes | list | Mapping) and shape.type_name != "structure":
        if least is not None and len(value) < least:
            return f"Member must have length greater than or equal to {least}"
        if most is not None and len(value) > most:
            return f"Member must have length less than or equal to {most}"
    if not isinstance(value, str):
        return ""
    if getattr(shape, "enum", None) and value not in shape.enum:
        return f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
    pattern = shape.metadata.get("pattern")
    compiled = _compiled(pattern) if pattern else None
    if compiled and not compiled.fullmatch(value):
        return f"Member must satisfy regular expression pattern: {pattern}"
    return ""


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """A pattern of a model; None for the few in a syntax that only Java has, such as \\p{L}."""
    try:
        return re.compile(pattern, re.ASCII)
    except re.error:
        return None


def _camel(name: str) -> str:
    """The name of a member as AWS's messages have it."""
    return name[:1].lower() + name[1:]
