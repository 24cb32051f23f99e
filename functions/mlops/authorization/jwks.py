"""The public keys of an issuer of tokens (JSON Web Key Set, RFC 7517), fetched from its address and kept."""

import base64
import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mlops.errors.authorization import KeysUnavailable

if TYPE_CHECKING:
    from joserfc.jwk import Key

FRESH = 300.0
"""Seconds after which the keys are fetched again."""
STALE = 3600.0
"""Seconds for which they are believed while they can't be fetched."""
PAUSE = 30.0
"""Least seconds between two fetches, so that invented ids of keys cause no flood of them."""
_SECONDS = 3
_MOST_BYTES = 200_000
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_KINDS = ("RSA", "EC")
_LEAST_RSA_BITS = 2048  # RFC 7518, 3.3 and 3.5


def is_keys_url(url: str) -> bool:
    """Whether keys may be fetched from there: by HTTPS, or from this machine."""
    address = urlsplit(url)
    return bool(address.hostname) and (
        address.scheme == "https" or (address.scheme == "http" and address.hostname in _LOOPBACK)
    )


def fetch_keys(url: str) -> bytes:
    """The document at an address; no redirect is followed. Raises OSError without one."""
    address = urlsplit(url)
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    path = f"{address.path or '/'}{f'?{address.query}' if address.query else ''}"
    with closing(kind(address.hostname or "", address.port, timeout=_SECONDS)) as connection:
        try:
            connection.request("GET", path, headers={"accept": "application/json"})
            answer = connection.getresponse()
            content = answer.read(_MOST_BYTES + 1)
        except HTTPException as error:
            raise OSError(f"{url} gives no keys: {error!r}") from error
    if answer.status != HTTPStatus.OK or len(content) > _MOST_BYTES:
        raise OSError(f"{url} gives no keys: status {answer.status}, {len(content):,} bytes")
    return content


class IssuerKeys:
    """The signing keys by id, from any thread; `warn` is called where they can't be fetched again."""

    def __init__(
        self,
        url: str,
        warn: Callable[[str], None],
        *,
        fetch: Callable[[str], bytes] = fetch_keys,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._url, self._warn, self._fetch, self._now = url, warn, fetch, now
        self._lock = threading.Lock()
        self._keys: Mapping[str, Key] = {}
        self._fetched: float | None = None
        self._tried: float | None = None

    def find(self, key_id: str) -> "Key | None":
        """The key of an id. Raises KeysUnavailable if the issuer's keys can't be had."""
        age = self._age(self._fetched)
        if age is None or age > FRESH or key_id not in self._keys:
            self._refresh()
        age = self._age(self._fetched)
        if age is None or age > STALE:
            raise KeysUnavailable("the issuer's keys can't be fetched")
        return self._keys.get(key_id)

    def _refresh(self) -> None:
        with self._lock:
            pause = self._age(self._tried)
            if pause is not None and pause < PAUSE:
                return
            self._tried = self._now()
            try:
                self._keys = _read(self._fetch(self._url))
            except (OSError, ValueError, RecursionError) as error:
                self._warn(f"The keys of the tokens' issuer can't be fetched: {error}")
                return
            self._fetched = self._now()

    def _age(self, moment: float | None) -> float | None:
        """The seconds since a moment; None if it never was, or if the clock was set back behind it."""
        age = None if moment is None else self._now() - moment
        return None if age is None or age < 0 else age


def _read(content: bytes) -> Mapping[str, "Key"]:
    """The keys that verify signatures. Raises ValueError for a document that is no key set."""
    document = json.loads(content)
    entries: Any = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("it's no JSON Web Key Set")
    found: dict[str, Key] = {}
    for entry in entries:
        # Symmetric keys and those for encryption are left out: nothing here may be verified by them.
        if isinstance(entry, dict) and entry.get("kty") in _KINDS and entry.get("use", "sig") == "sig":
            key, key_id = _import(entry), entry.get("kid")
            if key is not None and isinstance(key_id, str):
                found[key_id] = key
    return found


def _import(entry: dict[str, Any]) -> "Key | None":
    """The key; None for one that verifies nothing: this library doesn't know it, or it can be broken."""
    from joserfc.errors import JoseError
    from joserfc.jwk import import_key

    try:
        if entry["kty"] == "RSA" and _count_bits(entry["n"]) < _LEAST_RSA_BITS:
            return None
        return import_key(entry)
    except (JoseError, ValueError, KeyError, TypeError):
        return None


def _count_bits(number: str) -> int:
    """The bits of a number as key sets have it. Raises ValueError or TypeError."""
    return int.from_bytes(base64.urlsafe_b64decode(f"{number}==")).bit_length()
