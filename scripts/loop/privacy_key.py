"""The PrivacyKey of the local stack."""

import secrets
from pathlib import Path

from loop.secret_file import read_secret

FILE = "privacy-key"


def read_privacy_key(state: Path) -> str:
    """The key in the folder `state`.

    Hashes of users in histories, records and datasets are only equal under one key, so it outlives what `--fresh`
    removes.
    """
    return read_secret(state / FILE, lambda: secrets.token_urlsafe(32))
