"""The public keys of the issuers of tokens, found by OpenID Connect's discovery.

https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html (timeouts and sizes)
"""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

DISCOVERY = "/.well-known/openid-configuration"
_TIMEOUT = 1.5
_LARGEST = 150_000
# API Gateway keeps keys for two hours.
_KEPT = 7200.0
# How soon keys are fetched again because of a token with an unknown one.
_AGAIN = 5.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Unreachable(Exception):
    """An issuer's discovery document or keys can't be read."""


@dataclass(frozen=True)
class _Known:
    fetched: float
    keys: dict[str, RSAKey]


def is_issuer(url: str) -> bool:
    """Whether a URL can be an issuer's: HTTPS, or HTTP on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def read(url: str) -> bytes:
    """The document at a URL; raises OSError or ValueError."""
    if not is_issuer(url):
        raise ValueError(f"{url} is neither HTTPS nor on this machine")
    with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer:  # noqa: S310 (the scheme was checked)
        content: bytes = answer.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError("the document is too large")
    return content


class Issuers:
    """Fetches each issuer's keys, and keeps them for two hours on local AWS's clock."""

    def __init__(self, now: Callable[[], float], fetch: Callable[[str], bytes] = read) -> None:
        self._now, self._fetch = now, fetch
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}

    def key(self, issuer: str, name: str) -> RSAKey | None:
        """The key of this `kid`, or None. Raises Unreachable."""
        with self._lock:
            known, now = self._known.get(issuer), self._now()
            age = now - known.fetched if known else _KEPT
            if known is None or age >= _KEPT or (name not in known.keys and age >= _AGAIN):
                known = self._known[issuer] = _Known(now, self._fetched(issuer))
            return known.keys.get(name)

    def _fetched(self, issuer: str) -> dict[str, RSAKey]:
        try:
            discovered = json.loads(self._fetch(issuer.rstrip("/") + DISCOVERY))
            published = json.loads(self._fetch(str(discovered["jwks_uri"])))["keys"]
            return {str(key["kid"]): _key(key) for key in published if key.get("kty") == "RSA" and key.get("kid")}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, JoseError) as error:
            raise Unreachable("OIDC discovery endpoint communication error") from error


def _key(published: dict[str, Any]) -> RSAKey:
    """The public part of a key, whatever else an issuer publishes."""
    return RSAKey.import_key({name: published[name] for name in ("kty", "n", "e")})
