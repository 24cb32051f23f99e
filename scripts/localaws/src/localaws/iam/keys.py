"""What a client signs its requests with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Keys:
    """An access key, its secret, and the token of a session."""

    access_key: str = "localaws"
    secret_key: str = "localaws"  # noqa: S105 (no secret: the account's own keys aren't verified)
    token: str = "localaws"  # noqa: S105


# Keys of the account's own that are used with local AWS by convention, each of which is its secret too.
OWN = {key: Keys(key, key, "") for key in ("any", "local", "localaws", "test")}
