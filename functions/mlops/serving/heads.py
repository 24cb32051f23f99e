"""HEAD wherever GET is: the same status and headers, and no body."""

from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadAnswerer:
    """Answers HEAD by the route for GET, unless one takes HEAD itself.

    FastAPI's routes for GET take no HEAD, Starlette's do. Nothing below strips the body on Lambda, servers do.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        if not any(route.matches(scope)[0] is Match.FULL for route in scope["app"].routes):
            scope["method"] = "GET"

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app(scope, receive, send_head)
