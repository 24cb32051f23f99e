"""What a client signs its requests with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Keys:
    """An access key, its secret, and the token of a session."""

    access_key: str = "localaws"
    secret_key: str = "localaws"  # noqa: S105 (no secret: the account's own keys aren't verified)
    token: str = "localaws"  # noqa: S105
