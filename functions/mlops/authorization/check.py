"""The decision about a request: who asks, and whether they may."""

import base64
import binascii
import threading
import time
from collections.abc import Callable

from mlops.authorization.grants import Grant
from mlops.authorization.keys import digest, is_well_formed
from mlops.authorization.needs import Need
from mlops.authorization.tokens import is_token
from mlops.errors.authorization import NotAuthenticated, NotPermitted

# Seconds for which a grant is believed: a revoked key is refused after them at the latest.
KEPT = 30.0
_MOST_KEPT = 10_000
_LAST_USE = 3600  # seconds; a key's last use is written this often at most


class Checker:
    """Finds the grant of a key by `find`, and that of a token by `verify`, which may raise, and decides.

    `touch` writes down that a key was used. Without `verify` no token is taken.

    It can be used from several threads. Only grants that were found are kept in memory, so that a new key can be used
    at once, and nobody can fill the memory with keys that don't exist.
    """

    def __init__(
        self,
        find: Callable[[str], Grant | None],
        touch: Callable[[Grant, int], None],
        verify: Callable[[str], Grant] | None = None,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._find, self._touch, self._verify, self._now = find, touch, verify, now
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, Grant]] = {}

    def reads(self, key: str | None) -> bool:
        """Whether `check` asks `find` or `verify` for a key: it can be one, and isn't in memory."""
        return key is not None and self._kept_grant(digest(key)) is None and self._can_be_one(key)

    def check(self, key: str | None, need: Need) -> Grant:
        """The grant that allows a request. Raises NotAuthenticated or NotPermitted, and what `find` raises."""
        grant = self.identify(key)
        for scope in (need.scope, *need.also):
            if scope not in grant.scopes:
                raise NotPermitted(f"it needs the scope {scope}, and the key {grant.name!r} hasn't got it")
        if grant.models and need.model not in grant.models:
            raise NotPermitted(f"the key {grant.name!r} is for other models")
        return grant

    def identify(self, key: str | None) -> Grant:
        """The grant of a key or token that stands. Raises NotAuthenticated, and what `find` and `verify` raise."""
        if key is None:
            raise NotAuthenticated("there is no key")
        wanted = digest(key)
        grant = self._kept_grant(wanted)
        if grant is None:
            if not self._can_be_one(key):
                raise NotAuthenticated("the key is incomplete or mistyped")
            grant = self._verified(key, self._verify) if self._verify and is_token(key) else self._looked_up(wanted)
        if grant is None or not grant.stands_at(self._now()):
            raise NotAuthenticated("the key is unknown, revoked or expired")
        return grant

    def _can_be_one(self, key: str) -> bool:
        return is_well_formed(key) or (self._verify is not None and is_token(key))

    def _kept_grant(self, wanted: str) -> Grant | None:
        found = self._kept.get(wanted)
        # By the time of day, which goes on while Lambda has frozen the process, or a snapshot lies in store.
        return found[1] if found and 0 <= self._now() - found[0] < KEPT else None

    def _looked_up(self, wanted: str) -> Grant | None:
        grant = self._find(wanted)
        if grant is None:
            return None
        self._keep(grant)
        now = int(self._now())
        if grant.stands_at(now) and (grant.last_used is None or grant.last_used + _LAST_USE < now):
            self._touch(grant, now)
        return grant

    def _verified(self, token: str, verify: Callable[[str], Grant]) -> Grant:
        grant = verify(token)
        self._keep(grant)
        return grant

    def _keep(self, grant: Grant) -> None:
        with self._lock:
            self._kept.pop(grant.digest, None)
            while len(self._kept) >= _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[grant.digest] = (self._now(), grant)


def given_key(authorization: str | None) -> str | None:
    """The key or token in a header: `Authorization: Bearer KEY`, or the password of `Basic`; None without the header.

    There's no other header for it: API Gateway's authorizers cache by headers that each request must have.
    """
    if authorization is None:
        return None
    scheme, _, rest = authorization.strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
