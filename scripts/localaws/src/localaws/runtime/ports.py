"""Reserved loopback ports."""

import socket
from types import TracebackType
from typing import Self


class ReservedPorts:
    """Reserves free ports of 127.0.0.1 until it's closed.

    Each port is bound but not listening: Linux doesn't assign it to others as a free port, while a program that gets
    the port explicitly (and reuses addresses, as Go's and Python's servers do) can listen on it.
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
        """Release the ports."""
        for held in self._sockets:
            held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
