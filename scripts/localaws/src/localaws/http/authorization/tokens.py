"""JWT authorizers of HTTP APIs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError

from localaws.http.authorization.issuers import Issuers, Unreachable
from localaws.http.authorization.requirement import FORBIDDEN, UNAUTHORIZED, Asked, Granted, NotAuthorized
from localaws.http.authorization.sources import source_value
from localaws.http.response import Response

# As documented, only algorithms with RSA keys: nothing that a public key could be mistaken for the secret of.
ALGORITHMS = ("RS256", "RS384", "RS512")
_SCHEME = "bearer "


class _Invalid(Exception):
    """A token isn't valid, and why."""


class JwtAuthorizers:
    """Verifies tokens by the keys that their issuers publish."""

    def __init__(self, issuers: Issuers, now: Callable[[], float]) -> None:
        self._issuers, self._now = issuers, now

    def authorize(self, asked: Asked) -> Granted:
        """The claims of a valid token with one of the route's scopes; raises NotAuthorized."""
        authorizer, scopes = asked.requirement.authorizer, asked.requirement.scopes
        token = next((source_value(source, asked.event) for source in authorizer.identity_source or []), None)
        if not token:
            raise _refused(UNAUTHORIZED, "Bearer", "The token is missing.")
        if token[: len(_SCHEME)].lower() == _SCHEME:
            token = token[len(_SCHEME) :].strip()
        try:
            claims = self._verified(token, authorizer.jwt_config or {})
        except _Invalid as problem:
            challenge = f'Bearer scope="{" ".join(scopes)}" error="invalid_token" error_description="{problem}"'
            raise _refused(UNAUTHORIZED, challenge, str(problem)) from None
        granted = [scope for scope in scopes if scope in _scopes(claims)]
        if scopes and not granted:
            lacking = "the token has none of the route's scopes"
            challenge = f'Bearer scope="{" ".join(scopes)}" error="insufficient_scope" error_description="{lacking}"'
            raise _refused(FORBIDDEN, challenge, lacking)
        texts = {name: _text(value) for name, value in claims.items()}
        variables = {f"claims.{name}": value for name, value in texts.items()}
        return Granted({"jwt": {"claims": texts, "scopes": granted or None}}, variables)

    def _verified(self, token: str, configuration: Mapping[str, Any]) -> Mapping[str, Any]:
        issuer = str(configuration.get("Issuer") or configuration.get("issuer") or "")
        try:
            header = jws.extract_compact(token.encode()).headers()
            if header.get("alg") not in ALGORITHMS:
                raise _Invalid("the algorithm of the token's signature isn't supported")
            key = self._issuers.key(issuer, str(header.get("kid") or ""))
            if key is None:
                raise _Invalid("the issuer has no key with the token's kid")
            claims = jwt.decode(token, key, algorithms=list(ALGORITHMS)).claims
        except Unreachable as error:
            raise _Invalid(str(error)) from None
        except (JoseError, UnicodeError, ValueError):
            raise _Invalid("the token or its signature isn't valid") from None
        audience = configuration.get("Audience") or configuration.get("audience") or []
        self._check(claims, issuer, audience)
        return claims

    def _check(self, claims: Mapping[str, Any], issuer: str, audience: list[str]) -> None:
        if claims.get("iss") != issuer:
            raise _Invalid("the token has another issuer")
        given = claims["aud"] if "aud" in claims else claims.get("client_id")
        if not _texts(given) & set(audience):
            raise _Invalid("the token has another audience")
        now = self._now()
        if _number(claims, "exp", now) <= now:
            raise _Invalid("the token has expired")
        if "exp" not in claims:
            raise _Invalid("the token has no expiry")
        if _number(claims, "nbf", 0) > now or _number(claims, "iat", 0) > now:
            raise _Invalid("the token isn't valid yet")


def _refused(response: Response, challenge: str, error: str) -> NotAuthorized:
    headers = [*response.headers, (b"www-authenticate", challenge.encode("latin-1", "replace"))]
    return NotAuthorized(Response(response.status, headers, response.body), error)


def _number(claims: Mapping[str, Any], name: str, missing: float) -> float:
    value = claims.get(name, missing)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Invalid(f"the token's {name} isn't a number")
    return float(value)


def _scopes(claims: Mapping[str, Any]) -> set[str]:
    given = claims["scope"] if "scope" in claims else claims.get("scp")
    return set(given.split()) if isinstance(given, str) else _texts(given)


def _texts(claim: Any) -> set[str]:
    """The texts in a claim that is one, or a list of them."""
    return {each for each in (claim if isinstance(claim, list) else [claim]) if isinstance(each, str)}


def _text(value: Any) -> str:
    """A claim as events have it: numbers and booleans are texts, and lists are in brackets, without commas."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{' '.join(map(_text, value))}]"
    return json.dumps(value, separators=(",", ":"))
