"""Checksums of objects: every new one has one, CRC64NVME unless the client chooses another.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

from botocore import httpchecksum
from flask import request
from moto.core.responses import ActionResult
from moto.s3.exceptions import S3ClientError

ALGORITHMS = {
    "CRC32": httpchecksum.Crc32Checksum,
    "CRC32C": httpchecksum.CrtCrc32cChecksum,
    "CRC64NVME": httpchecksum.CrtCrc64NvmeChecksum,
    "SHA1": httpchecksum.Sha1Checksum,
    "SHA256": httpchecksum.Sha256Checksum,
}
DEFAULT = "CRC64NVME"
FULL, COMPOSITE = "FULL_OBJECT", "COMPOSITE"
_HEADER = "x-amz-checksum-"
# Requests on an object that don't store one.
_SUBRESOURCES = ("acl", "legal-hold", "retention", "tagging")
# Of the others an object's checksum can't be made of its parts', or only so.
_TYPES = {
    "CRC32": (COMPOSITE, FULL),
    "CRC32C": (COMPOSITE, FULL),
    "CRC64NVME": (FULL,),
    "SHA1": (COMPOSITE,),
    "SHA256": (COMPOSITE,),
}


def chosen(given: Mapping[str, str]) -> str | None:
    """The algorithm that the headers of an upload choose, by its name, by a checksum, or by one that trails."""
    headers = {name.lower(): value for name, value in given.items()}
    named = headers.get("x-amz-sdk-checksum-algorithm") or headers.get("x-amz-checksum-algorithm")
    trailer = headers.get("x-amz-trailer", "").strip().lower()
    sent = (name for name in ALGORITHMS if f"{_HEADER}{name.lower()}" in headers)
    behind = trailer.removeprefix(_HEADER).upper() if trailer.startswith(_HEADER) else None
    algorithm = named.upper() if named else next(sent, behind)
    if algorithm is not None and algorithm not in ALGORITHMS:
        valid = ", ".join(ALGORITHMS)
        message = f"Checksum algorithm provided is unsupported. Please try again with any of the valid types: [{valid}]"
        raise S3ClientError("InvalidRequest", message)
    return algorithm


def digest(content: bytes, algorithm: str) -> str:
    """The checksum of a content, in base64."""
    return str(ALGORITHMS[algorithm]().handle(content))


def of_parts(parts: list[bytes], algorithm: str, kind: str) -> str:
    """The checksum of an object that was uploaded in parts."""
    if kind == FULL:
        computed = ALGORITHMS[algorithm]()
        for part in parts:
            computed.update(part)
        return base64.b64encode(computed.digest()).decode()
    joined = b"".join(base64.b64decode(digest(part, algorithm)) for part in parts)
    return f"{digest(joined, algorithm)}-{len(parts)}"


def type_of_upload(headers: Mapping[str, str]) -> tuple[str | None, str | None]:
    """The algorithm and type of the checksum that a new multipart upload asks for; raises S3ClientError."""
    algorithm, kind = chosen(headers), headers.get("X-Amz-Checksum-Type")
    if algorithm is None:
        return None, None
    if kind and kind not in _TYPES[algorithm]:
        message = f"The {kind} checksum type cannot be used with the {algorithm.lower()} checksum algorithm."
        raise S3ClientError("InvalidRequest", message)
    return algorithm, kind or _TYPES[algorithm][0]


def for_upload(handler: Any, response_headers: dict[str, Any]) -> tuple[str, str | None]:
    """Replace S3Response._get_checksum: the algorithm and checksum of what's uploaded, which the answer has too."""
    if any(name in handler.querystring for name in _SUBRESOURCES) or "x-amz-copy-source" in handler.headers:
        return "", None
    algorithm = chosen(handler.headers)
    if algorithm is None and "uploadId" in handler.querystring:
        return "", None
    algorithm = algorithm or DEFAULT
    computed = digest(handler.body or b"", algorithm)
    response_headers[f"{_HEADER}{algorithm.lower()}"] = computed
    if "uploadId" not in handler.querystring:
        response_headers["x-amz-checksum-type"] = FULL
    return algorithm, computed


def of_object(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Backend.put_object: also an object of a browser's form has a checksum."""

    def put_object(backend: Any, bucket_name: str, key_name: str, value: bytes, *args: Any, **options: Any) -> Any:
        key = original(backend, bucket_name, key_name, value, *args, **options)
        if key.multipart is None:
            key.checksum_type = FULL
            if key.checksum_value is None:
                key.checksum_algorithm, key.checksum_value = DEFAULT, digest(key.value, DEFAULT)
        return key

    return put_object


def of_copy(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Backend.copy_object: a copy has the algorithm of its source, for the whole object."""

    def copy_object(backend: Any, src_key: Any, dest_bucket_name: str, dest_key_name: str, **options: Any) -> Any:
        answer = original(backend, src_key, dest_bucket_name, dest_key_name, **options)
        copy = backend.get_object(dest_bucket_name, dest_key_name)
        # The parts are the source's.
        copy.multipart = None
        copy.checksum_algorithm = src_key.checksum_algorithm or DEFAULT
        copy.checksum_type = FULL
        copy.checksum_value = digest(copy.value, copy.checksum_algorithm)
        return answer

    return copy_object


def shown(headers: dict[str, Any], key: Any) -> None:
    """Add the checksum of an object to the headers of an answer, if the current request asks for it."""
    for name in [name for name in headers if name.lower().startswith(_HEADER)]:
        del headers[name]
    if request.headers.get("x-amz-checksum-mode") == "ENABLED" and key.checksum_value:
        headers[f"{_HEADER}{key.checksum_algorithm.lower()}"] = key.checksum_value
        headers["x-amz-checksum-type"] = key.checksum_type


def adding(handler: Any, extra: Callable[[dict[str, Any]], Mapping[str, Any]]) -> None:
    """Add members to the result that a handler is about to write."""
    write = handler.serialized

    def serialized(answer: ActionResult) -> Any:
        # It may be an error.
        found = answer.result
        return write(ActionResult({**found, **extra(found)}) if isinstance(found, dict) else answer)

    handler.serialized = serialized
