"""Style sheet and scripts: each under a path that has the digest of its content, so that browsers may keep it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

_STATIC = Path(__file__).parent / "static"
_PAGES = Path(__file__).parents[1] / "pages"
_REPORT = Path(__file__).parents[1] / "monitoring" / "report"
# What each file is made of, in this order.
_PARTS = {
    "console.css": (_PAGES / "look.css", _REPORT / "report.css", _STATIC / "console.css"),
    "console.js": (_STATIC / "console.js",),
    "htmx.js": (_STATIC / "htmx.min.js",),
    "icon.svg": (_STATIC / "icon.svg",),
}
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_NOT_FOUND = 404


@dataclass(frozen=True)
class Asset:
    """A file as it's served."""

    content: bytes
    media_type: str
    digest: str


class Assets:
    """The files by name, read once."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._files = {name: _read(name, parts) for name, parts in _PARTS.items()}
        self.router = APIRouter()
        self.router.add_api_route(f"{root}/{{digest}}/{{name}}", self._serve, response_model=None)

    def path_of(self, name: str) -> str:
        """The path of a file's present content."""
        return f"{self._root}/{self._files[name].digest}/{name}"

    def _serve(self, digest: str, name: str) -> Response:
        found = self._files.get(name)
        if found is None or found.digest != digest:
            raise HTTPException(_NOT_FOUND)
        headers = {"cache-control": "public, max-age=31536000, immutable"}
        return Response(found.content, headers=headers, media_type=found.media_type)


def _read(name: str, parts: tuple[Path, ...]) -> Asset:
    content = b"\n".join(part.read_bytes() for part in parts)
    return Asset(content, _TYPES[Path(name).suffix], hashlib.sha256(content).hexdigest()[:16])
