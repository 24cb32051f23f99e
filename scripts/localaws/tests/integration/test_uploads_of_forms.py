"""Objects of every content type, uploaded in every way."""

from __future__ import annotations

import gzip
from typing import Any

import httpx
import pytest

BODIES = [
    b"a=1&b=2",
    b"key=value",
    b"\x00\xff\x01",
    b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nv\r\n--x--',
]


@pytest.fixture(scope="module")
def s3(cloud: Any) -> Any:
    client = cloud.client("s3")
    client.create_bucket(Bucket="forms")
    return client


def stored(s3: Any, key: str) -> tuple[bytes, str]:
    found = s3.get_object(Bucket="forms", Key=key)
    return found["Body"].read(), found["ContentType"]


@pytest.mark.proves("s3 content types")
@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", "text/csv"]
)
@pytest.mark.parametrize("body", BODIES)
def test_an_upload_is_stored_as_it_is(s3: Any, kind: str, body: bytes) -> None:
    target = {"Bucket": "forms", "ContentType": kind}
    s3.put_object(Key="put", Body=body, **target)
    assert stored(s3, "put") == (body, kind)

    url = s3.generate_presigned_url("put_object", Params={"Key": "presigned", **target})
    assert httpx.put(url, content=body, headers={"content-type": kind}, timeout=10).status_code == 200
    assert stored(s3, "presigned") == (body, kind)

    upload = s3.create_multipart_upload(Key="parts", **target)["UploadId"]
    part = {"Bucket": "forms", "Key": "parts", "UploadId": upload}
    tag = s3.upload_part(PartNumber=1, Body=body, **part)["ETag"]
    s3.complete_multipart_upload(MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]}, **part)
    assert stored(s3, "parts") == (body, kind)


def test_a_compressed_object_stays_compressed(s3: Any) -> None:
    body = gzip.compress(b"a=1")
    kind = "application/x-www-form-urlencoded"
    s3.put_object(Bucket="forms", Key="gz", Body=body, ContentType=kind, ContentEncoding="gzip")
    assert stored(s3, "gz") == (body, kind)


def test_a_browsers_form_uploads_an_object(s3: Any) -> None:
    post = s3.generate_presigned_post("forms", "posted/${filename}")
    answer = httpx.post(post["url"], data=post["fields"], files={"file": ("n.txt", b"content", "text/plain")})
    assert answer.status_code == 204
    assert stored(s3, "posted/n.txt")[0] == b"content"
