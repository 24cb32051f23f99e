"""A request's body: of a type that its path takes, and no longer than the limit. Both are told before it is read."""

from starlette.requests import Request

from mlops.errors import BodyTooLarge, MediaTypeUnsupported
from mlops.serving.protocols.protocol import ProtocolOfClients

_UTF8 = ("utf-8", "utf8", "us-ascii")


async def read_body(request: Request, protocol: ProtocolOfClients, limit: int) -> bytes:
    """The body. Raises MediaTypeUnsupported, and BodyTooLarge above `limit` bytes."""
    _check_type(request.headers.get("content-type"), protocol)
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and (len(announced) > len(str(limit)) or int(announced) > limit):
        raise BodyTooLarge("bytes", limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise BodyTooLarge("bytes", limit)
    return bytes(body)


def _check_type(given: str | None, protocol: ProtocolOfClients) -> None:
    if given is None and not protocol.requires_media_type:
        return
    media_type, _, parameters = (given or "").partition(";")
    accepted = media_type.strip().lower() in protocol.media_types
    if not accepted or not all(_is_harmless(each) for each in parameters.split(";")):
        raise MediaTypeUnsupported(given, protocol.media_types)


def _is_harmless(parameter: str) -> bool:
    """Whether a parameter of a media type leaves it UTF-8."""
    name, _, value = parameter.partition("=")
    return name.strip().lower() != "charset" or value.strip().strip('"').lower() in _UTF8
