"""What a request asks for, as the application's router will read it."""

from starlette.routing import Match
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

_POLICY = 1008  # RFC 6455, 7.4.1


def route_path(scope: Scope) -> str:
    """The decoded path that routes are matched with: without the prefix under which a proxy shows the application.

    `uvicorn --root-path /ml` puts it before each path, and the router takes it away again.
    """
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    rest = path.removeprefix(root)
    return rest if root and path.startswith(root) and rest[:1] in ("", "/") else path


def other_methods(scope: Scope) -> list[str]:
    """The methods that the path takes in place of the request's; none if it takes that, or if there's no such path."""
    matches = [(route.matches(scope)[0], route) for route in scope["app"].routes]
    if any(match is Match.FULL for match, _ in matches):
        return []
    methods = {method for match, route in matches if match is Match.PARTIAL for method in route.methods}
    # Where GET is, HEAD is too (heads.py).
    return [] if scope["method"] == "HEAD" and "GET" in methods else sorted(methods)


async def refuse_websocket(scope: Scope, receive: Receive, send: Send) -> None:
    """Close a WebSocket before it's opened: what decides about requests doesn't know what it's for."""
    await WebSocketClose(_POLICY, "this API takes no WebSockets")(scope, receive, send)
