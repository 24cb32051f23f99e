"""Reads of delete markers and of parts, and the headers of objects.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.s3.exceptions import MethodNotAllowed, MissingKey, S3ClientError
from moto.s3.models import FakeDeleteMarker


def checked_get(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap S3Response.get_object: a delete marker is none of S3's objects, and says so; raises S3ClientError."""

    def get_object(handler: Any) -> Any:
        version = handler.querystring.get("versionId", [None])[0]
        key_name = handler.parse_key_name()
        found = handler.backend.get_object(handler.bucket_name, key_name, version_id=version, return_delete_marker=True)
        if isinstance(found, FakeDeleteMarker):
            handler.response_headers |= {"x-amz-delete-marker": "true", "x-amz-version-id": found.version_id}
            raise MethodNotAllowed(method="GET", resource_type="DeleteMarker") if version else MissingKey(key=key_name)
        if found is not None and found.multipart and handler.querystring.get("partNumber"):
            raise S3ClientError("UnsupportedByLocalAws", "Local AWS doesn't support reading a part of an object.")
        return original(handler)

    return get_object


def with_encryption(original: property) -> property:
    """Wrap FakeKey.response_dict, the headers of an object: S3 encrypts every object, by default with its own keys."""

    def headers(key: Any) -> dict[str, Any]:
        return {"x-amz-server-side-encryption": "AES256", **original.__get__(key)}

    return property(headers)
