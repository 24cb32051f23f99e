"""Keeps the case of the names of request headers, which functions of REST APIs see; uvicorn lower-cases them."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# The member of an ASGI scope with the names as they came, in the order of the headers.
NAMES = "localaws.header_names"


class HeaderNamesProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which adds the names as they came to the scope."""

    def on_header(self, name: bytes, value: bytes) -> None:
        """Handle one header."""
        scope: Any = self.scope
        scope.setdefault(NAMES, []).append(name)
        super().on_header(name, value)
