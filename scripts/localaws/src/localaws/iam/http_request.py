"""A request to the AWS endpoint, as far as IAM looks at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class HttpRequest:
    """A request. Header names are in lower case; `read` returns the body, and may be called often."""

    method: str
    host: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    read: Callable[[], bytes] = field(repr=False)
