"""A function with SnapStart has no access keys: its credentials come from an endpoint."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import obstore
import pytest
from obstore.exceptions import BaseError

from mlops.registry.store import open_store
from mlops.serving.credentials import ContainerCredentials, find_credentials


class Host(ThreadingHTTPServer):
    """An endpoint of credentials and, under any other path, of S3; it remembers who asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.lifetime = timedelta(hours=1)
        self.tokens: list[str | None] = []
        self.signed_by: list[str] = []

    @property
    def environ(self) -> dict[str, str]:
        address = f"http://127.0.0.1:{self.server_port}"
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{address}/2021-04-23/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "token-1",
            "AWS_ENDPOINT_URL": address,
        }


class Handler(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        if self.path == "/2021-04-23/credentials":
            self.server.tokens.append(self.headers["Authorization"])
            self.answer(self.server.status, self.credentials())
        else:
            self.server.signed_by.append(self.headers["Authorization"])
            self.answer(200, b"content")

    def credentials(self) -> bytes:
        expiration = (datetime.now(UTC) + self.server.lifetime).strftime("%Y-%m-%dT%H:%M:%SZ")
        keys = {"AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "secret", "Token": "session"}
        return json.dumps(keys | {"Expiration": expiration}).encode()

    def answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Last-Modified", "Mon, 23 Nov 2026 22:00:00 GMT")
        self.send_header("ETag", '"1"')
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    thread = threading.Thread(target=host.serve_forever)
    thread.start()
    yield host
    host.shutdown()
    thread.join()
    host.server_close()


@pytest.fixture(autouse=True)
def no_credentials_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", "us-east-1")


def test_a_store_signs_with_what_the_endpoint_gives_and_asks_once(host: Host) -> None:
    store = open_store("s3://models", host.environ, find_credentials(host.environ))
    for _ in range(3):
        assert bytes(obstore.get(store, "x").bytes()) == b"content"
    assert host.tokens == ["token-1"]
    assert len(host.signed_by) == 3
    assert all("Credential=AKIDEXAMPLE/" in each for each in host.signed_by)


def test_expired_credentials_are_renewed_with_the_token_of_then(host: Host) -> None:
    host.lifetime = timedelta(seconds=-1)
    environ = host.environ
    store = open_store("s3://models", environ, find_credentials(environ))
    obstore.get(store, "x")
    environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "token-2"
    obstore.get(store, "x")
    assert (host.tokens[0], host.tokens[-1]) == ("token-1", "token-2")


def test_an_endpoint_that_refuses_is_an_error_of_the_store(host: Host) -> None:
    host.status = 403
    with pytest.raises(OSError, match="gives no credentials: it answered 403"):
        ContainerCredentials(host.environ)()
    with pytest.raises((BaseError, OSError)):
        obstore.get(open_store("s3://models", host.environ, find_credentials(host.environ)), "x")


def test_keys_in_the_environment_come_first(host: Host) -> None:
    assert find_credentials({**host.environ, "AWS_ACCESS_KEY_ID": "key"}) is None
    assert find_credentials(host.environ) is not None
