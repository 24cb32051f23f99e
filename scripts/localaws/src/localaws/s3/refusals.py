"""Errors by which S3 refuses a request, and what every answer of S3's has.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from flask import Response


@dataclass(frozen=True)
class Refusal:
    """An error of S3's, with its HTTP status and the further elements of its document."""

    code: str
    message: str
    status: int = 400
    details: Mapping[str, str] = field(default_factory=dict)

    def answer(self) -> Response:
        """The error as S3 answers it."""
        request, host = request_id(), host_id()
        elements = {"Code": self.code, "Message": self.message, **self.details, "RequestId": request, "HostId": host}
        inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in elements.items())
        content = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'
        headers = {"x-amz-request-id": request, "x-amz-id-2": host}
        return Response(content, self.status, headers, content_type="application/xml")


def request_id() -> str:
    """A new id of a request."""
    return secrets.token_hex(8).upper()


def host_id() -> str:
    """A new id of a host, as support asks for it."""
    return secrets.token_urlsafe(56)
