"""A session: who is signed in, as a cookie that only this function can write."""

import base64
import hmac
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from dataclasses import fields as dataclass_fields
from typing import Self

COOKIE = "mlops_console"
IDLE, LONGEST = 3600, 12 * 3600
"""Seconds after which a session ends: without a page, and however much it's used; a token's may end sooner."""
_ID_BYTES = 16


@dataclass(frozen=True)
class Session:
    """Who is signed in, until when (epoch seconds), and what they may do.

    `key` is the digest of the key that they signed in with, None for a link or a token. No `models` means all of them.
    However often it's renewed, it's over at `ends`.
    """

    id: str
    name: str
    scopes: frozenset[str]
    models: frozenset[str]
    key: str | None
    started: int
    until: int
    ends: int

    @classmethod
    def begin(
        cls,
        name: str,
        scopes: Collection[str],
        models: Collection[str] = (),
        *,
        now: int,
        key: str | None = None,
        expires: int | None = None,
    ) -> Self:
        """A new session, over when what its owner signed in with `expires`, if it does."""
        identity = secrets.token_urlsafe(_ID_BYTES)
        ends = now + LONGEST if expires is None else min(now + LONGEST, expires)
        return cls(identity, name, frozenset(scopes), frozenset(models), key, now, min(now + IDLE, ends), ends)

    @classmethod
    def read(cls, cookie: str, secret: bytes, now: int) -> Self | None:
        """The session in a cookie; None if this function didn't sign it, or its time is over."""
        body, _, signature = cookie.partition(".")
        if not _same(_sign(secret, "session", body), signature):
            return None
        fields = json.loads(base64.urlsafe_b64decode(body))
        # An earlier release may have signed other fields.
        if fields.keys() != {field.name for field in dataclass_fields(cls)}:
            return None
        session = cls(**{**fields, **{name: frozenset(fields[name]) for name in ("scopes", "models")}})
        return session if now < session.until else None

    def write(self, secret: bytes) -> str:
        """The cookie: the fields, which its holder may read, and the signature."""
        fields = {**self.__dict__, "scopes": sorted(self.scopes), "models": sorted(self.models)}
        body = base64.urlsafe_b64encode(json.dumps(fields, separators=(",", ":")).encode()).decode()
        return f"{body}.{_sign(secret, 'session', body)}"

    def renewed(self, now: int) -> Self:
        """The same session, longer by the time since its last page, up to its end."""
        return replace(self, until=min(now + IDLE, self.ends))

    def form_token(self, secret: bytes) -> str:
        """What each form of this session has in it: another site can't know it."""
        return _sign(secret, "form", self.id)

    def sent(self, token: str, secret: bytes) -> bool:
        """Whether a form's token is this session's."""
        return _same(self.form_token(secret), token)

    def may(self, scope: str) -> bool:
        """Whether the session has a scope."""
        return scope in self.scopes

    def sees(self, model: str) -> bool:
        """Whether the session is for a model."""
        return not self.models or model in self.models


def _same(first: str, second: str) -> bool:
    """Compare in a time that doesn't depend on where they differ."""
    return hmac.compare_digest(first.encode("utf-8", "surrogatepass"), second.encode("utf-8", "surrogatepass"))


def _sign(secret: bytes, purpose: str, text: str) -> str:
    return hmac.digest(secret, f"{purpose}:{text}".encode("utf-8", "surrogatepass"), "sha256").hex()
