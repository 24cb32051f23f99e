"""The limits of `python serve.py`, with real connections: what is beyond one is refused, and nobody else waits."""

import json
import select
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from contextlib import suppress

import httpx
import pytest

from tests.integration.serving.conftest import ROOT
from tests.integration.serving.container import BODY, HEAD, Container, container, read_status, read_to_end
from tests.unit.mlops.serving.artifacts import ROWS

pytestmark = pytest.mark.usefixtures("s3")

# Seconds that a good client may wait. One that waits for a slow client waits until that is cut off, so for a minute:
# the bound is far below it, and above what a busy machine makes anybody wait.
LONGEST = 5.0
WHOLE = HEAD % len(BODY) + BODY
HEADERS_ONLY = HEAD % len(BODY)


def status(answer: bytes) -> int:
    """The status of an answer as it came over a connection."""
    return int(answer.split(b" ", 2)[1])


def problem(answer: bytes) -> dict[str, object]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head
    found: dict[str, object] = json.loads(body)
    assert found["status"] == status(answer)
    return found


def trickle(connection: socket.socket, content: bytes, every: float, stop: threading.Event) -> None:
    """Send a byte at a time, until the server closes the connection or the test is over."""
    with suppress(OSError):
        for place in range(len(content)):
            if stop.wait(every):
                return
            connection.sendall(content[place : place + 1])


def send_all(connection: socket.socket, content: bytes) -> None:
    """Send for as long as the server takes it."""
    with suppress(OSError):
        connection.sendall(content)


def waits(server: Container, seconds: float) -> list[float]:
    """How long a good client waits for each of its answers, one after the other, over some time."""
    found = []
    end = time.monotonic() + seconds
    with httpx.Client(base_url=server.url, timeout=60) as client:
        while time.monotonic() < end:
            started = time.monotonic()
            assert client.post("/predict", json={"rows": ROWS}).status_code == 200
            found.append(time.monotonic() - started)
            time.sleep(0.01)
    return found


def test_two_hundred_slow_clients_keep_no_other_waiting() -> None:
    stop = threading.Event()
    with container("--header-seconds", "60", "--min-body-rate", "0") as server:
        slow = [server.connect() for _ in range(50)]
        slow += [server.connect(b"POST /predict HT") for _ in range(50)]
        slow += [server.connect(HEADERS_ONLY, BODY[:7]) for _ in range(100)]
        feeders = [
            threading.Thread(target=trickle, args=(each, content, 1.0, stop))
            for each, content in ((slow[60], b"TP/1.1\r\nHost: x\r\n"), (slow[150], BODY))
        ]
        for feeder in feeders:
            feeder.start()
        found = waits(server, 4)
        stop.set()
        for feeder in feeders:
            feeder.join()
        for each in slow:
            each.close()
    assert len(found) > 50
    assert max(found) < LONGEST, (max(found), statistics.median(found))
    assert server.refusals() == []


def test_slow_headers_are_cut_off_however_steadily_they_come() -> None:
    stop = threading.Event()
    with container("--header-seconds", "2") as server:
        silent = server.connect()
        connection = server.connect(b"POST /predict HTTP/1.1\r\n")
        feeder = threading.Thread(target=trickle, args=(connection, b"X-A: " + b"a" * 100, 0.1, stop))
        feeder.start()
        answer, took = read_to_end(connection)
        stop.set()
        feeder.join()
        nothing, _ = read_to_end(silent)
    assert (status(answer), problem(answer)["type"]) == (408, "urn:mlops:problem:request-too-slow")
    assert 1 < took < 6
    # A connection without a request is closed without an answer, as one that was kept alive is.
    assert nothing == b""
    assert server.refusals() == [(408, "RequestTooSlow")]


def test_headers_have_their_time_again_on_a_connection_that_was_kept_alive() -> None:
    with container("--header-seconds", "1.5", "--keep-alive-seconds", "30") as server:
        connection = server.connect(WHOLE)
        assert read_status(connection) == 200
        time.sleep(2)
        connection.sendall(WHOLE)
        assert read_status(connection) == 200
        connection.sendall(b"\r\nGET /hea")
        answer, took = read_to_end(connection)
    assert status(answer) == 408
    assert 1 < took < 5


def test_a_body_that_comes_at_a_byte_a_second_is_cut_off_by_its_rate() -> None:
    stop = threading.Event()
    with container("--body-seconds", "60", "--min-body-rate", "100") as server:
        connection = server.connect(HEADERS_ONLY)
        feeder = threading.Thread(target=trickle, args=(connection, BODY, 1.0, stop))
        feeder.start()
        answer, took = read_to_end(connection)
        stop.set()
        feeder.join()
    assert (status(answer), problem(answer)["type"]) == (408, "urn:mlops:problem:request-too-slow")
    assert 4 < took < 12
    assert server.refusals() == [(408, "RequestTooSlow")]
    # The client was slow; nothing of the application failed.
    assert [line for line in server.lines if line.get("level") == "ERROR"] == []


