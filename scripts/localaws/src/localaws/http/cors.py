"""CORS of HTTP APIs and function URLs, answered without the function.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

Headers = list[tuple[bytes, bytes]]
_PREFIX = b"access-control-"


@dataclass(frozen=True)
class Cors:
    """A CORS configuration. Each list may contain `*`; `max_age` is in seconds."""

    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    credentials: bool = False
    max_age: int | None = None

    @classmethod
    def of(cls, configuration: Mapping[str, Any] | None) -> Self | None:
        """Parse a configuration, with keys in any case; None if it's empty."""
        if not configuration:
            return None
        known = {name.lower(): value for name, value in configuration.items()}
        age = known.get("maxage")
        return cls(
            tuple(known.get("alloworigins") or ()),
            tuple(known.get("allowmethods") or ()),
            tuple(known.get("allowheaders") or ()),
            tuple(known.get("exposeheaders") or ()),
            bool(known.get("allowcredentials")),
            None if age is None else int(age),
        )

    def preflight(self, origin: str) -> Headers:
        """The headers of the response to an OPTIONS request from `origin`; none if it isn't allowed."""
        if not self._allows(origin):
            return []
        headers = self._common(origin)
        if self.methods:
            headers.append((b"access-control-allow-methods", ",".join(self.methods).encode("latin-1")))
        if self.headers:
            headers.append((b"access-control-allow-headers", ",".join(self.headers).encode("latin-1")))
        if self.max_age is not None:
            headers.append((b"access-control-max-age", str(self.max_age).encode()))
        return headers

    def applied(self, origin: str | None, headers: Headers) -> Headers:
        """A function's headers with its own CORS headers replaced by the configured ones."""
        kept = [header for header in headers if not header[0].startswith(_PREFIX)]
        if origin is None or not self._allows(origin):
            return kept
        exposed = [(b"access-control-expose-headers", ",".join(self.exposed).encode("latin-1"))] if self.exposed else []
        return [*kept, *self._common(origin), *exposed]

    def _allows(self, origin: str) -> bool:
        wild = [known.removesuffix("*") for known in self.origins if known in ("*", "http://*", "https://*")]
        return origin in self.origins or any(origin.startswith(prefix) for prefix in wild)

    def _common(self, origin: str) -> Headers:
        star = "*" in self.origins and not self.credentials
        headers = [(b"access-control-allow-origin", b"*" if star else origin.encode("latin-1"))]
        if not star:
            headers.append((b"vary", b"origin"))
        if self.credentials:
            headers.append((b"access-control-allow-credentials", b"true"))
        return headers
