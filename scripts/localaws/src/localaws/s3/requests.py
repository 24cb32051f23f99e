"""What S3 refuses before it looks at an object: presigned URLs that have expired, contents with another checksum.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from botocore import httpchecksum

from localaws.s3.trailers import dechunked


class _Headers(Protocol):
    def get(self, key: str, /) -> str | None:
        """The value of a header, in any case."""


_ALGORITHMS = {
    "CRC32": httpchecksum.Crc32Checksum,
    "CRC32C": httpchecksum.CrtCrc32cChecksum,
    "CRC64NVME": httpchecksum.CrtCrc64NvmeChecksum,
    "SHA1": httpchecksum.Sha1Checksum,
    "SHA256": httpchecksum.Sha256Checksum,
}


def has_expired(parameters: Mapping[str, str], now: float) -> bool:
    """Whether a presigned URL with these query parameters was valid until a time before `now`, in epoch seconds."""
    if "X-Amz-Signature" in parameters:
        try:
            signed = datetime.strptime(parameters["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            return now > signed.timestamp() + int(parameters["X-Amz-Expires"])
        except (KeyError, ValueError):
            return False
    expires = parameters.get("Expires", "")
    return "Signature" in parameters and expires.isdigit() and now > int(expires)


def wrong_checksum(headers: _Headers, content: Callable[[], bytes]) -> str | None:
    """The name of the checksum that the content doesn't have, e.g. SHA256, or None; `content` is read if there's one.

    Contents that are sent in chunks have their checksum behind them.
    """
    given: _Headers | dict[str, str] = headers
    if (headers.get("x-amz-content-sha256") or "").startswith("STREAMING-"):
        if not (headers.get("x-amz-trailer") or "").startswith("x-amz-checksum-"):
            return None
        decoded, given = dechunked(content())
        content = partial(bytes, decoded)
    for name, algorithm in _ALGORITHMS.items():
        announced = given.get(f"x-amz-checksum-{name.lower()}")
        if announced and algorithm().handle(content()) != announced.strip():
            return name
    digest = given.get("content-md5")
    wrong = digest and base64.b64encode(hashlib.md5(content()).digest()).decode() != digest.strip()  # noqa: S324
    return "Content-MD5" if wrong else None
