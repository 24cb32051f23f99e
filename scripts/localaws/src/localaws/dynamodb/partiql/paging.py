"""Where a page of a SELECT ends: NextToken.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localaws.dynamodb.errors import InvalidRequest

Request = Mapping[str, Any]


@dataclass(frozen=True)
class Position:
    """The search that a page begins in, and the key after which it begins; None for the search's first item."""

    search: int = 0
    key: Mapping[str, Any] | None = None

    def after(self, page: Mapping[str, Any], searches: int) -> Position | None:
        """Where the next page begins after one of a search, which is one of `searches`; None if there's none."""
        if page.get("LastEvaluatedKey"):
            return Position(self.search, page["LastEvaluatedKey"])
        return Position(self.search + 1) if self.search + 1 < searches else None


def token_of(position: Position, request: Request) -> str:
    """The token of the page that begins at a position."""
    content = [_digest(request), position.search, position.key]
    return base64.b64encode(json.dumps(content, default=_binary).encode()).decode()


def position_of(request: Request) -> Position:
    """Where the page begins that a request asks for; raises InvalidRequest if its token isn't one for it."""
    token = request.get("NextToken")
    if token is None:
        return Position()
    try:
        digest, search, key = json.loads(base64.b64decode(token, validate=True), object_hook=_from_binary)
    except (ValueError, TypeError):
        raise InvalidRequest("Invalid NextToken") from None
    if digest != _digest(request):
        raise InvalidRequest("NextToken does not match request")
    return Position(search, key)


def _digest(request: Request) -> str:
    asked = [request["Statement"], request.get("Parameters") or []]
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=_binary).encode()).hexdigest()


def _binary(content: bytes) -> dict[str, str]:
    return {"bytes": base64.b64encode(content).decode()}


def _from_binary(found: dict[str, Any]) -> Any:
    return base64.b64decode(found["bytes"]) if set(found) == {"bytes"} else found
