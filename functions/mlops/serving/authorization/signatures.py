"""Authorization by IAM: API Gateway or the function URL has verified each request's signature before it comes here."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from mlops.authorization.needs import is_open
from mlops.errors.authorization import NotSigned
from mlops.serving.authorization.scopes import refuse_websocket, route_path
from mlops.serving.problems import answer_problem

# What Mangum calls the event that Lambda was invoked with. No client of HTTP can write into it.
_EVENT = "aws.event"


class SignatureGuard:
    """Lets a request through if its event says that IAM allowed it, and answers 401 in place of the application.

    What a caller may do is written in IAM's policies (`execute-api:Invoke`), so there are no scopes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await refuse_websocket(scope, receive, send)
            return
        if scope["type"] == "http" and not is_open(scope["method"], route_path(scope)) and not _is_signed(scope):
            response = answer_problem(Request(scope), NotSigned())
            response.headers["www-authenticate"] = "AWS4-HMAC-SHA256"
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_signed(scope: Scope) -> bool:
    authorizer = scope.get(_EVENT, {}).get("requestContext", {}).get("authorizer") or {}
    return bool((authorizer.get("iam") or {}).get("userArn"))
