"""One-time links: whoever opens one first is signed in as the one that it was made for."""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self

PREFIX = "link:"
MINUTES = 60
"""How long a link can be used."""
_TOKEN_BYTES = 32


@dataclass(frozen=True)
class Link:
    """Whom a link signs in, with which scopes, and until when it can be used, in epoch seconds."""

    name: str
    scopes: frozenset[str]
    expires: int

    @classmethod
    def of_item(cls, item: Mapping[str, Any]) -> Self:
        """The link in an item of the sessions' table, in DynamoDB's typed form."""
        return cls(item["name"]["S"], frozenset(item["scopes"]["SS"]), int(item["expires"]["N"]))


def new_link(name: str, scopes: Collection[str], now: int) -> tuple[str, dict[str, Any]]:
    """A link's token, and its item: the token itself is stored nowhere."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    item = {
        "id": {"S": link_id(token)},
        "name": {"S": name},
        "scopes": {"SS": sorted(scopes)},
        "expires": {"N": str(now + MINUTES * 60)},
    }
    return token, item


def link_id(token: str) -> str:
    """The id of the item of a token."""
    return PREFIX + hashlib.sha256(token.encode()).hexdigest()
