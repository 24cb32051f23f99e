"""Tags that S3 refuses.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from moto.s3.exceptions import InvalidTagError, S3ClientError

_MOST_TAGS = 50


def checked_bucket_tags(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap S3Response._bucket_tagging_from_body; raises S3ClientError."""

    def tags(handler: Any) -> Any:
        found = original(handler)
        if len(found) > _MOST_TAGS:
            raise S3ClientError("BadRequest", f"Bucket tag count cannot be greater than {_MOST_TAGS}")
        return found

    return tags


def checked_tag_header(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Response._tagging_from_headers, which loses a tag whose key another has; raises S3ClientError."""

    def tags(handler: Any, headers: Mapping[str, str]) -> Any:
        keys = [key for key, _ in parse_qsl(headers.get("x-amz-tagging", ""), keep_blank_values=True)]
        if len(set(keys)) < len(keys):
            message = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters "
            raise S3ClientError("InvalidArgument", f"{message}without tag name duplicates.")
        return original(handler, headers)

    return tags


def checked_tags(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap S3Response._tagging_from_xml, which loses a tag whose key another has; raises InvalidTagError."""

    def tags(handler: Any) -> Any:
        found = original(handler)
        if handler.body.count(b"<Key>" if isinstance(handler.body, bytes) else "<Key>") > len(found):
            raise InvalidTagError("Cannot provide multiple Tags with the same key")
        return found

    return tags
