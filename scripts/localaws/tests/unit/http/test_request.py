"""The event of a request."""

from __future__ import annotations

import re
from typing import Any

import pytest

from localaws.http.request import request_event
from localaws.http.routes import Found, Route
from localaws.http.sites import Request

API = Request(Found(Route("$default", "f"), {}), "$default", {})
URL = Request(Found(Route("$default", "f"), {}), "$default", {}, of_api=False)


def event(request: Request = API, body: bytes = b"", path: bytes = b"/", **headers: str) -> Any:
    scope = {
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        "query_string": b"",
        "raw_path": path,
        "method": "POST",
        "http_version": "1.1",
        "scheme": "http",
        "client": ("192.0.2.7", 5000),
        "server": ("127.0.0.1", 3000),
    }
    return request_event(scope, body, request, "api", "request", 1_700_000_000.5)


@pytest.mark.proves("http raw path")
def test_a_path_is_decoded_for_an_http_api_and_kept_for_a_function_url() -> None:
    path = b"/a%2Fb%20c/%C3%BC%23/%252F"
    for request, wanted in ((API, "/a/b c/ü#/%2F"), (URL, path.decode())):
        made = event(request, path=path)
        assert (made["rawPath"], made["requestContext"]["http"]["path"]) == (wanted, wanted)


@pytest.mark.proves("http forwarded headers")
def test_the_gateway_adds_the_clients_address_the_port_the_protocol_and_a_trace_id() -> None:
    headers = event(URL)["headers"]
    assert re.fullmatch(r"Root=1-6553f100-[0-9a-f]{24}", headers.pop("x-amzn-trace-id"))
    assert headers == {"x-forwarded-for": "192.0.2.7", "x-forwarded-port": "3000", "x-forwarded-proto": "http"}


def test_addresses_that_the_client_sent_come_first_and_its_protocol_is_replaced() -> None:
    headers = event(x_forwarded_for="203.0.113.9, 198.51.100.1", x_forwarded_proto="https")["headers"]
    assert headers["x-forwarded-for"] == "203.0.113.9, 198.51.100.1, 192.0.2.7"
    assert headers["x-forwarded-proto"] == "http"


def test_headers_of_the_connection_are_left_out_and_an_api_always_has_a_length() -> None:
    headers = event(connection="close", transfer_encoding="chunked", te="trailers", accept="*/*")["headers"]
    assert not {"connection", "transfer-encoding", "te"} & headers.keys()
    assert (headers["accept"], headers["content-length"]) == ("*/*", "0")
    assert "content-length" not in event(URL)["headers"]
    assert event(URL, b"{}")["headers"]["content-length"] == "2"


def test_a_clients_trace_id_is_kept() -> None:
    given = "Root=1-67891233-abcdef012345678912345678;Sampled=1"
    assert event(x_amzn_trace_id=given)["headers"]["x-amzn-trace-id"] == given
    assert re.fullmatch(r"Root=1-.*;Sampled=1", event(x_amzn_trace_id="Sampled=1")["headers"]["x-amzn-trace-id"])


@pytest.mark.proves("http base64 bodies")
@pytest.mark.parametrize(
    ("content_type", "body", "encoded"),
    [
        ("application/json", b"{}", False),
        ("Application/JSON; charset=UTF-8", b"{}", False),
        ('application/json;charset="utf-8"', b"{}", False),
        ("text/csv", b"a,b", False),
        ("application/xml", b"<a/>", False),
        ("application/javascript", b"1", False),
        ("text/plain; charset=iso-8859-1", b"a", True),
        ("text/plain", b"\xff", True),
        ("application/x-www-form-urlencoded", b"a=1", True),
        ("multipart/form-data; boundary=x", b"--x--", True),
        ("application/problem+json", b"{}", True),
        ("image/svg+xml", b"<svg/>", True),
        ("application/octet-stream", b"a", True),
        ("", b"a", True),
    ],
)
def test_which_bodies_arrive_in_base64(content_type: str, body: bytes, encoded: bool) -> None:
    made = event(body=body, content_type=content_type) if content_type else event(body=body)
    assert made["isBase64Encoded"] is encoded


def test_a_request_without_a_body_has_none() -> None:
    made = event(content_type="image/png")
    assert ("body" in made, made["isBase64Encoded"]) == (False, False)
