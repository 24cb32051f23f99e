"""Compressed bodies of requests, which API Gateway unpacks.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-make-request-with-compressed-payload.html
"""

from __future__ import annotations

import zlib

from localaws.rest.gateway_responses import Refused

# What zlib is asked for: a gzip member, or a zlib stream.
_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


def unpacked(body: bytes, coding: str, limit: int) -> bytes:
    """The body without its content coding, of at most `limit` bytes.

    Raises Refused for another coding than gzip, deflate and identity, and for a body that isn't what its coding says.
    """
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return body
    if coding not in _WINDOWS:
        raise Refused("UNSUPPORTED_MEDIA_TYPE")
    unpacker = zlib.decompressobj(_WINDOWS[coding])
    try:
        content = unpacker.decompress(body, limit + 1)
    except zlib.error:
        raise Refused("UNSUPPORTED_MEDIA_TYPE") from None
    if len(content) > limit:
        raise Refused("REQUEST_TOO_LARGE")
    if not unpacker.eof:
        raise Refused("UNSUPPORTED_MEDIA_TYPE")
    return content
