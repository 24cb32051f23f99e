"""API keys: how they are made, and what is stored of them.

A key is `mlops_`, 160 random bits and a checksum. The checksum is no secret: it lets a truncated or mistyped key be
refused before anything is read. Only the SHA-256 of a key is stored, which can't be turned back into 160 random bits.
"""

import base64
import hashlib
import hmac
import re
import secrets

PREFIX = "mlops_"
_RANDOM_BYTES = 20
_CHECKSUM = 6
_FORM = re.compile(rf"{PREFIX}([a-z2-7]{{32}})([a-z2-7]{{{_CHECKSUM}}})")


def new_key() -> str:
    """A new key."""
    body = base64.b32encode(secrets.token_bytes(_RANDOM_BYTES)).decode().lower()
    return f"{PREFIX}{body}{_checksum(body)}"


def is_well_formed(text: str) -> bool:
    """Whether a text can be a key: its form and its checksum are right."""
    found = _FORM.fullmatch(text)
    return found is not None and hmac.compare_digest(_checksum(found[1]), found[2])


def digest(key: str) -> str:
    """What is stored in place of a key: its SHA-256, in hexadecimal digits."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def _checksum(body: str) -> str:
    return base64.b32encode(hashlib.sha256(f"{PREFIX}{body}".encode()).digest()).decode().lower()[:_CHECKSUM]
