"""Reads of delete markers and of parts, and the headers of objects.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from moto.s3.exceptions import InvalidRange, MethodNotAllowed, MissingKey, S3ClientError
from moto.s3.models import FakeDeleteMarker, s3_backends

from localaws.s3 import checksums, lifecycles


def checked_get(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap S3Response.get_object: a delete marker is none of S3's objects, and says so; raises S3ClientError."""

    def get_object(handler: Any) -> Any:
        version = handler.querystring.get("versionId", [None])[0]
        key_name = handler.parse_key_name()
        found = handler.backend.get_object(handler.bucket_name, key_name, version_id=version, return_delete_marker=True)
        if isinstance(found, FakeDeleteMarker):
            handler.response_headers |= {"x-amz-delete-marker": "true", "x-amz-version-id": found.version_id}
            raise MethodNotAllowed(method="GET", resource_type="DeleteMarker") if version else MissingKey(key=key_name)
        if found is not None and handler.querystring.get("partNumber"):
            _part_range(found, handler.querystring["partNumber"][0])
        wanted = handler.headers.get("Range")
        if found is not None and wanted and found.size == 0:
            raise InvalidRange(range_requested=wanted, actual_size="0")
        answer = original(handler)
        return _one_part(handler, found, *answer) if handler.querystring.get("partNumber") else _shown(found, *answer)

    return get_object


def checked_head(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Response.head_object, which has no types of checksums and takes numbers of parts that aren't there."""

    def head_object(handler: Any, bucket_name: str, query: dict[str, Any], key_name: str, headers: Any) -> Any:
        version = query.get("versionId", [None])[0]
        found = handler.backend.get_object(bucket_name, key_name, version_id=version)
        if found is not None and query.get("partNumber"):
            _part_range(found, query["partNumber"][0])
        answer = original(handler, bucket_name, query, key_name, headers)
        return _shown(found, *answer)

    return head_object


def with_parts(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap S3Response.get_object_attributes, which has no parts."""

    def get_object_attributes(handler: Any) -> Any:
        version = handler.querystring.get("versionId", [None])[0]
        key = handler.backend.get_object(handler.bucket_name, handler.parse_key_name(), version_id=version)
        asked = [name.strip() for name in handler.headers.get("x-amz-object-attributes", "").split(",")]
        if key is not None and key.multipart and "ObjectParts" in asked:
            checksums.adding(handler, lambda _: {"ObjectParts": _parts(key)})
        return original(handler)

    return get_object_attributes


def _parts(key: Any) -> dict[str, Any]:
    numbers = key.multipart.partlist
    found: dict[str, Any] = {"TotalPartsCount": len(numbers)}
    if key.checksum_type == checksums.COMPOSITE:
        named = f"Checksum{key.checksum_algorithm}"
        found["Parts"] = [
            {"PartNumber": number, "Size": key.multipart.parts[number].size, named: checksum}
            for number, checksum in zip(numbers, key.multipart.part_checksums, strict=True)
        ]
        found |= {"PartNumberMarker": 0, "NextPartNumberMarker": numbers[-1], "MaxParts": 1000, "IsTruncated": False}
    return found


def _own_key(key: Any) -> str:
    """The ARN of the key that AWS keeps for S3 in an account."""
    identifier = uuid.uuid5(uuid.NAMESPACE_URL, f"{key.account_id}/{key.region_name}/aws/s3")
    return f"arn:aws:kms:{key.region_name}:{key.account_id}:key/{identifier}"


def _shown(key: Any, status: int, headers: dict[str, Any], body: Any) -> Any:
    if status in (200, 206) and key is not None:
        checksums.shown(headers, key)
    return status, headers, body


def _one_part(handler: Any, key: Any, status: int, headers: dict[str, Any], body: bytes) -> Any:
    """The answer with one part of an object: another object than an upload's has one."""
    if status not in (200, 206):
        return status, headers, body
    start, end = _part_range(key, handler.querystring["partNumber"][0])
    for name in [name for name in headers if name.lower().startswith("x-amz-checksum-")]:
        del headers[name]
    content = key.value[start:end]
    headers["content-length"] = str(len(content))
    if key.size:
        headers["content-range"] = f"bytes {start}-{end - 1}/{key.size}"
    if key.multipart:
        headers["x-amz-mp-parts-count"] = str(len(key.multipart.partlist))
    return 206, headers, content


def _part_range(key: Any, number: str) -> tuple[int, int]:
    """Where a part of an object begins and ends; raises S3ClientError."""
    sizes = [key.multipart.parts[part].size for part in key.multipart.partlist] if key.multipart else [key.size]
    if not number.isdigit() or int(number) < 1:
        raise S3ClientError("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
    if int(number) > len(sizes):
        raise InvalidPartNumber
    return sum(sizes[: int(number) - 1]), sum(sizes[: int(number)])


class InvalidPartNumber(S3ClientError):
    """An object has fewer parts."""

    status_code = 416

    def __init__(self) -> None:
        super().__init__("InvalidPartNumber", "The requested partnumber is not satisfiable")


def with_settings(original: property) -> property:
    """Wrap FakeKey.response_dict, the headers of an object: S3 encrypts each, by default with its own keys.

    An object that a lifecycle ends has the time too.
    """

    def headers(key: Any) -> dict[str, Any]:
        backend = s3_backends[key.account_id][key.partition]
        bucket = backend.buckets.get(key.bucket_name)
        end = lifecycles.expiration(bucket, key, backend.tagger.get_tag_dict_for_resource(key.arn)) if bucket else None
        known = {"x-amz-server-side-encryption": "AES256", **original.__get__(key)}
        if bucket and bucket.is_versioned:
            known["x-amz-version-id"] = key.version_id
        if key.encryption == "aws:kms" and not key.kms_key_id:
            known["x-amz-server-side-encryption-aws-kms-key-id"] = _own_key(key)
        return {**known, "x-amz-expiration": end} if end else known

    return property(headers)
