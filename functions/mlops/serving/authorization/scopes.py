"""What a request asks for, as the application's router will read it."""

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


async def refuse_websocket(scope: Scope, receive: Receive, send: Send) -> None:
    """Close a WebSocket before it's opened: what decides about requests doesn't know what it's for."""
    await WebSocketClose(_POLICY, "this API takes no WebSockets")(scope, receive, send)
