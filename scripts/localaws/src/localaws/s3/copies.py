"""Conditions of copies: moto checks one of the six.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse

from moto.core.utils import str_to_rfc_1123_datetime
from moto.s3.exceptions import MissingKey, PreconditionFailed, S3ClientError

_SOURCE = "x-amz-copy-source"


def checked_copy(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap S3Response.copy_object and upload_part_copy; raises PreconditionFailed."""

    def copy(handler: Any) -> Any:
        source = _source(handler)
        if source is not None:
            _check_source(handler.headers, source)
            _check_range(handler.headers.get(f"{_SOURCE}-range"), source.size)
        _check_target(handler, handler.backend.get_object(handler.bucket_name, handler.parse_key_name()))
        status, headers, body = original(handler)
        if source is not None and handler.backend.get_bucket(source.bucket_name).is_versioned:
            headers[f"{_SOURCE}-version-id"] = source.version_id
        return status, headers, body

    return copy


def _source(handler: Any) -> Any:
    parsed = urlparse(str(handler.headers[_SOURCE]))
    bucket, _, key = unquote(parsed.path).lstrip("/").partition("/")
    if not key:
        raise S3ClientError("InvalidArgument", "Invalid copy source object key")
    version = parse_qs(parsed.query).get("versionId", [None])[0]
    return handler.backend.get_object(bucket, key, version_id=version)


def _check_source(headers: Any, source: Any) -> None:
    matches, differs = headers.get(f"{_SOURCE}-if-match"), headers.get(f"{_SOURCE}-if-none-match")
    modified, unmodified = (
        headers.get(f"{_SOURCE}-if-{kind}-since") and str_to_rfc_1123_datetime(headers[f"{_SOURCE}-if-{kind}-since"])
        for kind in ("modified", "unmodified")
    )
    changed: datetime = source.last_modified.replace(microsecond=0)
    if matches and not _same(matches, source.etag):
        raise PreconditionFailed(f"{_SOURCE}-If-Match")
    if unmodified and not matches and changed > unmodified:
        raise PreconditionFailed(f"{_SOURCE}-If-Unmodified-Since")
    if differs and _same(differs, source.etag):
        raise PreconditionFailed(f"{_SOURCE}-If-None-Match")
    if modified and not differs and changed <= modified:
        raise PreconditionFailed(f"{_SOURCE}-If-Modified-Since")


def _check_range(wanted: str | None, size: int) -> None:
    if wanted is None:
        return
    found = re.fullmatch(r"bytes=(\d+)-(\d+)", wanted)
    if not found:
        form = "bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy"
        raise S3ClientError("InvalidArgument", f"The {_SOURCE}-range value must be of the form {form}")
    if int(found[1]) > int(found[2]) or int(found[2]) >= size:
        raise S3ClientError("InvalidArgument", f"Range specified is not valid for source object of size: {size}")


def _check_target(handler: Any, existing: Any) -> None:
    wanted = handler.headers.get("If-Match")
    if wanted and existing is None:
        raise MissingKey(key=handler.parse_key_name())
    if wanted and not _same(wanted, existing.etag):
        raise PreconditionFailed("If-Match")
    if handler.headers.get("If-None-Match") == "*" and existing is not None:
        raise PreconditionFailed("If-None-Match")


def _same(one: str, other: str) -> bool:
    return one.replace('"', "") == other.replace('"', "")
