"""Multipart uploads: which parts they have, in which order, and what their object is.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from typing import Any

from flask import request
from moto.core.utils import utcnow
from moto.s3.exceptions import EntityTooSmall, InvalidPart, InvalidPartOrder, MalformedXML, NoSuchUpload, S3ClientError

from localaws.s3 import checksums, lifecycles
from localaws.s3.checksums import adding

_OF_COMPLETED = ("x-amz-expiration", "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id")
_SMALLEST_PART = 5 * 1024 * 1024


def existing(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Backend's operations on an upload; raises NoSuchUpload if there's none with its id."""

    def operate(backend: Any, bucket_name: str, upload: str, *args: Any, **options: Any) -> Any:
        if upload not in backend.get_bucket(bucket_name).multiparts:
            raise NoSuchUpload(upload_id=upload)
        return original(backend, bucket_name, upload, *args, **options)

    return operate


def started(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Backend.create_multipart_upload: notes when, and the checksum that the object will have."""

    def create(backend: Any, bucket_name: str, key_name: str, metadata: Any, *args: Any, **options: Any) -> Any:
        algorithm, kind = checksums.type_of_upload(dict(request.headers))
        if algorithm:
            metadata["x-amz-checksum-algorithm"], metadata["x-amz-checksum-type"] = algorithm, kind
        upload = original(backend, bucket_name, key_name, metadata, *args, **options)
        upload.initiated = utcnow()
        return upload

    return create


def answered(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Response._key_response_post: an upload's answers have its encryption, and when a rule aborts it."""

    def post(handler: Any, asked: Any, body: bytes, bucket_name: str, query: Mapping[str, Any], key_name: str) -> Any:
        status, headers, content = original(handler, asked, body, bucket_name, query, key_name)
        if status == 200 and "uploads" in query:
            bucket = handler.backend.get_bucket(bucket_name)
            headers.setdefault("x-amz-server-side-encryption", "AES256")
            headers |= lifecycles.abortion(bucket, key_name, utcnow())
        elif status == 200 and "uploadId" in query:
            key = handler.backend.get_object(bucket_name, key_name)
            known = {name: value for name, value in key.response_dict.items() if name in _OF_COMPLETED}
            headers |= known
            if not key._is_versioned:
                headers.pop("x-amz-version-id", None)
        return status, headers, content

    return post


def ordered(original: Callable[..., Iterable[tuple[int, str]]]) -> Callable[..., list[tuple[int, str]]]:
    """Wrap S3Response._complete_multipart_body, which returns numbers and tags of parts; raises InvalidPartOrder."""

    def parts(handler: Any, body: bytes) -> list[tuple[int, str]]:
        found = list(original(handler, body))
        numbers = [number for number, _ in found]
        if numbers != sorted(set(numbers)):
            raise InvalidPartOrder
        adding(handler, lambda _: _completed(handler))
        return found

    return parts


def complete(upload: Any, asked: list[tuple[int, str]]) -> tuple[bytes, str, tuple[str, str, int]]:
    """Replace FakeMultipart.complete: the content of the object, its tag, and its checksum.

    Afterwards the upload has no other parts than those of its object. Raises S3ClientError.
    """
    parts = [upload.parts.get(number) for number, _ in asked]
    if not parts:
        raise MalformedXML
    for part, (_, tag) in zip(parts, asked, strict=True):
        if part is None or part.etag.strip('"') != tag.replace('"', ""):
            raise InvalidPart
    if any(part.contentsize < _SMALLEST_PART for part in parts[:-1]):
        raise EntityTooSmall
    contents = [part.value for part in parts]
    algorithm = upload.metadata.get("x-amz-checksum-algorithm") or checksums.DEFAULT
    kind = upload.metadata.get("x-amz-checksum-type") or checksums.FULL
    checksum = checksums.of_parts(contents, algorithm, kind)
    given = request.headers.get(f"x-amz-checksum-{algorithm.lower()}")
    if given and given != checksum and f"{given}-{len(parts)}" != checksum:
        raise S3ClientError("BadDigest", f"The {algorithm} you specified did not match the calculated checksum.")
    tags = hashlib.md5(b"".join(bytes.fromhex(part.etag.strip('"')) for part in parts), usedforsecurity=False)
    upload.partlist = [number for number, _ in asked]
    # moto closes the parts' contents.
    upload.part_checksums = [checksums.digest(content, algorithm) for content in contents]
    return b"".join(contents), f"{tags.hexdigest()}-{len(parts)}", (kind, checksum, len(parts))


def completed(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap S3Backend.complete_multipart_upload: moto forgets the algorithm if the client has chosen none."""

    def operate(backend: Any, bucket_name: str, multipart_id: str, body: Any) -> Any:
        key = original(backend, bucket_name, multipart_id, body)
        key.checksum_algorithm = key.checksum_algorithm or checksums.DEFAULT
        return key

    return operate


def listed(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap S3Response.list_parts, whose result lacks the storage class and the checksums."""

    def list_parts(handler: Any) -> Any:
        upload = _upload(handler)
        algorithm: str = (upload and upload.metadata.get("x-amz-checksum-algorithm")) or ""

        def more(result: Mapping[str, Any]) -> dict[str, Any]:
            named = f"Checksum{algorithm}"
            parts = [
                {**part, named: checksums.digest(upload.parts[part["PartNumber"]].value, algorithm)}
                for part in result["Parts"]
            ]
            return {"Parts": parts, "ChecksumAlgorithm": algorithm, "ChecksumType": _type(upload)}

        adding(handler, lambda result: {"StorageClass": upload.storage, **(more(result) if algorithm else {})})
        return original(handler)

    return list_parts


def uploads(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap S3Response.list_multipart_uploads, which has no prefixes, pages and times."""

    def list_uploads(handler: Any) -> Any:
        adding(handler, lambda result: _page(handler, result))
        return original(handler)

    return list_uploads


def _page(handler: Any, result: Mapping[str, Any]) -> dict[str, Any]:
    asked = {name: values[0] for name, values in handler.querystring.items()}
    prefix, delimiter = asked.get("prefix", ""), asked.get("delimiter")
    most = min(int(asked.get("max-uploads", 1000)), 1000)
    marker = (asked.get("key-marker", ""), asked.get("upload-id-marker", ""))
    stored = handler.backend.list_multipart_uploads(handler.bucket_name)
    found: dict[tuple[str, str], dict[str, Any] | None] = {}
    for each in result["Uploads"]:
        upload, key = stored[each["UploadId"]], each["Key"]
        rest = key[len(prefix) :]
        folder = f"{prefix}{rest.partition(delimiter)[0]}{delimiter}" if delimiter and delimiter in rest else None
        if folder:
            found[folder, ""] = None
        else:
            moment = upload.initiated.replace(tzinfo=UTC)
            initiated = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            found[key, each["UploadId"]] = {**each, "StorageClass": upload.storage, "Initiated": initiated}
    # Without an upload's id, the marker skips the whole key.
    names = sorted(name for name in found if (name > marker if marker[1] else name[0] > marker[0]))
    page = names[:most]
    answer = {
        "Uploads": [found[name] for name in page if found[name]],
        "CommonPrefixes": [{"Prefix": name[0]} for name in page if found[name] is None],
        "Prefix": prefix,
        "MaxUploads": most,
        "IsTruncated": len(names) > most,
        "KeyMarker": marker[0],
        "UploadIdMarker": marker[1],
    }
    if delimiter:
        answer["Delimiter"] = delimiter
    if page and len(names) > most:
        answer["NextKeyMarker"], answer["NextUploadIdMarker"] = page[-1]
    return answer


def _completed(handler: Any) -> dict[str, Any]:
    key = handler.backend.get_object(handler.bucket_name, handler.parse_key_name())
    location = f"{request.host_url}{handler.bucket_name}/{key.name}"
    checksum = {f"Checksum{key.checksum_algorithm}": key.checksum_value, "ChecksumType": key.checksum_type}
    return {"Location": location, **checksum}


def _upload(handler: Any) -> Any:
    return handler.backend.get_bucket(handler.bucket_name).multiparts.get(handler._get_param("uploadId"))


def _type(upload: Any) -> str:
    return str(upload.metadata.get("x-amz-checksum-type"))
