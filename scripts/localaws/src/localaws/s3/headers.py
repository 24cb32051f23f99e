"""What S3 refuses by the headers, key and parameters of a request, and what it ignores.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from werkzeug.datastructures import Headers

from localaws.s3.refusals import Refusal

_LONGEST_KEY = 1024
_LARGEST_METADATA = 2048
_MOST_PARTS = 10_000
_METADATA = "x-amz-meta-"
_BUCKET = re.compile(
    r"(?!xn--|sthree-|amzn-s3-demo-)"
    r"(?!.*(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$)(?!.*(?:\.\.|-\.|\.-))"
    r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
)
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_RANGE = re.compile(r"bytes=(?:\d+-\d*|-\d+)")
_VERSION = re.compile(r"null|[A-Za-z0-9._-]{32,}")
_ENCRYPTIONS = ("AES256", "aws:kms", "aws:kms:dsse")
_DIRECTIVES = ("COPY", "REPLACE")
_NUMBER = re.compile(r"\d{1,10}")
_OWNERS = ("x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner")
# Headers that change what's done, and that local AWS has nothing for.
_UNSUPPORTED = {
    "x-amz-server-side-encryption-customer-key": "encryption with keys of the customer",
    "x-amz-copy-source-server-side-encryption-customer-key": "encryption with keys of the customer",
    "x-amz-write-offset-bytes": "appending to objects",
}
# With the first header of a pair HTTP ignores the second.
_SUPERSEDED = (
    ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE"),
    ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"),
)


def drop_ignored(environ: MutableMapping[str, Any]) -> None:
    """Take the headers from a WSGI request that S3 ignores in it: superseded conditions, ranges of another form."""
    for winner, loser in _SUPERSEDED:
        if winner in environ:
            environ.pop(loser, None)
    if not _RANGE.fullmatch(environ.get("HTTP_RANGE", "bytes=0-")):
        del environ["HTTP_RANGE"]


def refusal(method: str, path: str, parameters: Mapping[str, str], headers: Headers) -> Refusal | None:
    """Why S3 refuses a request to /bucket/key, or None."""
    bucket, _, key = path.lstrip("/").partition("/")
    for name, feature in _UNSUPPORTED.items():
        if name in headers:
            return Refusal("NotImplemented", f"Local AWS doesn't support {feature} ({name}).", 501)
    if method == "PUT" and not key and not parameters and not is_bucket_name(bucket):
        return Refusal("InvalidBucketName", "The specified bucket is not valid.")
    for given, is_right, message in _values(parameters, headers):
        if given is not None and not is_right(given):
            return Refusal("InvalidArgument", message)
    if "version-id-marker" in parameters and not parameters.get("key-marker"):
        return Refusal("InvalidArgument", "A version-id marker cannot be specified without a key marker.")
    if key and method in ("PUT", "POST"):
        return _refused_upload(key, parameters, headers)
    return None


def is_foreign(headers: Headers, account: str) -> bool:
    """Whether a request expects that its buckets have another owner than an account."""
    return any(headers.get(name, account) != account for name in _OWNERS)


def _values(
    parameters: Mapping[str, str], headers: Headers
) -> Iterator[tuple[str | None, Callable[[str], object], str]]:
    """Values of a request, which may be missing, what they must be, and what S3 says otherwise."""
    yield parameters.get("versionId"), _VERSION.fullmatch, "Invalid version id specified"
    yield parameters.get("encoding-type"), "url".__eq__, "Invalid Encoding Method specified in Request"
    most = "Argument max-keys must be an integer between 0 and 2147483647"
    yield parameters.get("max-keys"), _NUMBER.fullmatch, most
    encryption = "The encryption method specified is not supported"
    yield headers.get("x-amz-server-side-encryption"), _ENCRYPTIONS.__contains__, encryption
    for kind in ("metadata", "tagging"):
        yield headers.get(f"x-amz-{kind}-directive"), _DIRECTIVES.__contains__, f"Unknown {kind} directive."


def is_bucket_name(name: str) -> bool:
    """Whether a bucket can have a name."""
    return bool(_BUCKET.fullmatch(name)) and not _ADDRESS.fullmatch(name)


def _refused_upload(key: str, parameters: Mapping[str, str], headers: Headers) -> Refusal | None:
    if len(key.encode()) > _LONGEST_KEY:
        return Refusal("KeyTooLongError", "Your key is too long")
    metadata = [(name, value) for name, value in headers.items() if name.lower().startswith(_METADATA)]
    if sum(len(name) - len(_METADATA) + len(value.encode()) for name, value in metadata) > _LARGEST_METADATA:
        return Refusal("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")
    if headers.get("If-None-Match", "*") != "*":
        # S3 has no such write: it answers so itself.
        return Refusal("NotImplemented", "A header you provided implies functionality that is not implemented", 501)
    number = parameters.get("partNumber", "")
    if "uploadId" in parameters and number and not (number.isdigit() and 1 <= int(number) <= _MOST_PARTS):
        return Refusal("InvalidArgument", f"Part number must be an integer between 1 and {_MOST_PARTS}, inclusive")
    return None
