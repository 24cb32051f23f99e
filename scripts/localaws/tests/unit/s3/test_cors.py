"""Cross-origin requests to buckets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from localaws.s3.cors import allowed, check_rules, preflight
from localaws.s3.refusals import Refusal


def rule(methods: Any, origins: Any, headers: Any = None, exposed: Any = None, age: str | None = None) -> Any:
    """A rule as moto stores it, in which one value isn't a list."""
    return SimpleNamespace(
        allowed_methods=methods,
        allowed_origins=origins,
        allowed_headers=headers,
        exposed_headers=exposed,
        max_age_seconds=age,
    )


BUCKET = SimpleNamespace(
    cors=[
        rule(["GET", "PUT"], "http://*.example.com", ["x-amz-*", "Content-Type"], ["ETag"], "300"),
        rule("HEAD", "*"),
    ]
)


def asked(origin: str, method: str, headers: str = "") -> dict[str, str]:
    """The headers of a preflight request."""
    given = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }
    return {name: value for name, value in given.items() if value}


def test_a_rule_that_matches_answers() -> None:
    assert preflight(BUCKET, asked("http://a.example.com", "PUT", "X-Amz-Date, content-type"), "OBJECT") == {
        "Access-Control-Allow-Origin": "http://a.example.com",
        "Access-Control-Allow-Methods": "GET, PUT",
        "Access-Control-Allow-Headers": "x-amz-date, content-type",
        "Access-Control-Expose-Headers": "ETag",
        "Access-Control-Max-Age": "300",
        "Access-Control-Allow-Credentials": "true",
        "Vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    }
    found = preflight(BUCKET, asked("http://other.org", "HEAD"), "OBJECT")
    assert isinstance(found, dict)
    assert found["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in found


@pytest.mark.parametrize(
    ("bucket", "headers", "status", "message"),
    [
        (BUCKET, {}, 400, "Origin request header needed"),
        (BUCKET, {"Origin": "http://a.example.com"}, 400, "Access-Control-Request-Method"),
        (None, asked("http://a.example.com", "GET"), 403, "Bucket not found"),
        (SimpleNamespace(cors=[]), asked("http://a.example.com", "GET"), 403, "CORS is not enabled"),
        (BUCKET, asked("http://a.example.com", "DELETE"), 403, "not allowed"),
        (BUCKET, asked("http://a.example.com", "HEAD", "x-amz-date"), 403, "not allowed"),
        (BUCKET, asked("http://a.example.com", "GET", "authorization"), 403, "not allowed"),
        (BUCKET, asked("http://example.com", "GET"), 403, "not allowed"),
        (BUCKET, asked("http://a.example.com.evil.org", "GET"), 403, "not allowed"),
    ],
)
def test_what_no_rule_matches_is_refused(bucket: Any, headers: dict[str, str], status: int, message: str) -> None:
    found = preflight(bucket, headers, "OBJECT")

    assert isinstance(found, Refusal)
    assert (found.status, message in found.message) == (status, True)


def test_only_pages_of_allowed_origins_read_answers() -> None:
    assert allowed(BUCKET, {"Origin": "http://a.example.com"}, "GET")["Access-Control-Expose-Headers"] == "ETag"
    for headers in ({"Origin": "http://other.org"}, {}):
        assert allowed(BUCKET, headers, "GET") == {}
    assert allowed(None, {"Origin": "http://a.example.com"}, "GET") == {}


def test_a_pattern_has_one_wildcard() -> None:
    assert check_rules([{"AllowedOrigin": "http://*.example.com", "AllowedHeader": ["*", "x-*"]}]) is None
    for name in ("AllowedOrigin", "AllowedHeader"):
        refused = check_rules([{"AllowedOrigin": "*", name: ["a", "*.*"]}])
        assert refused
        assert refused.code == "InvalidRequest"
