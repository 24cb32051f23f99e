"""Presigned URLs and checksums."""

from __future__ import annotations

import base64
import hashlib
import zlib

import pytest
from werkzeug.datastructures import Headers

from localaws.s3.requests import has_expired, wrong_checksum

SIGNED = 1_767_225_600  # 2026-01-01T00:00:00Z
CONTENT = b"123456789"


@pytest.mark.parametrize(
    ("parameters", "after", "expired"),
    [
        ({"X-Amz-Signature": "s", "X-Amz-Date": "20260101T000000Z", "X-Amz-Expires": "60"}, 59, False),
        ({"X-Amz-Signature": "s", "X-Amz-Date": "20260101T000000Z", "X-Amz-Expires": "60"}, 61, True),
        ({"X-Amz-Signature": "s", "X-Amz-Date": "yesterday", "X-Amz-Expires": "60"}, 61, False),
        ({"Signature": "s", "Expires": str(SIGNED + 60)}, 59, False),
        ({"Signature": "s", "Expires": str(SIGNED + 60)}, 61, True),
        ({"Expires": "0"}, 0, False),
        ({"list-type": "2"}, 0, False),
    ],
)
def test_a_presigned_url_expires(parameters: dict[str, str], after: int, expired: bool) -> None:
    assert has_expired(parameters, SIGNED + after) is expired


def encoded(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


# The CRCs of "123456789" are the check values of their definitions.
RIGHT = {
    "x-amz-checksum-crc32": encoded(zlib.crc32(CONTENT).to_bytes(4, "big")),
    "x-amz-checksum-crc32c": encoded(bytes.fromhex("e3069283")),
    "x-amz-checksum-crc64nvme": encoded(bytes.fromhex("ae8b14860a799888")),
    "x-amz-checksum-sha1": encoded(hashlib.sha1(CONTENT).digest()),
    "x-amz-checksum-sha256": encoded(hashlib.sha256(CONTENT).digest()),
    "content-md5": encoded(hashlib.md5(CONTENT).digest()),
}


@pytest.mark.parametrize("name", RIGHT)
def test_content_must_have_the_checksum_that_was_announced(name: str) -> None:
    headers = Headers([(name.title(), RIGHT[name])])
    wrong = name.removeprefix("x-amz-checksum-").upper() if name != "content-md5" else "Content-MD5"

    assert wrong_checksum(headers, lambda: CONTENT) is None
    assert wrong_checksum(headers, lambda: CONTENT + b"!") == wrong


def test_content_without_a_checksum_in_the_headers_isnt_read() -> None:
    def read() -> bytes:
        raise AssertionError("it was read")

    streamed = Headers({"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "content-md5": "x"})

    assert wrong_checksum(Headers(), read) is None
    assert wrong_checksum(streamed, read) is None


def test_a_checksum_behind_the_content_is_compared() -> None:
    def body(checksum: str) -> bytes:
        return b"9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:" + checksum.encode() + b"\r\n\r\n"

    given = {"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-trailer": "x-amz-checksum-crc32"}

    assert wrong_checksum(Headers(given), lambda: body(RIGHT["x-amz-checksum-crc32"])) is None
    assert wrong_checksum(Headers(given), lambda: body("AAAAAA==")) == "CRC32"
