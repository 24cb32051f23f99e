"""Deletions of several objects, as S3 answers them.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from moto.s3.exceptions import AccessDeniedByLock, MalformedXML, S3ClientError

_MOST = 1000
# Contents of elements have no unescaped `<`.
_OBJECT = re.compile(rb"<Object\b")
_CONDITION = re.compile(rb"<(?:ETag|LastModifiedTime|Size)\b")
_QUIET = re.compile(rb"<Quiet>\s*true\s*</Quiet>")
_DELETED = re.compile(rb"<Deleted>.*?</Deleted>", re.DOTALL)


def checked(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Response._bucket_response_delete_keys; raises S3ClientError."""

    def delete(handler: Any, bucket_name: str, authenticated: bool = True) -> Any:
        asked = _bytes(handler.body)
        if len(_OBJECT.findall(asked)) > _MOST:
            raise MalformedXML
        if _CONDITION.search(asked):
            raise S3ClientError("UnsupportedByLocalAws", "Local AWS doesn't support conditions of DeleteObjects.")
        status, headers, body = original(handler, bucket_name, authenticated)
        return status, headers, _DELETED.sub(b"", _bytes(body)) if _QUIET.search(asked) else body

    return delete


def several(
    backend: Any, bucket_name: str, objects: list[dict[str, Any]], bypass_retention: bool = False
) -> tuple[list[tuple[str, str | None, str | None]], list[str]]:
    """Replace S3Backend.delete_objects: (key, version, its delete marker's version) of each; and the locked keys."""
    deleted, locked = [], []
    for each in objects:
        key, version = each["Key"], each.get("VersionId")
        try:
            _, meta = backend.delete_object(bucket_name, key, version_id=version, bypass=bypass_retention)
        except AccessDeniedByLock:
            locked.append(key)
            continue
        marker = meta.get("version-id") if meta.get("delete-marker") else None
        deleted.append((key, version, marker))
    return deleted, locked


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
