"""Sends requests of integrations: to HTTP endpoints, and to AWS services at the local endpoint."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

Pairs = list[tuple[str, str]]
# What the local endpoint finds the service and the caller by; nothing verifies the signature.
_SIGNATURE = (
    "AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
)
_LONGEST = 29.0
# The name of the sessions in which API Gateway uses roles.
SESSION = "BackplaneAssumeRoleSession"
# The access key of requests in nobody's name, which no policy is looked at for.
ACCOUNTS_OWN = "local"


@dataclass(frozen=True)
class Replied:
    """An integration's reply: `pattern` is what selects its integration response."""

    pattern: str
    headers: Pairs
    body: bytes
    status: int = 200


@dataclass(frozen=True)
class Sent:
    """A request to an HTTP endpoint or an AWS service. `service` is None for an endpoint."""

    verb: str
    url: str
    headers: Pairs
    body: bytes
    service: str | None = None
    access_key: str = ACCOUNTS_OWN


class Fetcher:
    """Sends requests; services are at `endpoint`, such as http://localhost:4566."""

    def __init__(self, endpoint: str, region: str) -> None:
        self._endpoint, self._region = endpoint, region

    def __call__(self, sent: Sent) -> Replied:
        """The reply; raises OSError if there's none."""
        headers = list(sent.headers)
        url = sent.url
        if sent.service is not None:
            url = f"{self._endpoint}{sent.url}"
            signature = _SIGNATURE.format(key=sent.access_key, region=self._region, service=sent.service)
            headers = [pair for pair in headers if pair[0].lower() != "authorization"] + [("Authorization", signature)]
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=_LONGEST)
        try:
            path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            connection.putrequest(sent.verb, path)
            for name, value in headers:
                connection.putheader(name, value.encode("latin-1", "replace"))
            connection.putheader("Content-Length", str(len(sent.body)))
            connection.endheaders(sent.body)
            response = connection.getresponse()
            return Replied(str(response.status), response.getheaders(), response.read(), response.status)
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()
