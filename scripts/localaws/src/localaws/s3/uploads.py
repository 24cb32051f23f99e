"""Multipart uploads: which parts they have, in which order.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from moto.s3.exceptions import InvalidPartOrder, NoSuchUpload


def existing(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Backend's operations on an upload; raises NoSuchUpload if there's none with its id."""

    def operate(backend: Any, bucket_name: str, upload: str, *args: Any, **options: Any) -> Any:
        if upload not in backend.get_bucket(bucket_name).multiparts:
            raise NoSuchUpload(upload_id=upload)
        return original(backend, bucket_name, upload, *args, **options)

    return operate


def ordered(original: Callable[..., Iterable[tuple[int, str]]]) -> Callable[..., list[tuple[int, str]]]:
    """Wrap S3Response._complete_multipart_body, which returns numbers and tags of parts; raises InvalidPartOrder."""

    def parts(handler: Any, body: bytes) -> list[tuple[int, str]]:
        found = list(original(handler, body))
        numbers = [number for number, _ in found]
        if numbers != sorted(set(numbers)):
            raise InvalidPartOrder
        return found

    return parts


def completing(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap FakeMultipart.complete, so that the upload has no other parts than those of its object afterwards."""

    def complete(upload: Any, parts: list[tuple[int, str]]) -> Any:
        answer = original(upload, parts)
        upload.partlist = [number for number, _ in parts]
        return answer

    return complete
