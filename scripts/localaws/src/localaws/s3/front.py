"""What S3 does with every request before moto answers it, and with every answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Request, Response, request
from moto.s3.models import s3_backends
from moto.s3.responses import S3Response
from moto.s3.utils import bucket_name_from_url

from localaws.iam.guard import Guard
from localaws.s3 import cors
from localaws.s3.headers import drop_ignored, is_foreign, refusal
from localaws.s3.refusals import Refusal, host_id, request_id
from localaws.s3.requests import wrong_checksum
from localaws.s3.signatures import signatures_of
from localaws.s3.signed_requests import SignedRequest
from localaws.s3.subresources import is_known

_FORBIDDEN, _NOT_SATISFIABLE = 403, 416
_SIZE = re.compile(rb"<ActualObjectSize>(\d+)</ActualObjectSize>")
_ID = re.compile(rb"<RequestId>([^<]+)</RequestId>")
# The algorithm that moto notes of an object, which is a header of requests only.
_OF_REQUESTS = "x-amz-sdk-checksum-algorithm"


class Front:
    """Refuses operations that moto would take for others, and requests that it would accept, but S3 doesn't.

    `unsupported` answers an operation that local AWS doesn't have.
    """

    def __init__(self, guard: Guard, unsupported: Callable[[Request], Response]) -> None:
        self._account, self._unsupported = guard.account, unsupported
        self._signatures = signatures_of(guard)

    def before(self) -> Response | None:
        """The answer to the current request, if it doesn't need moto."""
        if request.method == "OPTIONS":
            allowed = self._preflight()
            return allowed.answer() if isinstance(allowed, Refusal) else Response()
        if not is_known(request.method, request.path, request.args):
            return self._unsupported(request)
        refused = self._signatures.check(_signed(_bucket_of_host()))
        if refused:
            return refused.answer()
        drop_ignored(request.environ)
        if is_foreign(request.headers, self._account):
            return Refusal("AccessDenied", "Access Denied", _FORBIDDEN).answer()
        refused = refusal(request.method, request.path, request.args, request.headers) or _wrong_content()
        return refused.answer() if refused else None

    def after(self, answer: Response) -> Response:
        """An answer with the headers that S3 adds."""
        if answer.status_code == _FORBIDDEN and not answer.get_data():
            # moto's, for requests that aren't signed.
            answer = Refusal("AccessDenied", "Access Denied", _FORBIDDEN).answer()
        for name in [name for name, _ in answer.headers if name.lower().startswith("access-control-")]:
            del answer.headers[name]
        answer.headers.pop("Vary", None)
        answer.headers.pop(_OF_REQUESTS, None)
        if request.method == "OPTIONS":
            allowed = self._preflight()
            answer.headers.update({} if isinstance(allowed, Refusal) else allowed)
        elif "Origin" in request.headers:
            answer.headers.update(cors.allowed(self._bucket(), dict(request.headers), request.method))
        if "x-amz-request-id" not in answer.headers:
            named = _ID.search(answer.get_data()) if answer.status_code >= 400 else None
            answer.headers["x-amz-request-id"] = named[1].decode() if named else request_id()
        if answer.status_code == _NOT_SATISFIABLE and (size := _SIZE.search(answer.get_data())):
            answer.headers["Content-Range"] = f"bytes */{size[1].decode()}"
        answer.headers.setdefault("x-amz-id-2", host_id())
        return answer

    def _preflight(self) -> dict[str, str] | Refusal:
        named = request.path.strip("/")
        of_object = "/" in named or bool(named and _bucket_of_host())
        return cors.preflight(self._bucket(), dict(request.headers), "OBJECT" if of_object else "BUCKET")

    def _bucket(self) -> Any:
        """The bucket of the current request; None if there's none."""
        name = _bucket_of_host() or request.path.strip("/").partition("/")[0]
        return s3_backends[self._account]["aws"].buckets.get(name)


def _bucket_of_host() -> str:
    """The bucket that the host of the current request names, if it does."""
    named = bucket_name_from_url(request.url) if S3Response.subdomain_based_buckets(request) else None
    return named or ""


def _signed(bucket: str) -> SignedRequest:
    raw = request.environ.get("RAW_URI") or request.environ["PATH_INFO"]
    path, _, query = raw.partition("?")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return SignedRequest(request.method, path, query, headers, bucket, request.get_data)


def _wrong_content() -> Refusal | None:
    """Why S3 refuses the content of the current request, by its checksums."""
    if request.method == "PUT" or "delete" in request.args:
        return wrong_checksum(request.headers, request.get_data)
    return None
