"""What S3 refuses before it looks at an object: contents with another checksum.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import partial
from typing import Protocol

from localaws.s3.checksums import ALGORITHMS
from localaws.s3.refusals import Refusal
from localaws.s3.trailers import dechunked


class _Headers(Protocol):
    def get(self, key: str, /) -> str | None:
        """The value of a header, in any case."""


_MD5_SIZE = 16


def wrong_checksum(headers: _Headers, content: Callable[[], bytes]) -> Refusal | None:
    """Why S3 refuses a content by its checksums, or None; `content` is read if there's one.

    Contents that are sent in chunks have their checksum behind them.
    """
    given: _Headers | dict[str, str] = headers
    if (headers.get("x-amz-content-sha256") or "").startswith("STREAMING-"):
        decoded, trailers = dechunked(content())
        if len(decoded) != int(headers.get("x-amz-decoded-content-length") or len(decoded)):
            message = "You did not provide the number of bytes specified by the Content-Length HTTP header"
            return Refusal("IncompleteBody", message)
        if not (headers.get("x-amz-trailer") or "").startswith("x-amz-checksum-"):
            return None
        given, content = trailers, partial(bytes, decoded)
    for name, algorithm in ALGORITHMS.items():
        announced = given.get(f"x-amz-checksum-{name.lower()}")
        if not announced or announced.count("-") == 1:
            continue
        computed = algorithm().handle(content())
        if not _is_digest(announced, len(base64.b64decode(computed))):
            return Refusal("InvalidRequest", f"Value for x-amz-checksum-{name.lower()} header is invalid.")
        if computed != announced.strip():
            return Refusal("BadDigest", f"The {name} you specified did not match the calculated checksum.")
    digest = given.get("content-md5")
    if not digest:
        return None
    if not _is_digest(digest, _MD5_SIZE):
        return Refusal("InvalidDigest", "The Content-MD5 you specified was invalid.")
    computed = base64.b64encode(hashlib.md5(content()).digest()).decode()  # noqa: S324
    message = "The Content-MD5 you specified did not match what we received."
    details = {"ExpectedDigest": digest, "CalculatedDigest": computed}
    return None if computed == digest.strip() else Refusal("BadDigest", message, 400, details)


def _is_digest(text: str, size: int) -> bool:
    try:
        return len(base64.b64decode(text.strip(), validate=True)) == size
    except ValueError:
        return False
