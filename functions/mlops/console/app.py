"""The console's application: which path does what, and what's shown where something fails."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from obstore.exceptions import BaseError as StoreError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mlops.console.assets import Assets
from mlops.console.headers import SafeHeaders
from mlops.console.log import logger
from mlops.console.page import HOME, make_pages, render
from mlops.console.pages import (
    actions,
    batches,
    changes,
    compare,
    data,
    difference,
    documents,
    logs,
    model,
    overview,
    predictions,
    queues,
    recommender,
    rejected,
    sign_in,
    trainings,
    try_it,
    version,
    versions,
)
from mlops.console.readers.readers import Readers
from mlops.console.session.gate import Gate
from mlops.errors.authorization import KeysUnavailable, NotPermitted, TableUnavailable
from mlops.errors.base import MlopsError
from mlops.errors.console import FormInvalid, RequestForged, SignInNeeded
from mlops.errors.operations import (
    BatchNotFound,
    QueryFailed,
    QueueNotFound,
    RedriveOvertaken,
    RedriveRefused,
    ServingUnavailable,
)
from mlops.errors.registry import (
    AliasInvalid,
    AliasMoved,
    AliasNotFound,
    ArtifactInvalid,
    CanaryRefused,
    ChallengeRefused,
    ModelNotFound,
    NothingBefore,
    VersionNotFound,
    VersionNotHeld,
    VersionRefused,
)

# A domain error → the status of its page, and the page's title.
_ERRORS: dict[type[MlopsError], tuple[int, str]] = {
    ModelNotFound: (404, "No such model"),
    VersionNotFound: (404, "No such version"),
    AliasNotFound: (404, "Nothing to change"),
    BatchNotFound: (404, "No such batch"),
    QueueNotFound: (404, "No such queue"),
    RedriveOvertaken: (409, "Somebody was faster"),
    RedriveRefused: (409, "There is nothing to redrive"),
    FormInvalid: (400, "This form can't be used"),
    RequestForged: (403, "This form wasn't taken"),
    NotPermitted: (403, "Your key doesn't allow this"),
    AliasMoved: (409, "Somebody was faster"),
    VersionRefused: (409, "This version failed its gates"),
    VersionNotHeld: (409, "This version waits for no approval"),
    CanaryRefused: (409, "This version can't be tried"),
    ChallengeRefused: (409, "This version can't be the challenger"),
    NothingBefore: (409, "There is nothing to go back to"),
    AliasInvalid: (500, "An alias can't be read"),
    ArtifactInvalid: (500, "A version can't be read"),
    TableUnavailable: (503, "Sessions can't be checked now"),
    KeysUnavailable: (503, "Tokens can't be checked now"),
    ServingUnavailable: (503, "There is no answer now"),
    QueryFailed: (503, "The logs can't be read now"),
}


def create_app(readers: Readers, gate: Gate) -> FastAPI:
    """The application."""
    assets = Assets(f"{HOME}/static")
    app = FastAPI(
        title="Console",
        openapi_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        middleware=[Middleware(SafeHeaders), Middleware(_FailurePages)],
    )
    app.state.readers, app.state.gate, app.state.pages = readers, gate, make_pages(assets)
    handlers: dict[type[Exception], Callable[[Request, Any], Response]] = {
        SignInNeeded: _answer_sign_in,
        HTTPException: _answer_http,
        RequestValidationError: _answer_invalid,
        StoreError: _answer_unavailable,
        **dict.fromkeys((ClientError, BotoCoreError), _answer_service_unavailable),
        **dict.fromkeys(_ERRORS, _answer_error),
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
    app.include_router(assets.router)
    for page in (sign_in, overview, model, versions, version, compare, changes, documents, actions):
        app.include_router(page.router)
    for page in (data, difference, rejected):
        app.include_router(page.router)
    for page in (predictions, try_it, logs, trainings, batches, queues, recommender):
        app.include_router(page.router)
    return app


def _answer_sign_in(request: Request, error: SignInNeeded) -> Response:
    """Whoever isn't signed in is asked to; a page that renews itself goes there as a whole."""
    after = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"hx-redirect": sign_in.SIGN_IN})
    if request.method != "GET":
        return render(request, "sign_in.html.jinja", 401, link="", next=HOME, reason=str(error))
    address = request.url_for("show_sign_in").include_query_params(next=after)
    return RedirectResponse(f"{address.path}?{address.query}", 303)


def _answer_error(request: Request, error: MlopsError) -> Response:
    status, title = _ERRORS[type(error)]
    return render(request, "error.html.jinja", status, title=title, reason=str(error))


def _answer_http(request: Request, error: HTTPException) -> Response:
    title = "No such page" if error.status_code == 404 else "This can't be done"
    return render(request, "error.html.jinja", error.status_code, title=title, reason=f"{error.detail}.")


def _answer_invalid(request: Request, error: RequestValidationError) -> Response:
    where = ", ".join(str(each["loc"][-1]) for each in error.errors())[:200]
    return render(request, "error.html.jinja", 400, title="This address can't be read", reason=f"Look at: {where}.")


def _answer_unavailable(request: Request, error: StoreError) -> Response:
    logger.error("a bucket doesn't answer", extra={"reason": str(error)})
    reason = "The registry or the records can't be read now. Load the page again in a moment."
    return render(request, "error.html.jinja", 503, title="A bucket doesn't answer", reason=reason)


def _answer_service_unavailable(request: Request, error: ClientError | BotoCoreError) -> Response:
    logger.error("a service of AWS doesn't answer", extra={"reason": str(error)})
    reason = "What this page shows can't be read now. Load it again in a moment."
    return render(request, "error.html.jinja", 503, title="A service of AWS doesn't answer", reason=reason)


class _FailurePages:
    """Answers a failure that nobody foresaw by a page, and logs it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception:  # noqa: BLE001 - whatever it is, it's logged and somebody waits for a page
            logger.exception("a page failed", extra={"record": "failure", "path": scope.get("path")})
            request = Request(scope)
            request.state.session = None
            reason = "This is a fault of the console; its log group has the details."
            response = render(request, "error.html.jinja", 500, title="Something went wrong", reason=reason)
            await response(scope, receive, send)
