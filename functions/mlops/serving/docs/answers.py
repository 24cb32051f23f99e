"""JSON documents that are made from the registry: kept for a while, and sent only to who hasn't got them."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from mlops.serving.cache import Cached

# A copy may be kept, but is asked about before it is used: how old it may be is this server's to say.
_CACHE_CONTROL = "no-cache"
_MAX_KEPT = 100  # documents


@dataclass(frozen=True, slots=True)
class _Document:
    content: bytes
    etag: str


class KeptDocuments:
    """Documents by name, each made again once it is `seconds` old."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._kept: dict[str, Cached[_Document]] = {}

    def answer(self, request: Request, name: str, make: Callable[[], bytes]) -> Response:
        """The document, or 304 for a client that has it. Raises what `make` raises.

        May wait for the registry, so it belongs in a thread.
        """
        document = self._find(name, make).get()
        headers = {"etag": document.etag, "cache-control": _CACHE_CONTROL}
        if document.etag in _split_tags(request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        return Response(document.content, headers=headers, media_type="application/json")

    def _find(self, name: str, make: Callable[[], bytes]) -> Cached[_Document]:
        kept = self._kept.get(name)
        if kept is None:
            if len(self._kept) >= _MAX_KEPT:
                self._kept.pop(next(iter(self._kept)), None)
            kept = self._kept.setdefault(name, Cached(lambda: _describe(make()), self._seconds))
        return kept


def _describe(content: bytes) -> _Document:
    return _Document(content, f'"{sha256(content).hexdigest()[:32]}"')


def _split_tags(given: str) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in given.split(",")]
