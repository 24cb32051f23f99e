"""A request's body as its headers describe it: its type is checked, its bytes are counted, and gzip is unpacked."""

import zlib
from typing import Protocol

from starlette.requests import Request

from mlops.errors.serving import BodyTooLarge, BodyUnreadable, ContentCodingUnsupported, MediaTypeUnsupported

# RFC 9110 8.4.1.3: x-gzip is another name for gzip.
_GZIP = ("gzip", "x-gzip")
_UTF8 = ("utf-8", "utf8", "us-ascii")
_GZIP_WINDOW = 31  # zlib's word for a gzip header and the largest window
_PIECE = 16_384  # bytes given to zlib at once: it copies what a member leaves over
MAX_MEMBERS = 1_000  # of a gzip body; a packer that splits its input makes one in 64 KB


class BodyTypes(Protocol):
    """Whoever reads a body: the media types that it reads, and whether a request must name one."""

    media_types: tuple[str, ...]
    requires_media_type: bool


async def read_body(request: Request, reader: BodyTypes, limit: int) -> bytes:
    """The body, unpacked. `limit` is how many bytes it may have, as it was sent and unpacked.

    Raises MediaTypeUnsupported, ContentCodingUnsupported and BodyTooLarge, all before the body is read if possible, and
    BodyUnreadable for gzip that is broken. A body in chunks has no announced length: it is read up to the limit.
    """
    headers = _Headers(request)
    _check_media_type(headers.media_type, reader)
    packed = _is_packed(headers.codings)
    announced = headers.length
    if announced.isascii() and announced.isdigit() and (len(announced) > len(str(limit)) or int(announced) > limit):
        raise BodyTooLarge("bytes", limit)
    unpacker = _Unpacker(limit) if packed else None
    body = bytearray()
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > limit:
            raise BodyTooLarge("bytes", limit)
        if unpacker is None:
            body += chunk
        else:
            unpacker.take(chunk)
    return bytes(body) if unpacker is None else unpacker.finish()


class _Headers:
    """What headers say of a body, found in one pass: each look into Starlette's headers goes through all of them."""

    def __init__(self, request: Request) -> None:
        self.media_type: str | None = None
        self.codings: list[str] = []
        self.length = ""
        for name, value in request.scope["headers"]:
            if name == b"content-type":
                if self.media_type is None:
                    self.media_type = value.decode("latin-1")
            elif name == b"content-encoding":
                self.codings.append(value.decode("latin-1"))
            elif name == b"content-length":
                self.length = self.length or value.decode("latin-1")


def _check_media_type(given: str | None, reader: BodyTypes) -> None:
    if given is None and not reader.requires_media_type:
        return
    media_type, _, parameters = (given or "").partition(";")
    accepted = media_type.strip().lower() in reader.media_types
    if not accepted or not all(_keeps_utf8(each) for each in parameters.split(";")):
        raise MediaTypeUnsupported(given, reader.media_types)


def _keeps_utf8(parameter: str) -> bool:
    """Whether a parameter of a media type leaves it UTF-8."""
    name, _, value = parameter.partition("=")
    return name.strip().lower() != "charset" or value.strip().strip('"').lower() in _UTF8


def _is_packed(given: list[str]) -> bool:
    """Whether the body is gzip. Raises ContentCodingUnsupported for another coding, or for several."""
    if not given:
        return False
    named = [coding.strip().lower() for coding in ",".join(given).split(",")]
    codings = [coding for coding in named if coding not in ("", "identity")]
    if len(codings) > 1 or any(coding not in _GZIP for coding in codings):
        raise ContentCodingUnsupported(", ".join(given))
    return bool(codings)


class _Unpacker:
    """Unpacks gzip as it arrives, and stops at the first byte above the limit: a bomb is never unpacked whole."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._content = bytearray()
        self._member = zlib.decompressobj(_GZIP_WINDOW)
        self._members = 0
        # Whether the last member isn't whole yet, or there has been none.
        self._is_open = True

    def take(self, packed: bytes) -> None:
        """Unpack the next bytes. Raises BodyTooLarge or BodyUnreadable."""
        for start in range(0, len(packed), _PIECE):
            self._take(packed[start : start + _PIECE])

    def finish(self) -> bytes:
        """The whole content. Raises BodyUnreadable if the last member has no end."""
        if self._is_open:
            raise BodyUnreadable("it ends before its end mark", "gzip")
        return bytes(self._content)

    def _take(self, piece: bytes) -> None:
        while piece:
            self._is_open = True
            try:
                self._content += self._member.decompress(piece, self._limit - len(self._content) + 1)
            except zlib.error as error:
                raise BodyUnreadable(str(error), "gzip") from None
            if len(self._content) > self._limit:
                raise BodyTooLarge("bytes unpacked", self._limit)
            if not self._member.eof:
                return
            piece = self._member.unused_data
            self._start_member()

    def _start_member(self) -> None:
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise BodyUnreadable(f"it has more than {MAX_MEMBERS:,} members", "gzip")
        self._member = zlib.decompressobj(_GZIP_WINDOW)
        self._is_open = False
