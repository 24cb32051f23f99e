"""A path with a slash too many or too few at its end: a redirect to the path that is there.

The address is relative to the one that was asked for, so it keeps scheme, host, port and the stage of an API. What
frameworks make of it needs headers that not every front sends: behind one without X-Forwarded-Proto it leads to https.
"""

from urllib.parse import quote

from starlette.responses import RedirectResponse
from starlette.routing import Match, Router
from starlette.types import Receive, Scope, Send


async def redirect_slash(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 307, so that method and body are kept, or as the router does for what isn't there. An ASGI application."""
    router: Router = scope["router"]
    path: str = scope["path"]
    other = path.removesuffix("/") if path.endswith("/") else f"{path}/"
    if scope["type"] != "http" or not other.strip("/") or not _has_route(router, {**scope, "path": other}):
        await router.not_found(scope, receive, send)
        return
    name = quote(other.rstrip("/").rpartition("/")[2], safe="")
    where = f"./{name}/" if other.endswith("/") else f"../{name}"
    query = scope["query_string"].decode("latin-1")
    await RedirectResponse(f"{where}?{query}" if query else where)(scope, receive, send)


def _has_route(router: Router, scope: Scope) -> bool:
    return any(route.matches(scope)[0] is not Match.NONE for route in router.routes)
