"""What a client is answered beyond a limit of the server, and what is logged and counted of it."""

from dataclasses import dataclass
from http import HTTPStatus

from aws_lambda_powertools.logging import Logger
from pydantic_core import to_json

from mlops.serving.problems import MEDIA_TYPE
from mlops.telemetry import emit_metrics

RETRY_SECONDS = 1
_NO_MODEL = "unknown"  # nothing of the request was read that could name one


@dataclass(frozen=True)
class Refusal:
    """The answer to a request that no route has seen: a status, the problem document, and the metric that counts it."""

    status: HTTPStatus
    kind: str
    title: str
    detail: str
    metric: str

    @property
    def headers(self) -> dict[str, str]:
        """The answer's headers; a server that is busy says when to try again."""
        retry = {"retry-after": str(RETRY_SECONDS)} if self.status == HTTPStatus.SERVICE_UNAVAILABLE else {}
        return {"content-type": MEDIA_TYPE, "connection": "close", **retry}

    @property
    def body(self) -> bytes:
        """The problem document (RFC 9457)."""
        kind = f"urn:mlops:problem:{self.kind}"
        return to_json({"type": kind, "title": self.title, "status": self.status.value, "detail": self.detail})

    def to_http(self) -> bytes:
        """The answer as it goes over a connection."""
        body = self.body
        fields = {**self.headers, "content-length": str(len(body))}
        lines = [f"HTTP/1.1 {self.status.value} {self.status.phrase}", *(f"{k}: {v}" for k, v in fields.items())]
        return "\r\n".join([*lines, "", ""]).encode() + body


TOO_MANY_CONNECTIONS = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "overloaded",
    "The server is busy",
    "It has as many connections as it takes. Try again in a second.",
    "Overloaded",
)
TOO_MANY_BYTES = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "overloaded",
    "The server is busy",
    "The requests that it is reading are as large as it takes. Try again in a second.",
    "Overloaded",
)
HEADERS_TOO_SLOW = Refusal(
    HTTPStatus.REQUEST_TIMEOUT,
    "request-too-slow",
    "The request came too slowly",
    "Its headers didn't arrive in time.",
    "RequestTooSlow",
)
BODY_TOO_SLOW = Refusal(
    HTTPStatus.REQUEST_TIMEOUT,
    "request-too-slow",
    "The request came too slowly",
    "Its body didn't arrive in time, or too few bytes of it a second.",
    "RequestTooSlow",
)
HEADERS_TOO_LARGE = Refusal(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "headers-too-large",
    "The request's headers are too large",
    "Send fewer or shorter headers, or a shorter path.",
    "HeadersTooLarge",
)


class RefusalLog:
    """Writes one log line and counts one metric for each refusal."""

    def __init__(self, logger: Logger) -> None:
        self._logger = logger

    def refused(self, refusal: Refusal) -> None:
        """A request was refused, or a connection closed before there was one."""
        extra = {"record": "overload", "status": refusal.status.value, "reason": refusal.detail}
        self._logger.warning("connection refused", extra=extra)
        emit_metrics(_NO_MODEL, {refusal.metric: (1, "Count")})
