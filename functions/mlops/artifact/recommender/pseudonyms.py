"""Pseudonyms: in place of a user's id, the keyed hash that records have of it.

A dataset that is made of records has no other ids of users whose ids are private. A version's histories know such a
user by the same hash as one whose id was in the dataset.
"""

import re

_PSEUDONYM = re.compile(r"user-hash:([0-9a-f]{32})")


def make_pseudonym(hashed: bytes) -> str:
    """The text that stands for a user with this hash [16 bytes]."""
    return f"user-hash:{hashed.hex()}"


def read_pseudonym(user: str) -> bytes | None:
    """The hash that a user's id is the pseudonym of; None for any other id."""
    found = _PSEUDONYM.fullmatch(user)
    return bytes.fromhex(found[1]) if found else None
