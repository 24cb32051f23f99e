"""Tokens of an issuer (JWT, RFC 7519): what one grants, if its signature and its claims are right.

A token says who asks (`sub`), for whom it is (`aud`, or `client_id` where the issuer writes no audience, as Cognito's
access tokens), what may be done (`scope`, names with spaces between, or `scp`, a list), and until when (`exp`). The
claim `models`, a list of names, makes it one for these models alone.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from mlops.authorization.grants import SCOPES, Grant
from mlops.authorization.keys import digest
from mlops.errors.authorization import NotAuthenticated

if TYPE_CHECKING:
    from joserfc.jwk import Key

# Signatures by a private key alone: nobody can sign with what the issuer publishes.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
_LONGEST = 8192  # characters; API Gateway takes 10 KB of headers
_SKEW = 10  # seconds that the issuer's clock may be ahead
_PARTS = 3


@dataclass(frozen=True)
class Trust:
    """Whose tokens are taken: their issuer, the audiences of which they name one, and where the issuer's keys are."""

    issuer: str
    audiences: frozenset[str]
    keys_url: str


class PublicKeys(Protocol):
    """The keys of an issuer."""

    def find(self, key_id: str) -> "Key | None":
        """The key of an id. Raises KeysUnavailable."""
        ...


def is_token(credential: str) -> bool:
    """Whether a credential has the form of a token."""
    return credential.count(".") == _PARTS - 1 and credential.startswith("ey")


class TokenVerifier:
    """Verifies tokens by the issuer's public keys. It can be used from several threads."""

    def __init__(self, trust: Trust, keys: PublicKeys, now: Callable[[], float] = time.time) -> None:
        self._trust, self._keys, self._now = trust, keys, now

    def grant(self, token: str) -> Grant:
        """What a token grants. Raises NotAuthenticated, without a word of the token, and what the keys raise."""
        if len(token) > _LONGEST:
            raise NotAuthenticated("the token is too long")
        # Imported here because most requests have a key, and no API without an issuer needs it.
        from joserfc import jwt
        from joserfc.errors import JoseError

        try:
            found = jwt.decode(token, self._key, algorithms=[*ALGORITHMS])
            claims = found.claims
            jwt.JWTClaimsRegistry(
                now=lambda: int(self._now()),
                leeway=_SKEW,
                iss={"essential": True, "value": self._trust.issuer},
                sub={"essential": True},
                exp={"essential": True},
            ).validate(claims)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            # The library's messages may hold parts of the token.
            raise NotAuthenticated("the token isn't valid") from None
        if not self._trust.audiences & _audiences(claims):
            raise NotAuthenticated("the token is for another audience")
        grant = _read(token, claims)
        if not grant.stands_at(self._now()):
            raise NotAuthenticated("the token is expired")
        return grant

    def _key(self, found: Any) -> "Key":
        """The key that a token's header names."""
        from joserfc.errors import InvalidKeyIdError

        key_id = found.headers().get("kid")
        key = self._keys.find(key_id) if isinstance(key_id, str) else None
        if key is None:
            raise InvalidKeyIdError
        return key


def _audiences(claims: Mapping[str, Any]) -> frozenset[str]:
    given = claims["aud"] if "aud" in claims else claims.get("client_id", [])
    return frozenset(each for each in ([given] if isinstance(given, str) else _texts(given)))


def _read(token: str, claims: Mapping[str, Any]) -> Grant:
    """The grant in claims that are valid. Raises NotAuthenticated if they have another form."""
    name, expires = claims["sub"], claims["exp"]
    given = claims.get("scope", claims.get("scp", ""))
    scopes = given.split() if isinstance(given, str) else _texts(given)
    if not isinstance(name, str) or not isinstance(expires, int | float):
        raise NotAuthenticated("the token isn't valid")
    models = _texts(claims.get("models", []))
    if "models" in claims and not models:
        raise NotAuthenticated("the token is for no model")
    known = frozenset(scope for scope in scopes if scope in SCOPES)
    return Grant(digest(token), name, known, 0, frozenset(models), expires=int(expires), is_token=True)


def _texts(values: Any) -> list[str]:
    """A list of texts. Raises NotAuthenticated for anything else."""
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise NotAuthenticated("the token isn't valid")
    return values
