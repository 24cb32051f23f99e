"""A real client of S3 against an S3 that refuses, fails, breaks off or hangs: the old version goes on serving."""

import hashlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, ClassVar

import obstore
import pytest
from obstore.store import MemoryStore

from mlops.errors.serving import ModelUnavailable
from mlops.registry.store import Store, open_store
from mlops.serving.live.follower import Follower
from tests.unit.mlops.serving.artifacts import promote, put_version, steeper
from tests.unit.mlops.serving.fakes import Recorder

DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


class _Moody(BaseHTTPRequestHandler):
    """Answers GET of `/models/<key>` from a store, in the mood of the moment."""

    content: ClassVar[Store]
    mood: ClassVar[str] = "well"
    awake: ClassVar[Event]
    address: ClassVar[str]

    def do_GET(self) -> None:
        if self.mood == "hanging":
            self.awake.wait(30)
        if self.mood == "refusing":
            self._send(403, DENIED)
        elif self.mood == "failing":
            self._send(500, b"<Error><Code>InternalError</Code></Error>")
        else:
            self._give()

    def _give(self) -> None:
        try:
            body = bytes(obstore.get(self.content, self.path.removeprefix("/models/")).bytes())
        except FileNotFoundError:
            self._send(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        tag = f'"{hashlib.md5(body).hexdigest()}"'
        if self.headers.get("If-None-Match") == tag:
            self._send(304, b"", ETag=tag)
            return
        self._send(200, body[: len(body) // 2] if self.mood == "breaking off" else body, len(body), ETag=tag)

    def _send(self, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        given = {"Content-Length": str(length or len(body)), "Last-Modified": "Mon, 23 Nov 2026 12:00:00 GMT"}
        for name, value in (given | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def s3() -> Iterator[type[_Moody]]:
    moody: type[_Moody] = type("Moody", (_Moody,), {"content": MemoryStore(), "awake": Event()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), moody)
    moody.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    yield moody
    moody.awake.set()
    server.shutdown()
    thread.join()
    server.server_close()


def follow(s3: Any, recorder: Recorder, **options: Any) -> Follower:
    environ = {
        "AWS_ENDPOINT_URL": s3.address,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        store = open_store("s3://models", environ)
    return Follower(store, "diagnosis", recorder, max_rows=10, every=0.0, **options)


def serving(follower: Follower) -> int | None:
    return follower.scorer.manifest.version if follower.scorer else None


@pytest.mark.parametrize("mood", ["refusing", "failing", "breaking off"])
def test_a_store_in_a_bad_mood_leaves_the_old_version_serving_and_is_told_once(s3: Any, mood: str) -> None:
    put_version(s3.content, 1)
    promote(s3.content, 1)
    recorder = Recorder()
    follower = follow(s3, recorder)
    follower.poll()
    steeper(s3.content, 2)
    promote(s3.content, 2)
    s3.mood = mood
    follower.poll()
    follower.poll()
    assert serving(follower) == 1
    assert [event[0] for event in recorder.events] == ["adopted", "unreachable"]
    assert "registry can't be read" in (follower.fault or "")
    s3.mood = "well"
    follower.poll()
    assert (serving(follower), follower.fault) == (2, None)


def test_a_store_that_hangs_holds_up_neither_a_start_nor_a_request(s3: Any) -> None:
    put_version(s3.content, 1)
    promote(s3.content, 1)
    s3.mood = "hanging"
    recorder = Recorder()
    follower = follow(s3, recorder, patience=0.2)
    for _ in range(2):
        with pytest.raises(ModelUnavailable, match="the registry is slow"):
            follower.require()
    assert [event[0] for event in recorder.events] == ["unreachable"]
    s3.mood = "well"
    s3.awake.set()
    follower.poll()
    assert serving(follower) == 1


def test_a_store_that_is_gone_is_told_with_its_address_in_the_log_alone(s3: Any) -> None:
    recorder = Recorder()
    s3.address = "http://127.0.0.1:1"
    gone = follow(s3, recorder)
    with pytest.raises(ModelUnavailable, match="registry can't be read"):
        gone.require()
    ((kind, reason),) = recorder.events
    assert kind == "unreachable"
    assert "127.0.0.1:1" in reason
    assert "127.0.0.1" not in (gone.fault or "")
