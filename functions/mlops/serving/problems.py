"""The one place where errors become HTTP: problem documents (RFC 9457), each with the remedy in its detail.

Under /v2 a document has one more member, `error`: clients of the Open Inference Protocol look for the reason there,
and RFC 9457 lets a document have members of its own. So there is one form of error for all protocols.
"""

import math
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from obstore.exceptions import BaseError
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from mlops.errors.authorization import KeysUnavailable, NotAuthenticated, NotPermitted, NotSigned, TooManyRequests
from mlops.errors.registry import (
    AliasInvalid,
    ArtifactInvalid,
    KindMismatch,
    ModelNotFound,
    VersionNotFound,
    VersionNotPublic,
)
from mlops.errors.serving import (
    BodyTooLarge,
    BodyUnreadable,
    ContentCodingUnsupported,
    EventsRejected,
    ExplanationUnavailable,
    FeedbackNotStored,
    FeedbackNotTaken,
    InputRejected,
    MediaTypeUnsupported,
    ModelUnavailable,
    QueryInvalid,
    SwitchedOff,
    TruthsRejected,
)
from mlops.serving.violations import MAX_VIOLATIONS, list_violations, shorten_message

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
_MAX_ERRORS = 40_000  # bytes of a document's violations
_MAX_PATH = 200  # characters of the path that a document repeats

# error → status, type, title
PROBLEMS: dict[type[Exception], tuple[int, str, str]] = {
    BodyUnreadable: (400, "body-unreadable", "The body can't be read"),
    QueryInvalid: (400, "query-invalid", "The query can't be used"),
    NotAuthenticated: (401, "not-authenticated", "The request has no valid key"),
    NotSigned: (401, "not-signed", "The request isn't signed"),
    NotPermitted: (403, "not-permitted", "The key doesn't allow this"),
    ModelNotFound: (404, "model-not-found", "No such model"),
    KindMismatch: (404, "wrong-kind", "The model is of another kind"),
    VersionNotFound: (404, "version-not-found", "No such model version"),
    VersionNotPublic: (404, "version-not-public", "The model version isn't public"),
    FeedbackNotTaken: (404, "feedback-not-taken", "This API takes no feedback"),
    SwitchedOff: (404, "switched-off", "This API doesn't offer that"),
    BodyTooLarge: (413, "body-too-large", "The request is too large"),
    MediaTypeUnsupported: (415, "media-type-unsupported", "The body has the wrong type"),
    ContentCodingUnsupported: (415, "content-coding-unsupported", "The body has an encoding that isn't taken"),
    InputRejected: (422, "input-rejected", "The rows break the model's contract"),
    TruthsRejected: (422, "truths-rejected", "The truths can't be used"),
    EventsRejected: (422, "events-rejected", "The events can't be used"),
    ExplanationUnavailable: (422, "explanation-unavailable", "The answer can't be explained"),
    TooManyRequests: (429, "too-many-requests", "The key makes too many requests"),
    ModelUnavailable: (503, "model-unavailable", "The model can't answer now"),
    ArtifactInvalid: (503, "model-unavailable", "The model can't answer now"),
    AliasInvalid: (503, "model-unavailable", "The model can't answer now"),
    FeedbackNotStored: (503, "feedback-not-stored", "The feedback can't be stored now"),
    BaseError: (503, "registry-unreachable", "The model registry can't be read now"),
    KeysUnavailable: (503, "keys-unavailable", "Keys can't be checked now"),
    # Of a client of S3 whose credentials can't be had: nothing else that a request needs is read from outside.
    OSError: (503, "registry-unreachable", "The model registry can't be read now"),
}
# The scope's key for the error that a request was answered with: failures.py logs it.
ERROR = "mlops.error"


def answer_problem(request: Request, error: Exception) -> Response:
    """The problem document of a known error."""
    status, kind, title = next(PROBLEMS[base] for base in type(error).__mro__ if base in PROBLEMS)
    request.scope[ERROR] = error
    # The message of an object store may name hosts and buckets: that is for the log.
    is_store = isinstance(error, BaseError | OSError | FeedbackNotStored | KeysUnavailable)
    detail = "Try again in a few seconds." if is_store else str(error)
    members: dict[str, Any] = {}
    if isinstance(error, InputRejected):
        members["errors"] = list_violations(error.violations, MAX_VIOLATIONS, _MAX_ERRORS)
        members["errors_total"] = error.total
    headers = {"retry-after": str(RETRY_SECONDS)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    if isinstance(error, TooManyRequests):
        headers["retry-after"] = str(math.ceil(error.seconds))
    if isinstance(error, ContentCodingUnsupported):
        headers["accept-encoding"] = "gzip"  # RFC 9110 15.5.16
    return _answer(request, status, f"urn:mlops:problem:{kind}", title, detail, headers, members)


def answer_http_error(request: Request, error: Exception) -> Response:
    """The problem document of an HTTPException: no such route, method not allowed, or what a route raised."""
    assert isinstance(error, HTTPException)
    request.scope[ERROR] = error
    path = request.scope["path"]
    status = HTTPStatus(error.status_code)
    if error.detail != status.phrase:
        detail = error.detail if isinstance(error.detail, str) else to_json(error.detail).decode()
    elif status == HTTPStatus.NOT_FOUND:
        detail = f"There is no {_shorten_path(path)} here; /docs shows what there is."
    elif status == HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{_shorten_path(path)} doesn't answer {request.method[:20]}."
    else:
        detail = status.description
    headers = dict(error.headers or {})
    allowed = headers.get("Allow", "").split(", ")
    if "GET" in allowed and "HEAD" not in allowed:  # heads.py answers it
        headers["Allow"] = ", ".join([*allowed, "HEAD"])
    return _answer(request, status, "about:blank", status.phrase, detail, headers, {})


def answer_invalid_request(request: Request, error: Exception) -> Response:
    """The problem document of a request that a FastAPI route's parameters or body model refuse."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    errors = [
        {
            "rule": each["type"],
            "message": shorten_message(f"{'.'.join(map(str, each['loc']))}: {each['msg']}"),
        }
        for each in found[:MAX_VIOLATIONS]
    ]
    detail = "; ".join(each["message"] for each in errors[:3])
    members = {"errors": errors, "errors_total": len(found)}
    return _answer(request, 422, "urn:mlops:problem:request-invalid", "The request is invalid", detail, {}, members)


def answer_failure(request: Request, error: Exception) -> Response:
    """The problem document of an error of ours. What went wrong is in the log, not in the answer."""
    request.scope[ERROR] = error
    detail = "This is our fault, not the request's. The log has the error under this request's id."
    return _answer(request, 500, "about:blank", "Internal Server Error", detail, {}, {})


HANDLERS: Mapping[Any, Callable[[Request, Any], Response]] = {
    **dict.fromkeys(PROBLEMS, answer_problem),
    HTTPException: answer_http_error,
    RequestValidationError: answer_invalid_request,
    Exception: answer_failure,
}


def _shorten_path(path: str) -> str:
    return path if len(path) <= _MAX_PATH else f"{path[:_MAX_PATH]}…"


def _answer(
    request: Request,
    status: int,
    kind: str,
    title: str,
    detail: str,
    headers: dict[str, str],
    members: dict[str, Any],
) -> Response:
    path = request.scope["path"]
    detail = shorten_message(detail)
    document = {
        "type": kind,
        "title": title,
        "status": status,
        "detail": detail,
        "instance": _shorten_path(path),
        **members,
    }
    if path.startswith("/v2"):
        document["error"] = f"{title}: {detail}"
    return Response(to_json(document), status, headers, MEDIA_TYPE)
