"""Refuses requests whose members are outside of what the service's model allows, in AWS's words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from botocore import xform_name
from flask import Request, Response
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

from localaws.protocol_errors import response
from localaws.shape_constraints import describe, is_constrained, violations

# The services whose requests are checked → the code of their error.
CODES = {
    "awslambda": "ValidationException",
    "cloudformation": "ValidationError",
    "dynamodb": "ValidationException",
    "events": "ValidationException",
    "iam": "ValidationError",
    "kms": "ValidationException",
    "scheduler": "ValidationException",
    "secretsmanager": "ValidationException",
    "ssm": "ValidationException",
}
CHECKED_ELSEWHERE = frozenset({"AttributeValue", "EventPattern", "Runtime", "policyDocumentType"})
"""The shapes that have errors of their own: items of DynamoDB, patterns of events, Lambda's runtimes, and policies."""
_MODELS = {"awslambda": "lambda"}
"""Services whose model has another name than moto's service."""


def refusal(service: str, asked: Request, handlers: Collection[type]) -> Response | None:
    """The error for a request that the model of its service doesn't allow; None for one that it allows.

    `handlers` are the classes that answer requests to the service. An operation that they lack is refused as such.
    """
    operation = _operation(service, asked)
    if operation is None:
        return None
    model, given = operation
    shape = model.input_shape
    is_answered = any(hasattr(handler, xform_name(model.name)) for handler in handlers)
    if shape is None or not is_answered or not is_constrained(shape, CHECKED_ELSEWHERE):
        return None
    found = list(violations(shape, given, CHECKED_ELSEWHERE))
    return response(CODES[service], describe(found), 400, _MODELS.get(service, service), asked) if found else None


def _operation(service: str, asked: Request) -> tuple[OperationModel, Mapping[str, Any]] | None:
    """The operation of a request and its members; None if there's none, or if they can't be read, which moto tells."""
    name = _MODELS.get(service, service)
    model = get_service_model(name)
    try:
        operation, path = get_service_router(name).match(asked)  # type: ignore[arg-type]
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
