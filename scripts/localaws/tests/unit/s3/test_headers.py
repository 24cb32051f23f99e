"""What S3 refuses by headers, keys and parameters, and the headers that it ignores."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import Headers

from localaws.s3.headers import drop_ignored, is_bucket_name, is_foreign, refusal
from localaws.s3.trailers import dechunked


@pytest.mark.parametrize("name", ["abc", "a-b.c", "0" * 63, "my-bucket-1"])
def test_names_of_buckets(name: str) -> None:
    assert is_bucket_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "Abc",
        "a..b",
        "192.168.5.4",
        "xn--abc",
        "a_b",
        "abc-",
        ".abc",
        "a" * 64,
        "abc-s3alias",
        "abc--ol-s3",
        "a.-b",
    ],
)
def test_other_names_are_refused(name: str) -> None:
    assert not is_bucket_name(name)
    found = refusal("PUT", f"/{name}", {}, Headers())
    assert found is not None
    assert found.code == "InvalidBucketName"


@pytest.mark.parametrize(
    ("path", "parameters", "headers", "code"),
    [
        ("/b/" + "k" * 1025, {}, {}, "KeyTooLongError"),
        ("/b/" + "ä" * 513, {}, {}, "KeyTooLongError"),
        ("/b/k", {}, {"x-amz-meta-k": "v" * 2048}, "MetadataTooLarge"),
        ("/b/k", {}, {"If-None-Match": '"tag"'}, "NotImplemented"),
        ("/b/k", {"uploadId": "u", "partNumber": "0"}, {}, "InvalidArgument"),
        ("/b/k", {"uploadId": "u", "partNumber": "10001"}, {}, "InvalidArgument"),
        ("/b/k", {}, {"x-amz-server-side-encryption-customer-key": "k"}, "NotImplemented"),
        ("/b/k", {}, {"x-amz-write-offset-bytes": "1"}, "NotImplemented"),
        ("/b/k", {"versionId": "v"}, {}, "InvalidArgument"),
        ("/b/k", {}, {"x-amz-server-side-encryption": "other"}, "InvalidArgument"),
        ("/b/k", {}, {"x-amz-tagging-directive": "OTHER"}, "InvalidArgument"),
        ("/b", {"max-keys": "-1"}, {}, "InvalidArgument"),
        ("/b", {"encoding-type": "other"}, {}, "InvalidArgument"),
        ("/b", {"version-id-marker": "v"}, {}, "InvalidArgument"),
    ],
)
def test_uploads_are_refused(path: str, parameters: dict[str, str], headers: dict[str, str], code: str) -> None:
    found = refusal("PUT", path, parameters, Headers(headers))

    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    ("path", "parameters", "headers"),
    [
        ("/b/" + "k" * 1024, {}, {"x-amz-meta-k": "v" * 2047}),
        ("/b/k", {"uploadId": "u", "partNumber": "10000"}, {"If-None-Match": "*"}),
        ("/b", {"versioning": ""}, {}),
    ],
)
def test_other_uploads_are_not(path: str, parameters: dict[str, str], headers: dict[str, str]) -> None:
    assert refusal("PUT", path, parameters, Headers(headers)) is None


def test_a_bucket_has_its_expected_owner() -> None:
    for name in ("x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"):
        assert is_foreign(Headers({name: "999999999999"}), "123456789012")
        assert not is_foreign(Headers({name: "123456789012"}), "123456789012")
    assert not is_foreign(Headers(), "123456789012")


@pytest.mark.parametrize(
    ("given", "kept"), [("bytes=0-", True), ("bytes=-3", True), ("lines=1-2", False), ("bytes=0-1,3-4", False)]
)
def test_ranges_of_another_form_are_ignored(given: str, kept: bool) -> None:
    environ = {"HTTP_RANGE": given}

    drop_ignored(environ)

    assert ("HTTP_RANGE" in environ) is kept


def test_a_tag_supersedes_a_time() -> None:
    environ = {"HTTP_IF_MATCH": "t", "HTTP_IF_UNMODIFIED_SINCE": "d", "HTTP_IF_MODIFIED_SINCE": "d"}

    drop_ignored(environ)

    assert environ == {"HTTP_IF_MATCH": "t", "HTTP_IF_MODIFIED_SINCE": "d"}


@pytest.mark.parametrize(
    "body",
    [
        b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
        b"2;chunk-signature=s\r\nhe\r\n3;chunk-signature=s\r\nllo\r\n0;chunk-signature=s\r\n"
        b"X-Amz-Checksum-Crc32: NhCmhg==\r\n\r\n",
    ],
)
def test_chunks_are_joined_and_trailers_read(body: bytes) -> None:
    assert dechunked(body) == (b"hello", {"x-amz-checksum-crc32": "NhCmhg=="})
