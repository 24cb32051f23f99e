"""What a key grants, and its item in KeysTable."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

type Scope = Literal["predict", "explain", "versions", "feedback", "read", "operate"]
SCOPES: tuple[Scope, ...] = get_args(Scope.__value__)
_LOGGED = 128  # characters of a name
_NOT_LOGGED = '"\\'


@dataclass(frozen=True)
class Grant:
    """What is known of a key: times are in epoch seconds; no `models` means all of them.

    `expires`, `revoked` and `last_used` are None if the key never expires, isn't revoked, or wasn't used. A token's
    grant, `is_token`, has no item.
    """

    digest: str
    name: str
    scopes: frozenset[str]
    created: int
    models: frozenset[str] = frozenset()
    expires: int | None = None
    revoked: int | None = None
    last_used: int | None = None
    is_token: bool = False

    @classmethod
    def of_item(cls, item: Mapping[str, Any]) -> Self:
        """The grant in an item, in DynamoDB's typed form."""

        def number(name: str) -> int | None:
            return int(item[name]["N"]) if name in item else None

        return cls(
            digest=item["digest"]["S"],
            name=item["name"]["S"],
            scopes=frozenset(item["scopes"]["SS"]) if "scopes" in item else frozenset(),
            created=number("created") or 0,
            models=frozenset(item["models"]["SS"]) if "models" in item else frozenset(),
            expires=number("expires"),
            revoked=number("revoked"),
            last_used=number("last_used"),
        )

    def item(self) -> dict[str, Any]:
        """The item, in DynamoDB's typed form."""
        sets = {"scopes": self.scopes, "models": self.models}
        numbers = {name: getattr(self, name) for name in ("created", "expires", "revoked", "last_used")}
        return {
            "digest": {"S": self.digest},
            "name": {"S": self.name},
            **{name: {"SS": sorted(values)} for name, values in sets.items() if values},
            **{name: {"N": str(value)} for name, value in numbers.items() if value is not None},
        }

    @property
    def caller(self) -> str:
        """The name as the access log may have it: one line, short, and with nothing that ends a JSON text.

        API Gateway writes it into the log's format as it is, and a token's issuer may let people choose their `sub`.
        """
        return "".join(each if each.isprintable() and each not in _NOT_LOGGED else "?" for each in self.name[:_LOGGED])

    @property
    def owner(self) -> str:
        """Whose requests count together: a key's digest, or whom a token names, however many tokens that one has."""
        return f"token:{self.name}" if self.is_token else self.digest

    def stands_at(self, now: float) -> bool:
        """Whether the key can be used at a time."""
        return self.revoked is None and (self.expires is None or now < self.expires)
