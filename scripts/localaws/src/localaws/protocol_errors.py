"""Errors in the form that a client of a service expects, by the protocol of its request.

https://smithy.io/2.0/aws/protocols/index.html
"""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Callable
from typing import Any, cast
from xml.sax.saxutils import escape

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from flask import Flask, Request, Response, request
from moto.core.exceptions import ServiceException
from moto.core.model import ServiceModel
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from moto.moto_server.werkzeug_app import BackendRequest
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

logger = logging.getLogger(__name__)
UNSUPPORTED = "UnsupportedByLocalAws"
# moto's name of a service → botocore's, where they differ.
_NAMES = {"awslambda": "lambda", "dynamodb_v20111205": "dynamodb"}
_CREDENTIAL = re.compile(r"Credential=[^/]*/[^/]*/[^/]*/([^/]+)/")
_FAILED = 500
_NOT_IMPLEMENTED = 501


def answer_errors(application: Flask, service: str) -> None:
    """Make an application answer unsupported operations and failures by errors of the service's protocol."""

    def handle(error: Exception) -> Any:
        if isinstance(error, NotImplementedError) or type(error) in (NotFound, MethodNotAllowed):
            return unsupported(service, request)
        if isinstance(error, HTTPException):
            return error
        if isinstance(error, ServiceException):
            return response(error.code, error.message, 400, service, request)
        return failed(service, request, error)

    def name_unknown(answer: Response) -> Response:
        """Name the operation if moto didn't find it, for which its answer is empty."""
        unknown = answer.status_code == NotFound.code and request.method != "HEAD" and not answer.get_data()
        return unsupported(service, request) if unknown else answer

    application.register_error_handler(Exception, handle)
    application.after_request(name_unknown)


def refusing(service: str | None, reason: str) -> Flask:
    """An application that refuses every request, for a `reason` that its errors tell."""
    application = Flask("refusal")
    application.request_class = BackendRequest

    def refuse(path: str) -> Response:  # noqa: ARG001 (Flask passes it)
        return unsupported(service or signed_for(request), request, reason)

    for rule in ("/", "/<path:path>"):
        defaults = {"path": ""} if rule == "/" else None
        methods = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"]
        application.add_url_rule(rule, rule, refuse, methods=methods, defaults=defaults)
    return application


def unsupported(service: str, asked: Request, reason: str = "") -> Response:
    """The error for an operation that local AWS doesn't have."""
    name, operation = _operation(service, asked)
    message = f"Local AWS doesn't support {operation} of {name}."
    if reason:
        message = f"Local AWS doesn't support {name}: {reason}. The request was for {operation}."
    return response(UNSUPPORTED, message, _NOT_IMPLEMENTED, service, asked)


def failed(service: str, asked: Request, error: Exception) -> Response:
    """The error for a request that local AWS can't handle, which is logged."""
    name, operation = _operation(service, asked)
    logger.error("%s of %s failed.", operation, name, exc_info=error)
    message = f"Local AWS failed in {operation} of {name}: {type(error).__name__}: {error}"
    return response("InternalFailure", message, _FAILED, service, asked)


def _operation(service: str, asked: Request) -> tuple[str, str]:
    """The service and the operation of a request; its method and path if the service has none for them."""
    service = _NAMES.get(service, service)
    target = asked.headers.get("X-Amz-Target")
    if target:
        return service, target.rsplit(".", 1)[-1]
    if "/operation/" in asked.path:
        return service, asked.path.rsplit("/", 1)[-1]
    action = asked.values.get("Action")
    if action:
        return service, str(action)
    for name in _candidates(service):
        try:
            operation, _ = get_service_router(name).match(cast(BackendRequest, asked))
        except (HTTPException, NotImplementedError, UnknownServiceError):
            continue
        return name, str(operation.name)
    return service, f"{asked.method} {asked.path}"


def _candidates(service: str) -> list[str]:
    """The services that a request may be for: those to apigatewayv2 are signed for apigateway, for example."""
    known = Loader(include_default_search_paths=True).list_available_services("service-2")
    return [service, *(name for name in known if name.startswith(service) and name != service)]


def response(code: str, message: str, status: int, service: str, asked: Request) -> Response:
    """An error in the protocol of a request."""
    identifier = str(uuid.uuid4())
    content, content_type = _FORMATS[_protocol(service, asked)](code, message, identifier)
    if content_type == _JSON and "x-amz-json" in asked.headers.get("Content-Type", ""):
        content_type = asked.headers["Content-Type"]
    headers = {"x-amzn-requestid": identifier, "x-amz-request-id": identifier, "x-amzn-errortype": code}
    if content_type == _CBOR:
        headers["smithy-protocol"] = "rpc-v2-cbor"
    return Response(content, status, headers, content_type=content_type)


def _protocol(service: str, asked: Request) -> str:
    if asked.headers.get("Smithy-Protocol") == "rpc-v2-cbor":
        return "cbor"
    if asked.headers.get("X-Amz-Target"):
        return "json"
    model = _model(service)
    declared = str(model.metadata["protocol"]) if model else "rest-json"
    if asked.values.get("Action"):
        return "ec2" if declared == "ec2" else "query"
    if declared == "rest-xml" and service in ("s3", "s3control"):
        return "s3"
    return declared if declared in _FORMATS else "json"


def _model(service: str) -> ServiceModel | None:
    try:
        return get_service_model(_NAMES.get(service, service))
    except UnknownServiceError:
        return None


def signed_for(asked: Request) -> str:
    """The service that a request is signed for."""
    found = _CREDENTIAL.search(asked.headers.get("Authorization", ""))
    return found[1] if found else "an unknown service"


_JSON, _XML, _CBOR = "application/json", "text/xml", "application/cbor"


def _json(code: str, message: str, _: str) -> tuple[bytes, str]:
    return json.dumps({"__type": code, "message": message}).encode(), _JSON


def _error(code: str, message: str) -> str:
    return f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"


def _query(code: str, message: str, identifier: str) -> tuple[bytes, str]:
    error = f"<Error><Type>Sender</Type>{_error(code, message)}</Error>"
    return f"<ErrorResponse>{error}<RequestId>{identifier}</RequestId></ErrorResponse>".encode(), _XML


def _ec2(code: str, message: str, identifier: str) -> tuple[bytes, str]:
    errors = f"<Errors><Error>{_error(code, message)}</Error></Errors>"
    return f"<Response>{errors}<RequestID>{identifier}</RequestID></Response>".encode(), _XML


def _s3(code: str, message: str, identifier: str) -> tuple[bytes, str]:
    return f"<Error>{_error(code, message)}<RequestId>{identifier}</RequestId></Error>".encode(), "application/xml"


def _cbor(code: str, message: str, _: str) -> tuple[bytes, str]:
    texts = b"".join(_cbor_text(text) for text in ("__type", code, "message", message))
    return b"\xa2" + texts, _CBOR


def _cbor_text(text: str) -> bytes:
    """A text string of CBOR whose length has four bytes."""
    content = text.encode()
    return b"\x7a" + len(content).to_bytes(4) + content


_FORMATS: dict[str, Callable[[str, str, str], tuple[bytes, str]]] = {
    "cbor": _cbor,
    "ec2": _ec2,
    "json": _json,
    "query": _query,
    "rest-json": _json,
    "rest-xml": _query,
    "s3": _s3,
}