@pytest.mark.parametrize("path", ["/predict", "/nowhere"], ids=["a body that is read", "a body that nobody reads"])
def test_the_whole_body_has_a_time_limit_too(path: str) -> None:
    stop = threading.Event()
    with container("--body-seconds", "2", "--min-body-rate", "0") as server:
        connection = server.connect(HEADERS_ONLY.replace(b"/predict", path.encode()))
        feeder = threading.Thread(target=trickle, args=(connection, BODY, 0.2, stop))
        feeder.start()
        answer, took = read_to_end(connection)
        stop.set()
        feeder.join()
    assert status(answer) == {"/predict": 408, "/nowhere": 404}[path]
    assert 1 < took < 6


def test_a_body_in_time_is_answered_however_many_parts_it_comes_in() -> None:
    with container("--body-seconds", "10", "--min-body-rate", "0") as server:
        connection = server.connect(HEADERS_ONLY)
        for start in range(0, len(BODY), 100):
            connection.sendall(BODY[start : start + 100])
            time.sleep(0.01)
        assert read_status(connection) == 200
        connection.close()
    assert server.refusals() == []


def test_headers_that_are_too_large_are_refused_while_they_come() -> None:
    with container("--max-header-bytes", "4096") as server:
        connection = server.connect(b"GET /health HTTP/1.1\r\nHost: x\r\n")
        with suppress(OSError):
            for _ in range(100):
                connection.sendall(b"X-A: " + b"a" * 1_000 + b"\r\n")
        answer, _ = read_to_end(connection)
    assert status(answer) == 431
    assert server.refusals() == [(431, "HeadersTooLarge")]


def test_the_connection_beyond_the_limit_is_told_to_come_again() -> None:
    with container("--max-connections", "5") as server:
        time.sleep(0.3)  # the connection that saw it start is gone
        open_ones = [server.connect() for _ in range(5)]
        time.sleep(0.3)
        answer, _ = read_to_end(server.connect())
        assert (status(answer), problem(answer)["type"]) == (503, "urn:mlops:problem:overloaded")
        assert b"retry-after: 1\r\n" in answer
        with httpx.Client(base_url=server.url) as client:
            assert client.post("/predict", json={"rows": ROWS}).status_code == 503
        # The connections that it has are answered.
        open_ones[0].sendall(WHOLE)
        assert read_status(open_ones[0]) == 200
        for each in open_ones:
            each.close()
        time.sleep(0.3)
        assert httpx.post(f"{server.url}/predict", json={"rows": ROWS}).status_code == 200
    assert server.refusals() == [(503, "Overloaded")] * 2


def test_a_flood_of_connections_keeps_no_open_one_waiting() -> None:
    with container("--max-connections", "20") as server:
        time.sleep(0.3)
        open_ones = [server.connect() for _ in range(19)]
        with httpx.Client(base_url=server.url, timeout=60) as client:
            assert client.get("/health").status_code == 200
            flood = [server.connect() for _ in range(300)]
            found = []
            for _ in range(50):
                started = time.monotonic()
                assert client.post("/predict", json={"rows": ROWS}).status_code == 200
                found.append(time.monotonic() - started)
        ends = [read_to_end(each)[0] for each in flood]
        for each in open_ones:
            each.close()
    assert max(found) < LONGEST
    assert {status(end) for end in ends if end} == {503}
    assert len(server.refusals()) == 300


