"""The check of each request, before anything else of it is looked at."""

import asyncio

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from mlops.authorization.check import Checker, given_key
from mlops.authorization.needs import Need, need_of
from mlops.authorization.rates import Rates
from mlops.errors.authorization import KeysUnavailable, NotAuthenticated, NotPermitted, TooManyRequests
from mlops.serving.authorization.scopes import other_methods, refuse_websocket, route_path
from mlops.serving.problems import answer_http_error, answer_problem
from mlops.serving.settings import ApiSettings

# Browsers ask for a name and a password where they are shown a page: the password is the key.
_PAGES = ("/", "/docs")
_BEARER = 'Bearer realm="mlops"'
_BASIC = 'Basic realm="mlops: the password is your key", charset="UTF-8"'


class KeyGuard:
    """Lets a request through if its key allows it, and answers 401, 403, 429 or 503 in place of the application."""

    def __init__(self, app: ASGIApp, checker: Checker, settings: ApiSettings) -> None:
        self._app, self._checker = app, checker
        self._defaults = settings.default_model, settings.default_recommender
        self._rate = settings.key_requests_per_second
        self._rates = Rates(self._rate) if self._rate else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await refuse_websocket(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        need = need_of(scope["method"], route_path(scope), *self._defaults, query=scope["query_string"])
        if need is not None:
            try:
                await self._check(scope, need)
            except (NotAuthenticated, NotPermitted, TooManyRequests, KeysUnavailable) as error:
                # No scope would help a request whose path doesn't take its method.
                if isinstance(error, NotPermitted) and (allowed := other_methods(scope)):
                    wrong = HTTPException(405, headers={"Allow": ", ".join(allowed)})
                    response = answer_http_error(Request(scope), wrong)
                else:
                    response = answer_problem(Request(scope), error)
                if isinstance(error, NotAuthenticated):
                    response.headers["www-authenticate"] = _BASIC if route_path(scope) in _PAGES else _BEARER
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _check(self, scope: Scope, need: Need) -> None:
        given = Headers(scope=scope).getlist("authorization")
        # Of several, what stands before this server may have looked at another one.
        key = given_key(given[0] if given else None) if len(given) < 2 else ""
        if self._checker.reads(key):
            grant = await asyncio.to_thread(self._checker.check, key, need)
        else:
            grant = self._checker.check(key, need)
        if self._rates and (seconds := self._rates.take(grant.owner)):
            raise TooManyRequests(self._rate, seconds)
