"""Signatures of requests to S3, as botocore makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import time_machine
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from localaws.iam.keys import Keys
from localaws.s3.signatures import Clocks, Signatures
from localaws.s3.signed_requests import SignedRequest

HOST = "http://localhost:4566"
SIGNED = 1_767_225_600.0  # 2026-01-01T00:00:00Z
KEYS = {"own": Keys("own", "secret", ""), "session": Keys("session", "secret", "token")}
OBJECT = "/bucket/a b/\u00fc+&.csv"


@pytest.fixture
def at() -> Iterator[Callable[[float], None]]:
    """Sets the clock of clients, which stands still."""
    with time_machine.travel(SIGNED, tick=False) as clock:
        yield clock.move_to


def signatures(machine: float = SIGNED, ahead: float = 0.0) -> Signatures:
    return Signatures(KEYS.get, lambda: Clocks(machine, machine + ahead))


def request(method: str, url: str, headers: dict[str, str] | None = None, content: bytes = b"") -> SignedRequest:
    parts = urlsplit(url)
    given = {name.lower(): value for name, value in (headers or {}).items()}
    return SignedRequest(method, parts.path, parts.query, {"host": parts.netloc, **given}, "", lambda: content)


def presigned(version: str, key: str = "own", secret: str = "secret", token: str | None = None, **options: Any) -> str:
    config = Config(signature_version=version, s3={"addressing_style": "path"})
    client = boto3.client("s3", "us-east-1", endpoint_url=HOST, aws_access_key_id=key, aws_secret_access_key=secret,
                          aws_session_token=token, config=config)  # fmt: skip
    asked = {"ClientMethod": "get_object", "ExpiresIn": 60, **options}
    return client.generate_presigned_url(Params={"Bucket": "bucket", "Key": OBJECT[8:]}, **asked)


def code(checked: Signatures, *asked: Any) -> str | None:
    refused = checked.check(request(*asked))
    return refused.code if refused else None


@pytest.mark.usefixtures("at")
@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_presigned_url_is_good_for_what_was_signed(version: str) -> None:
    url, other = presigned(version), presigned(version, secret="other")
    checked = signatures()

    assert code(checked, "GET", url) is None
    for method, changed in (("PUT", url), ("GET", url.replace(".csv", ".txt")), ("GET", other)):
        assert code(checked, method, changed) == "SignatureDoesNotMatch"
    session = presigned(version, "session", token="token")
    assert code(checked, "GET", session) is None
    assert code(checked, "GET", presigned(version, "session", token="other")) == "InvalidToken"
    assert code(checked, "GET", presigned(version, "unknown")) is None


@pytest.mark.usefixtures("at")
@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_presigned_url_expires(version: str) -> None:
    url = presigned(version)

    assert code(signatures(SIGNED + 59), "GET", url) is None
    refused = signatures(SIGNED + 61).check(request("GET", url))
    assert refused
    assert (refused.code, refused.message, refused.status) == ("AccessDenied", "Request has expired", 403)
    assert refused.details["Expires"] == "2026-01-01T00:01:00Z"


def test_a_url_expires_by_the_clock_that_it_was_signed_by(at: Callable[[float], None]) -> None:
    day = 86_400.0
    at(SIGNED + day)
    url = presigned("s3v4")

    assert code(signatures(SIGNED, day + 59), "GET", url) is None
    assert code(signatures(SIGNED, day + 61), "GET", url) == "AccessDenied"
    assert code(signatures(SIGNED), "GET", url) == "AccessDenied"
    at(SIGNED)
    assert code(signatures(SIGNED, day), "GET", presigned("s3v4")) is None


@pytest.mark.usefixtures("at")
def test_the_parameters_of_a_presigned_url_are_checked() -> None:
    url, checked = presigned("s3v4"), signatures()

    for old, new in (
        ("X-Amz-Expires=60", "X-Amz-Expires=604801"),
        ("X-Amz-Expires=60", "X-Amz-Expires=soon"),
        ("&X-Amz-Expires=60", ""),
        ("X-Amz-Date=20260101", "X-Amz-Date=20260102"),
        ("=AWS4-HMAC-SHA256", "=AWS4-HMAC-SHA1"),
    ):
        assert old in url
        assert code(checked, "GET", url.replace(old, new)) == "AuthorizationQueryParametersError", new
    assert code(checked, "GET", f"{url}&versionId=1") == "SignatureDoesNotMatch"
    assert code(checked, "GET", url, {"x-amz-meta-a": "b"}) == "AccessDenied"


def sent(content: bytes = b"body", secret: str = "secret", key: str = "own") -> tuple[str, str, dict[str, str], bytes]:
    url = f"{HOST}/bucket/a%20b/%C3%BC?partNumber=1&uploadId=a%2Bb"
    asked = AWSRequest("PUT", url, {"Content-Type": "text/csv", "x-amz-meta-note": "two  spaces"}, content)
    S3SigV4Auth(Credentials(key, secret), "s3", "us-east-1").add_auth(asked)
    return "PUT", url, dict(asked.headers.items()), content


@pytest.mark.usefixtures("at")
def test_a_signed_request_is_taken_as_it_was_signed() -> None:
    method, url, headers, content = sent()
    checked = signatures()

    assert code(checked, method, url, headers, content) is None
    assert code(checked, method, url, headers, b"other") == "XAmzContentSHA256Mismatch"
    for changed in ({"x-amz-meta-note": "other"}, {"Content-Type": "text/html"}):
        assert code(checked, method, url, {**headers, **changed}, content) == "SignatureDoesNotMatch"
    assert code(checked, method, url, {**headers, "x-amz-acl": "private"}, content) == "AccessDenied"
    assert code(checked, *sent(secret="other")) == "SignatureDoesNotMatch"
    assert code(checked, *sent(secret="other", key="unknown")) is None
    malformed = {**headers, "Authorization": "AWS4-HMAC-SHA256 Credential=own"}
    assert code(checked, method, url, malformed, content) == "AuthorizationHeaderMalformed"
    assert code(checked, method, url, {"Authorization": "Bearer token"}, content) == "InvalidArgument"
    assert code(checked, method, url, {}, content) is None


@pytest.mark.usefixtures("at")
@pytest.mark.parametrize(
    ("machine", "ahead", "refused"),
    [
        (SIGNED + 899, 0.0, None),
        (SIGNED + 901, 0.0, "RequestTimeTooSkewed"),
        (SIGNED - 901, 0.0, "RequestTimeTooSkewed"),
        # The clock of local AWS is moved by a day, after the request was signed or before.
        (SIGNED + 1, 86_400.0, None),
        (SIGNED - 86_400, 86_400.0, None),
        (SIGNED - 3600, 86_400.0, None),
        (SIGNED + 901, 86_400.0, "RequestTimeTooSkewed"),
    ],
)
def test_a_request_is_signed_by_one_of_the_clocks(machine: float, ahead: float, refused: str | None) -> None:
    assert code(signatures(machine, ahead), *sent()) == refused
