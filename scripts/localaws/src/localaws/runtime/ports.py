"""Loopback ports that nobody else can be given."""

import socket
from types import TracebackType
from typing import Self


class ReservedPorts:
    """Holds free ports of 127.0.0.1 until it is closed.

    Each is bound and not listening, which on Linux keeps it from everybody who asks for any free port, while a program
    that is told the port (and reuses addresses, as Go's and Python's servers do) can listen on it.
    """

    def __init__(self, count: int) -> None:
        self._sockets = [socket.socket() for _ in range(count)]
        for held in self._sockets:
            held.bind(("127.0.0.1", 0))
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

    @property
    def numbers(self) -> list[int]:
        """The ports."""
        return [int(held.getsockname()[1]) for held in self._sockets]

    def close(self) -> None:
        """Give the ports back."""
        for held in self._sockets:
            held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
