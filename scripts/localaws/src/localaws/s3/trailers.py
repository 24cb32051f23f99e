"""Contents that are sent in chunks, with their checksum behind them.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

from __future__ import annotations

import io


def dechunked(body: bytes) -> tuple[bytes, dict[str, str]]:
    """The content of a body in aws-chunked encoding, and its trailing headers in lower case."""
    stream, content = io.BytesIO(body), bytearray()
    while size := int(stream.readline().partition(b";")[0].strip() or b"0", 16):
        content += stream.read(size)
        stream.readline()
    lines = (line.decode().partition(":") for line in stream.read().splitlines() if b":" in line)
    return bytes(content), {name.strip().lower(): value.strip() for name, _, value in lines}
