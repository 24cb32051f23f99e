"""The connection on which the emulator is sent events and answers them."""

import select
import socket
from dataclasses import dataclass

from httptools import HttpParserError, HttpResponseParser

_CHUNK = 1 << 16


class ConnectionBroken(OSError):
    """The emulator went away, or said what isn't HTTP."""


@dataclass(frozen=True)
class Answer:
    """An HTTP response."""

    status: int
    body: bytes


class EmulatorConnection:
    """Kept from call to call; raises OSError when the emulator is gone.

    The standard library's client would cost each call a message's worth of parsing e-mail headers.
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
        """Post an event."""
        self._response = _Response()
        head = (
            f"POST {path} HTTP/1.1\r\n"
            f"Host: {self._host}\r\n"
            f"Content-Length: {len(payload)}\r\n"
            f"X-Amz-Client-Context: {client_context}\r\n\r\n"
        )
        self._socket.sendall(head.encode("ascii") + payload)

    def answers_within(self, seconds: float) -> bool:
        """Whether the answer, or the end of the connection, begins to come in that time."""
        return bool(self._poll.poll(seconds * 1000))

    def receive(self) -> Answer | None:
        """Take what has come; gives the answer once that's whole."""
        chunk = self._socket.recv(_CHUNK)
        if not chunk:
            raise ConnectionBroken("the emulator closed the connection")
        return self._response.feed(chunk)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


class _Response:
    """A response that's coming in; the two methods with `on_` are the parser's to call."""

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
