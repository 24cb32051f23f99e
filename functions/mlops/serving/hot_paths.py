"""The paths on which predictions and recommendations are asked for, answered ahead of FastAPI's own layers.

Those layers are for routes with dependencies, for HEAD, and for finding one of many routes; a plain route for POST
needs none of them, and each costs every request some µs. Errors do go through them, so that there's one place where
they become answers.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

_RAISED = "mlops.raised"


class HotEndpoint:
    """The endpoint of a route whose requests `answer` answers, or raises an error for.

    An ASGI application: for a function Starlette would make a second request object and handle exceptions twice.
    """

    def __init__(self, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if error := scope.get(_RAISED):
            raise error
        response = await self.answer(Request(scope, receive))
        await response(scope, receive, send)


class HotPaths:
    """Answers what those of `routes` match whose endpoint is a HotEndpoint; all else is for `app`, errors too.

    `app` has the same routes. The last segment of a hot route's path has no parameter.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._routes = defaultdict[str, list[tuple[Route, HotEndpoint]]](list)
        for route in routes:
            if isinstance(route, Route) and isinstance(route.endpoint, HotEndpoint):
                self._routes[_last_segment(route.path)].append((route, route.endpoint))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = self._find(scope)
        if endpoint is None:
            await self._app(scope, receive, send)
            return
        try:
            response = await endpoint.answer(Request(scope, receive))
        except Exception as error:  # noqa: BLE001 - the layers answer it, or raise it again
            scope[_RAISED] = error
            await self._app(scope, receive, send)
            return
        await response(scope, receive, send)

    def _find(self, scope: Scope) -> HotEndpoint | None:
        """The endpoint for a request, whose scope gets the parameters in its path."""
        if scope["type"] != "http":
            return None
        for route, endpoint in self._routes.get(_last_segment(scope["path"]), ()):
            match, found = route.matches(scope)
            if match is Match.FULL:
                scope.update(found)
                return endpoint
        return None


def _last_segment(path: str) -> str:
    return path.rpartition("/")[2]
