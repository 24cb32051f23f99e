"""Every answer with a 5xx has one log line and one metric, whoever gave it: a handler, a route, middleware."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mlops.serving.live.served_models import ServedModels
from mlops.serving.log import ServingLog
from mlops.serving.problems import ERROR, PROBLEMS
from mlops.serving.refusals import request_ids

_MAX_LOGGED_PATH = 200  # characters


class FailureReporter:
    """Stands around the whole application. An error that nothing in it handled was answered with a 500 there.

    A health check that answers 503 is reported as any other request: there is no exception to learn.
    """

    def __init__(self, app: ASGIApp, models: ServedModels, log: ServingLog) -> None:
        self._app = app
        self._models = models
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0
        is_complete = False

        async def watch(message: Message) -> None:
            nonlocal status, is_complete
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                is_complete = not message.get("more_body", False)
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except ClientDisconnect:  # nobody is left to answer
            return
        except Exception as error:
            self._report(scope, HTTPStatus.INTERNAL_SERVER_ERROR, error)
            if not is_complete:  # the server breaks the connection off, so that the client sees it
                raise
            return
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._report(scope, status, scope.get(ERROR))

    def _report(self, scope: Scope, status: int, error: Exception | None) -> None:
        asked = {"method": scope["method"], "path": scope["path"][:_MAX_LOGGED_PATH], **request_ids(Request(scope))}
        model = self._models.metric_name(scope.get("path_params", {}))
        expected = error is None or isinstance(error, (*PROBLEMS, HTTPException))
        self._log.failed(model, status, asked, error, expected=expected)
