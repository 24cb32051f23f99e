"""The JSON protocol of AWS services over HTTP, signed by Signature Version 4: as much as the API needs of it.

boto3 takes half a second of a start and milliseconds of each call; a recommendation has neither.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
"""

import hashlib
import hmac
import json
import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mlops.errors.base import ServiceUnavailable

if TYPE_CHECKING:
    from obstore.store import S3Credential

_RENEW = timedelta(minutes=5)  # before credentials expire
_FIRST_PAUSE = 0.02  # seconds before a call is tried again; doubled each time, of which a random part is waited
_LONGEST_PAUSE = 1.0
_OK, _SERVER = 200, 500
# Refusals of a call that may go well a moment later.
_TRANSIENT = (
    "InternalServerError",
    "ItemCollectionSizeLimitExceededException",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
)

type Credentials = Callable[[], "S3Credential"]


class JsonService:
    """Calls a service, from any thread, over connections that are kept open.

    Region, endpoint and, unless `credentials` gives them, credentials come from the ordinary AWS variables.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        credentials: Credentials | None,
        *,
        service: str,
        target: str,
        content_type: str,
        failure: type[ServiceUnavailable],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._service, self._target, self._content_type, self._failure = service, target, content_type, failure
        self._environ = environ
        self._find_credentials = credentials or self._read_variables
        self._now = now
        self._sleep = sleep
        self._region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or "us-east-1"
        given = environ.get(f"AWS_ENDPOINT_URL_{service.upper()}") or environ.get("AWS_ENDPOINT_URL")
        suffix = "amazonaws.com.cn" if self._region.startswith("cn-") else "amazonaws.com"
        address = urlsplit(given or f"https://{service}.{self._region}.{suffix}")
        self._host, self._port, self._is_secure = address.hostname or "", address.port, address.scheme == "https"
        self._authority = address.netloc
        self._idle: list[HTTPConnection] = []
        self._credentials: S3Credential | None = None

    def call(self, operation: str, body: Mapping[str, Any], patience: float) -> dict[str, Any]:
        """The answer to an operation such as "Query", tried again for `patience` seconds where that may help.

        Raises `failure`, with the service's own reason where it gave one.
        """
        content = json.dumps(body, separators=(",", ":")).encode()
        until, pause = time.monotonic() + patience, _FIRST_PAUSE
        while True:
            reason, answer = self._try(operation, content, max(0.05, until - time.monotonic()))
            if answer is not None:
                return answer
            wait = pause * int.from_bytes(os.urandom(2)) / 65_536
            if time.monotonic() + wait >= until:
                raise self._failure(operation, reason)
            self._sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _try(self, operation: str, content: bytes, timeout: float) -> tuple[str, dict[str, Any] | None]:
        """The answer, or None and why a later try may give one. Raises `failure` where none will."""
        try:
            status, text = self._send(operation, content, timeout)
        except (OSError, HTTPException) as error:
            return f"{type(error).__name__}: {error}", None
        try:
            document: dict[str, Any] = json.loads(text)
        except ValueError:
            document = {}
        if status == _OK:
            return "", document
        kind = str(document.get("__type", "")).rpartition("#")[2]
        reason = f"{status} {kind}: {document.get('message') or document.get('Message') or ''}"
        if kind == "ExpiredTokenException":
            self._credentials = None
        elif status < _SERVER and kind not in _TRANSIENT:
            raise self._failure(operation, reason)
        return reason, None

    def _send(self, operation: str, content: bytes, timeout: float) -> tuple[int, bytes]:
        headers = self.sign(operation, content)
        try:
            connection = self._idle.pop()
        except IndexError:
            kind = HTTPSConnection if self._is_secure else HTTPConnection
            connection = kind(self._host, self._port, timeout=timeout)
        if connection.sock:
            connection.sock.settimeout(timeout)
        try:
            connection.request("POST", "/", content, headers)
            answer = connection.getresponse()
            text = answer.read()
        except BaseException:
            connection.close()
            self._idle.clear()  # the others are as old: a server that left has left them too
            raise
        self._idle.append(connection)
        return answer.status, text

    def sign(self, operation: str, content: bytes) -> dict[str, str]:
        """The headers of a request."""
        credentials = self._current()
        moment = self._now().strftime("%Y%m%dT%H%M%SZ")
        target = f"{self._target}.{operation}"
        token = credentials.get("token")
        headers = {"content-type": self._content_type, "host": self._authority, "x-amz-date": moment}
        if token:
            headers["x-amz-security-token"] = token
        headers["x-amz-target"] = target
        signed = ";".join(headers)
        canonical = "\n".join(
            ("POST", "/", "", *(f"{name}:{value}" for name, value in headers.items()), "", signed, _digest(content))
        )
        scope = f"{moment[:8]}/{self._region}/{self._service}/aws4_request"
        text = "\n".join(("AWS4-HMAC-SHA256", moment, scope, _digest(canonical.encode())))
        key = b"AWS4" + credentials["secret_access_key"].encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        name = credentials["access_key_id"]
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={name}/{scope}, SignedHeaders={signed}, Signature={signature}"
        )
        return headers

    def _current(self) -> "S3Credential":
        kept = self._credentials
        expires = kept.get("expires_at") if kept else None
        if kept is None or (expires is not None and expires - _RENEW < self._now()):
            kept = self._credentials = self._find_credentials()
        return kept

    def _read_variables(self) -> "S3Credential":
        try:
            return {
                "access_key_id": self._environ["AWS_ACCESS_KEY_ID"],
                "secret_access_key": self._environ["AWS_SECRET_ACCESS_KEY"],
                "token": self._environ.get("AWS_SESSION_TOKEN"),
                "expires_at": None,
            }
        except KeyError as error:
            raise OSError(f"there are no credentials: {error.args[0]} is not set") from None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
