"""The limit on the bytes of all bodies that are held at once, so that many large requests don't add up.

Bytes count when they arrive, not when they're announced: clients that announce much and send little hold nothing back
from the others. They are let go when the answer begins.
"""

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mlops.serving.container.refusals import BODY_TOO_SLOW, TOO_MANY_BYTES, RefusalLog


class BytesInFlight:
    """An ASGI application that reads no more than `limit` bytes of bodies at once for the application within it.

    A request that wouldn't fit any more is answered 503 before its body is read. A single request is always read: what
    one may have is a limit of the application.
    """

    def __init__(self, app: ASGIApp, limit: int, log: RefusalLog) -> None:
        self._app = app
        self._limit = limit
        self._log = log
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._held and self._held + _announced(scope) > self._limit:
            self._log.refused(TOO_MANY_BYTES)
            refusal = TOO_MANY_BYTES
            await Response(refusal.body, refusal.status, refusal.headers)(scope, receive, send)
            return
        share = _Share(self, receive, send)
        try:
            await self._app(scope, share.receive, share.send)
        finally:
            share.release()

    def hold(self, size: int, share: int) -> None:
        """Count bytes that arrived for a request, which holds `share` now. Raises HTTPException beyond the limit."""
        self._held += size
        if self._held > max(self._limit, share):
            self._log.refused(TOO_MANY_BYTES)
            raise HTTPException(TOO_MANY_BYTES.status, TOO_MANY_BYTES.detail, TOO_MANY_BYTES.headers)

    def release(self, size: int) -> None:
        """Let go of bytes that were counted."""
        self._held -= size


class _Share:
    """The bytes that one request holds: from their arrival to the beginning of its answer."""

    def __init__(self, budget: BytesInFlight, receive: Receive, send: Send) -> None:
        self._budget = budget
        self._receive = receive
        self._send = send
        self._held = 0
        self._is_whole = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._is_whole = not message.get("more_body", False)
            size = len(message.get("body", b""))
            self._held += size
            self._budget.hold(size, self._held)
        elif not self._is_whole:
            # The client is gone, or was too slow: neither is an error of the application's.
            raise HTTPException(BODY_TOO_SLOW.status, BODY_TOO_SLOW.detail)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.release()
        await self._send(message)

    def release(self) -> None:
        self._budget.release(self._held)
        self._held = 0


def _announced(scope: Scope) -> int:
    """The bytes that a request announces; 0 if it announces none, or comes in chunks."""
    given = dict(scope["headers"]).get(b"content-length", b"")
    return int(given) if given.isdigit() and len(given) < 20 else 0
