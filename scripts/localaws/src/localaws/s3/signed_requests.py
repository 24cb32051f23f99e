"""Requests to S3 that are signed, and the texts that their signatures are of.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlsplit

from botocore.auth import HmacV1Auth


@dataclass(frozen=True)
class SignedRequest:
    """A request as it came: `path` and `query` aren't decoded, names of `headers` are in small letters.

    `bucket` is the one that the host names, in front of the path; empty if the path names it.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    bucket: str
    content: Callable[[], bytes]

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The query, decoded."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


def canonical_request(request: SignedRequest, names: list[str], digest: str) -> str:
    """What a signature of version 4 is of: the request with the headers of these names, and its content's digest."""
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
    pairs = sorted(
        (_encoded(name, ""), _encoded(value, ""))
        for name, _, value in (part.partition("=") for part in request.query.split("&") if part)
        if name != "X-Amz-Signature"
    )
    query = "&".join(f"{name}={value}" for name, value in pairs)
    return "\n".join((request.method, _encoded(request.path, "/"), query, headers, ";".join(names), digest))


def string_of_version_2(request: SignedRequest, token: str, expires: str | None, auth: HmacV1Auth) -> str:
    """What a signature of version 2 is of."""
    headers = {name: value.strip() for name, value in request.headers.items() if name.startswith("x-amz-")}
    if token:
        headers["x-amz-security-token"] = token
    date = "" if "x-amz-date" in headers else request.headers.get("date", "")
    first = (request.headers.get("content-md5", ""), request.headers.get("content-type", ""), expires or date)
    given = [f"{name}:{value}" for name, value in sorted(headers.items())]
    resource = f"/{request.bucket}{request.path}" if request.bucket else request.path
    if resource.count("/") == 1 and resource != "/":
        # botocore signs so for a bucket, and S3 takes it.
        resource += "/"
    path = auth.canonical_resource(urlsplit(f"{request.path}?{request.query}"), auth_path=resource)
    return "\n".join((request.method, *first, *given, path))


def signature(secret: str, scope: str, text: str) -> str:
    """The signature of a text, in version 4."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode("latin-1"), "sha256").hex()


def _encoded(text: str, safe: str) -> str:
    """A part of a URL as it's signed, however the client has encoded it."""
    return quote(unquote_to_bytes(text.encode("latin-1")), safe=f"{safe}-_.~")
