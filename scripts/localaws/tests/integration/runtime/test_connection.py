"""The connection to the emulator, tested with a scripted server."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from localaws.runtime.connection import Answer, ConnectionBroken, EmulatorConnection

Ends = tuple[EmulatorConnection, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connection = EmulatorConnection(listener.getsockname()[1])
        accepted, _ = listener.accept()
    with accepted:
        yield connection, accepted
        connection.close()


def answered(connection: EmulatorConnection) -> Answer:
    while (answer := connection.receive()) is None:
        pass
    return answer


def test_an_event_and_its_context_arrive_as_one_request(ends: Ends) -> None:
    connection, server = ends
    connection.send("/invocations", b'{"a": 1}', "Y29udGV4dA==")
    head, _, body = server.recv(4096).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /invocations HTTP/1.1"
    assert {"Content-Length: 8", "X-Amz-Client-Context: Y29udGV4dA=="} < set(lines[1:])
    assert body == b'{"a": 1}'


def test_a_response_is_returned_once_it_is_complete(ends: Ends) -> None:
    connection, server = ends
    connection.send("/", b"{}", "")
    for piece in (b"HTTP/1.1 200 OK\r\nContent-Len", b"gth: 4\r\n\r\nab"):
        server.sendall(piece)
        assert connection.receive() is None
    server.sendall(b"cd")
    assert connection.receive() == Answer(200, b"abcd")


def test_a_chunked_response_is_joined_and_the_next_call_has_its_own(ends: Ends) -> None:
    connection, server = ends
    connection.send("/", b"{}", "")
    server.sendall(b"HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")
    assert answered(connection) == Answer(502, b"abc")
    connection.send("/", b"{}", "")
    server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert answered(connection) == Answer(200, b"")


@pytest.mark.parametrize("message", [b"", b"HTTP/1.1 200 OK\r\nConte", b"panic: runtime error\n\n"])
def test_a_broken_connection_is_an_error(ends: Ends, message: bytes) -> None:
    connection, server = ends
    connection.send("/", b"", "")
    server.recv(4096)
    server.sendall(message)
    server.close()
    with pytest.raises(ConnectionBroken):
        answered(connection)


def test_waiting_ends_with_the_response_or_the_connection(ends: Ends) -> None:
    connection, server = ends
    connection.send("/", b"", "")
    assert server.recv(4096)
    assert not connection.answers_within(0)
    server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert connection.answers_within(10)
    assert answered(connection).status == 200
    assert not connection.answers_within(0)
    server.close()
    assert connection.answers_within(10)
