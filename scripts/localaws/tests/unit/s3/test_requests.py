"""Checksums of contents."""

from __future__ import annotations

import base64
import hashlib
import zlib

import pytest
from werkzeug.datastructures import Headers

from localaws.s3.requests import wrong_checksum

CONTENT = b"123456789"


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
    assert refused(headers, CONTENT + b"!").startswith(f"BadDigest: The {wrong} you specified did not match")


@pytest.mark.parametrize("name", RIGHT)
def test_a_checksum_of_another_form_is_named(name: str) -> None:
    for value in ("AA==", "?"):
        code = "InvalidDigest" if name == "content-md5" else "InvalidRequest"
        assert refused(Headers([(name, value)]), CONTENT).startswith(code)


def refused(headers: Headers, content: bytes) -> str:
    found = wrong_checksum(headers, lambda: content)
    assert found
    return f"{found.code}: {found.message}"


def test_content_without_a_checksum_in_the_headers_isnt_read() -> None:
    def read() -> bytes:
        raise AssertionError("it was read")

    assert wrong_checksum(Headers(), read) is None


def test_a_checksum_behind_the_content_is_compared() -> None:
    def body(checksum: str) -> bytes:
        return b"9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:" + checksum.encode() + b"\r\n\r\n"

    given = {"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-trailer": "x-amz-checksum-crc32"}

    assert wrong_checksum(Headers(given), lambda: body(RIGHT["x-amz-checksum-crc32"])) is None
    assert refused(Headers(given), body("AAAAAA==")).startswith("BadDigest: The CRC32")
    given["x-amz-decoded-content-length"] = "10"
    assert refused(Headers(given), body(RIGHT["x-amz-checksum-crc32"])).startswith("IncompleteBody")
