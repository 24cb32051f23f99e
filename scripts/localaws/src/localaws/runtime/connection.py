"""The HTTP connection to the emulator."""

import select
import socket
from dataclasses import dataclass

from httptools import HttpParserError, HttpResponseParser

_CHUNK = 1 << 16


class ConnectionBroken(OSError):
    """The emulator closed the connection, or its response isn't HTTP."""


@dataclass(frozen=True)
class Answer:
    """An HTTP response."""

    status: int
    body: bytes


class EmulatorConnection:
    """A persistent connection; raises OSError if the emulator has ended.

    The standard library's client is slower: it parses headers as those of an e-mail.
    """

    def __init__(self, port: int) -> None:
        self._host = f"127.0.0.1:{port}"
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self._response = _Response()

    def fileno(self) -> int:
        """The descriptor, for a selector."""
        return self._socket.fileno()

    def send(self, path: str, payload: bytes, client_context: str) -> None:
        """Send an event."""
        self._response = _Response()
        head = (
            f"POST {path} HTTP/1.1\r\n"
            f"Host: {self._host}\r\n"
            f"Content-Length: {len(payload)}\r\n"
            f"X-Amz-Client-Context: {client_context}\r\n\r\n"
        )
        self._socket.sendall(head.encode("ascii") + payload)

    def answers_within(self, seconds: float) -> bool:
        """Whether the response, or the end of the connection, arrives within `seconds`."""
        return bool(self._poll.poll(seconds * 1000))

    def receive(self) -> Answer | None:
        """Read what has arrived; returns the response once it's complete."""
        chunk = self._socket.recv(_CHUNK)
        if not chunk:
            raise ConnectionBroken("the emulator closed the connection")
        return self._response.feed(chunk)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


class _Response:
    """A response that's being received; the parser calls the `on_` methods."""

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self._parts: list[bytes] = []
        self._whole = False

    def feed(self, chunk: bytes) -> Answer | None:
        try:
            self._parser.feed_data(chunk)
        except HttpParserError as error:
            raise ConnectionBroken(str(error)) from error
        return Answer(self._parser.get_status_code(), b"".join(self._parts)) if self._whole else None

    def on_body(self, part: bytes) -> None:
        self._parts.append(part)

    def on_message_complete(self) -> None:
        self._whole = True