def test_beyond_the_bytes_in_flight_a_request_is_refused_before_its_body_is_sent() -> None:
    large = 2_000_000
    head = HEAD % large
    with container("--max-bytes-in-flight", "3000000", "--min-body-rate", "0") as server:
        first = server.connect(head, b" " * (large - 1))
        time.sleep(0.5)
        waiting = server.connect(head.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
        answer, _ = read_to_end(waiting)
        assert (status(answer), b"retry-after: 1" in answer) == (503, True)
        assert b"urn:mlops:problem:overloaded" in answer
        # A small one still fits, and the large one is read to its end.
        assert httpx.post(f"{server.url}/predict", json={"rows": ROWS}).status_code == 200
        first.sendall(b" ")
        assert read_status(first) == 400
        # Its bytes are free again.
        second = server.connect(head, b" " * large)
        assert read_status(second) == 400
        second.close()
    assert server.refusals() == [(503, "Overloaded")]


def test_bytes_that_nobody_announced_count_when_they_arrive() -> None:
    chunk = b"%x\r\n%b\r\n" % (1_500_000, b" " * 1_500_000)
    chunked = HEAD.partition(b"Content-Length")[0] + b"Transfer-Encoding: chunked\r\n\r\n"
    with container("--max-bytes-in-flight", "2000000", "--min-body-rate", "0") as server:
        first = server.connect(chunked, chunk)
        time.sleep(0.5)
        answer = server.connect(chunked, chunk).recv(65_536)
        assert (status(answer), b"retry-after: 1" in answer) == (503, True)
        first.sendall(b"0\r\n\r\n")
        assert read_status(first) == 400
        first.close()
    assert server.refusals() == [(503, "Overloaded")]


def test_what_is_announced_and_not_sent_takes_nothing_from_others() -> None:
    with container("--max-bytes-in-flight", "3000000", "--body-seconds", "60", "--min-body-rate", "0") as server:
        slow = [server.connect(HEAD % 2_900_000, b" ") for _ in range(20)]
        assert max(waits(server, 1)) < LONGEST
        for each in slow:
            each.close()
    assert server.refusals() == []
    assert [line for line in server.lines if line.get("level") == "ERROR"] == []


def test_a_client_that_does_not_take_its_answer_is_cut_off() -> None:
    rows = json.dumps({"rows": ROWS * 380}).encode()
    with container("--answer-seconds", "2") as server:
        connection = socket.socket()
        server.connections.append(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.settimeout(60)
        connection.connect(("127.0.0.1", server.port))
        # Several answers of a megabyte, so that they don't fit into what the system holds of them.
        feeder = threading.Thread(target=send_all, args=(connection, (HEAD % len(rows) + rows) * 8))
        feeder.start()
        end = select.poll()
        end.register(connection, select.POLLHUP | select.POLLERR)
        assert end.poll(60_000), "it still waits for the client"
        feeder.join()
        assert httpx.post(f"{server.url}/predict", json={"rows": ROWS}).status_code == 200


def test_open_requests_end_before_the_server_does_and_slow_ones_do_not_hold_it_up() -> None:
    with container("--shutdown-seconds", "3") as server:
        idle = server.connect()
        stuck = server.connect(HEADERS_ONLY)
        under_way = server.connect(HEADERS_ONLY, BODY[:-1])
        time.sleep(0.3)
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        with pytest.raises(OSError):
            server.connect().recv(1)
        under_way.sendall(BODY[-1:])
        assert read_status(under_way) == 200
        server.process.wait(timeout=20)
        took = time.monotonic() - started
        for each in (idle, stuck, under_way):
            each.close()
    assert took < 8
    assert server.process.returncode in (0, -signal.SIGTERM)


def test_several_processes_share_a_port() -> None:
    with container("--workers", "2", "--header-seconds", "2") as server:
        for _ in range(20):
            assert httpx.post(f"{server.url}/predict", json={"rows": ROWS}).status_code == 200
        answer, _ = read_to_end(server.connect(b"GET /hea"))
    # Flags reach every process.
    assert status(answer) == 408
    assert [line.get("record") for line in server.lines].count("adoption") == 2


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--max-connections", "0"], "MAX_CONNECTIONS is '0'"),
        (["--header-seconds", "soon"], "HEADER_SECONDS is 'soon'"),
        (["--body-seconds", "inf"], "BODY_SECONDS is 'inf'"),
        (["--answer-seconds", "nan"], "ANSWER_SECONDS is 'nan'"),
        (["--min-body-rate", "-1"], "MIN_BODY_RATE is '-1'"),
        (["--port", "70000"], "SERVE_PORT is '70000'"),
        (["--workers", "0"], "SERVE_WORKERS is '0'"),
        (["--no-such"], "unrecognized arguments: --no-such"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_bad_setting_is_named_with_its_value_and_nothing_is_served(flags: list[str], named: str) -> None:
    done = subprocess.run(
        [sys.executable, "serve.py", *flags], cwd=ROOT / "functions", capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert named in done.stderr
    assert "Traceback" not in done.stderr


def test_the_help_names_each_flag_its_variable_and_its_default() -> None:
    done = subprocess.run(
        [sys.executable, "serve.py", "--help"], cwd=ROOT / "functions", capture_output=True, text=True, check=True
    )
    text = " ".join(done.stdout.split())
    assert "--max-bytes-in-flight" in text
    assert "(variable MAX_BYTES_IN_FLIGHT, default 64000000)" in text
