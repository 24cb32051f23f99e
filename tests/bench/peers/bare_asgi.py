"""The least that a server in Python does for a request: read its body, and answer ten items that it knows before."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

ANSWER = json.dumps({"items": [{"item": str(item), "score": 1.0 - item / 10} for item in range(10)]}).encode()
HEAD = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(ANSWER)).encode())],
}

type Message = dict[str, Any]


async def app(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """Answer any request."""
    while (await receive()).get("more_body"):
        pass
    await send(HEAD)
    await send({"type": "http.response.body", "body": ANSWER})
