"""The OpenAPI document of an API: its operations and API Gateway's extensions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ANY = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"
_METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put", "trace", ANY})


def operations(body: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Each operation with its path and method; other keys of a path, such as its summary, are skipped."""
    for path, item in (body.get("paths") or {}).items():
        for method, operation in item.items() if isinstance(item, Mapping) else ():
            if method in _METHODS:
                yield path, method, operation if isinstance(operation, Mapping) else {}


def has_no_route(path: str) -> bool:
    """Whether API Gateway makes no route for a path, since route keys can't end in a slash."""
    return path.endswith("/") and path != "/"
